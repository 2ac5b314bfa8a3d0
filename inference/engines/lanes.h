#pragma once

#include <cstddef>
#include <vector>

namespace brownout {

/// Puts the elements of some images side by side, as the kernels want them (kernels.h): element e
/// of image i goes to to[e * lanes + i]. There are `lanes` images of `elements` floats.
void toLanes(const std::vector<const float*>& images, std::size_t elements, float* to);

/// Takes the elements of images apart again; there may be fewer images than lanes.
void fromLanes(const float* from, std::size_t lanes, std::size_t elements,
               const std::vector<float*>& images);

}  // namespace brownout
