#pragma once

#include <cstdint>
#include <vector>

#include "inference/plan/builder.h"

namespace brownout {

/// Defines output `output` of a node, which has, at i, the element table[i] of `x`, or `fill` where
/// the table says -1.
void rearrange(PlanBuilder& builder, const Node& node, std::size_t output, const PlanValue& x,
               const Shape& shape, std::vector<std::int32_t> table, float fill = 0.0F);

/// Returns the table of a result whose axes run through the input with these steps from `start`.
std::vector<std::int32_t> tableOf(const PlanBuilder& builder, const Node& node, const Shape& shape,
                                  const std::vector<std::int64_t>& steps, std::int64_t start);

/// Calls `visit` with the indices of each element of a tensor of this shape, in order.
template <typename Visit>
void forEachIndex(const Shape& shape, Visit visit) {
    std::vector<std::int64_t> at(shape.size(), 0);
    const std::size_t count = elementCount(shape);
    for (std::size_t i = 0; i < count; ++i) {
        visit(at);
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            if (++at[axis] < shape[axis]) {
                break;
            }
            at[axis] = 0;
        }
    }
}

/// Returns the table of a result whose element at each index is the one that `from(index)` tells,
/// -1 for the fill value. Throws Error if the result is too large.
template <typename From>
std::vector<std::int32_t> tableBy(const PlanBuilder& builder, const Node& node, const Shape& shape,
                                  From from) {
    checkSize(builder, node, shape);
    std::vector<std::int32_t> table;
    table.reserve(elementCount(shape));
    forEachIndex(shape, [&](const std::vector<std::int64_t>& at) {
        table.push_back(static_cast<std::int32_t>(from(at)));
    });
    return table;
}

/// Defines output 0 of a node as the elements of `x` in another shape: whoever reads it sees the
/// very same memory.
void alias(PlanBuilder& builder, const Node& node, const PlanValue& x, const Shape& shape);

}  // namespace brownout
