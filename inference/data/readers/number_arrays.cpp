#include "inference/data/readers/number_arrays.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/numbers.h"

namespace brownout {
namespace {

std::int32_t classOf(const double* row, std::size_t columns, std::size_t i,
                     const std::string& place) {
    const std::string label = "label " + std::to_string(i) + " is ";
    if (columns == 1) {
        if (!(row[0] >= 0 && row[0] <= std::numeric_limits<std::int32_t>::max())) {
            throw Error(place, label + shortestNumber(row[0]));
        }
        if (row[0] != std::floor(row[0])) {
            throw Error(place, label + shortestNumber(row[0]) + ", expected a whole number");
        }
        return static_cast<std::int32_t>(row[0]);
    }
    std::size_t ones = 0;
    std::size_t at = 0;
    for (std::size_t c = 0; c < columns; ++c) {
        if (row[c] == 0) continue;
        ones += row[c] == 1 ? 1 : columns;
        at = c;
    }
    if (ones != 1) {
        throw Error(place, label + "neither a class nor one-hot (a 1 among zeros)");
    }
    return static_cast<std::int32_t>(at);
}

}  // namespace

Shape shapeOfImages(const std::vector<std::uint64_t>& sizes, const std::string& place) {
    if (sizes.size() < 2) {
        throw Error(place, "has one axis, expected (N, C, H, W), (N, H, W) or (N, ...)");
    }
    Shape shape;
    if (sizes.size() == 3) shape.push_back(1);
    for (std::size_t i = 1; i < sizes.size(); ++i) {
        shape.push_back(static_cast<std::int64_t>(sizes[i]));
    }
    return shape;
}

void checkFinite(const Dataset::Content& content, const std::string& place) {
    for (std::size_t i = 0; i < content.floats.size(); ++i) {
        if (!std::isfinite(content.floats[i])) {
            throw Error(place, "image " + std::to_string(i / elementCount(content.shape)) +
                                   " has a pixel that is not a finite number");
        }
    }
}

void checkLabelSizes(const std::vector<std::uint64_t>& sizes, std::uint64_t images,
                     const std::string& place) {
    if (sizes.empty() || sizes.size() > 2 || sizes[0] != images) {
        throw Error(place, "has " + std::to_string(sizes.empty() ? 1 : sizes[0]) + " values in " +
                               std::to_string(sizes.size()) + " axes for " +
                               std::to_string(images) + " images");
    }
}

std::vector<std::int32_t> classesOf(const std::vector<double>& numbers, std::size_t columns,
                                    const std::string& place) {
    std::vector<std::int32_t> classes;
    for (std::size_t i = 0; i < numbers.size() / columns; ++i) {
        classes.push_back(classOf(&numbers[i * columns], columns, i, place));
    }
    return classes;
}

}  // namespace brownout
