// Rules for shapes: axes, sizes, broadcasting.

#include <algorithm>

#include "inference/plan/builder.h"

namespace brownout {

std::size_t normalizedAxis(const PlanBuilder& builder, const Node& node, std::int64_t axis,
                           std::size_t rank) {
    const std::int64_t size = static_cast<std::int64_t>(rank);
    if (axis < -size || axis >= size) {
        builder.fail(node, "axis " + std::to_string(axis) + " of a tensor with " +
                               std::to_string(rank) + " axes");
    }
    return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

Shape broadcastShape(const PlanBuilder& builder, const Node& node, const Shape& a, const Shape& b) {
    const std::size_t rank = std::max(a.size(), b.size());
    Shape result(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t x = i + a.size() < rank ? 1 : a[i + a.size() - rank];
        const std::int64_t y = i + b.size() < rank ? 1 : b[i + b.size() - rank];
        if (x != y && x != 1 && y != 1) {
            builder.fail(
                node, "the shapes " + toString(a) + " and " + toString(b) + " don't fit together");
        }
        result[i] = x == 1 ? y : x;
    }
    return result;
}

void checkSize(const PlanBuilder& builder, const Node& node, const Shape& shape) {
    double count = 1.0;
    for (std::int64_t size : shape) {
        if (size < 0) {
            builder.fail(node, "the result would have the shape " + toString(shape));
        }
        count *= static_cast<double>(size);
    }
    if (count > static_cast<double>(kMaxPlanElements)) {
        builder.fail(node, "the result " + toString(shape) + " is too large");
    }
}

std::vector<std::int64_t> stepsOf(const Shape& shape) {
    std::vector<std::int64_t> steps(shape.size());
    std::int64_t step = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        steps[i] = step;
        step *= shape[i];
    }
    return steps;
}

std::vector<std::int64_t> broadcastSteps(const Shape& shape, const Shape& to) {
    const std::vector<std::int64_t> own = stepsOf(shape);
    std::vector<std::int64_t> steps(to.size(), 0);
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const std::size_t axis = i + to.size() - shape.size();
        steps[axis] = shape[i] == 1 ? 0 : own[i];
    }
    return steps;
}

}  // namespace brownout
