#pragma once

#include <cstdint>

#include "inference/data/preprocessing.h"
#include "inference/data/readers/picture.h"

namespace brownout {

/// Returns the size of a picture after the steps' resize.
PixelSize resizedSize(PixelSize size, const Preprocessing& steps);

/// Returns the picture after the steps' resize and crop. Throws Error naming `place` if the resized
/// one were too large.
Picture resizedAndCropped(const std::string& place, Picture picture, const Preprocessing& steps);

/// Resizes a picture with a triangle filter that is widened where it is made smaller (antialiased),
/// first along the rows, then along the columns: Pillow's resize(size, BILINEAR), equal to the bit.
Picture resized(const Picture& picture, PixelSize size);

/// Cuts out the middle, or pads with zeros, as torchvision's CenterCrop does.
Picture centreCropped(const Picture& picture, PixelSize size);

}  // namespace brownout
