#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/data/dataset.h"

namespace brownout {

// Arrays of images and labels, whatever file they come from.

/// Returns the shape of an image in an array of these sizes, (N, ...): pictures without an axis of
/// channels get one. Throws Error naming `place` if there is only N.
Shape shapeOfImages(const std::vector<std::uint64_t>& sizes, const std::string& place);

/// Throws Error naming `place` if a pixel is not a finite number.
void checkFinite(const Dataset::Content& content, const std::string& place);

/// Throws Error naming `place` unless an array of labels has one row for each image and at most two
/// axes.
void checkLabelSizes(const std::vector<std::uint64_t>& sizes, std::uint64_t images,
                     const std::string& place);

/// Returns the classes that rows of `columns` numbers stand for: one number, or the place of the 1
/// among zeros. Throws Error naming `place` and the label.
std::vector<std::int32_t> classesOf(const std::vector<double>& numbers, std::size_t columns,
                                    const std::string& place);

}  // namespace brownout
