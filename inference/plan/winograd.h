#pragma once

// Private to inference: convolutions of 3 x 3 with fewer multiplications.

#include <cstdint>
#include <optional>

#include "inference/plan/windows.h"

namespace brownout {

/// Returns the outputs along an axis of the tiles in which a convolution is computed fastest by
/// Winograd's way (kernels::WinogradArgs); nothing where the direct order is faster, asked for, or
/// the only one: other windows than 3 x 3 with step 1, weights that are no parameter.
std::optional<std::int32_t> winogradTile(const PlanBuilder& builder, const Windows& windows,
                                         std::int64_t groups, std::int64_t outChannels,
                                         const PlanValue& x, const PlanValue& weights);

/// Adds the steps of such a convolution, the result of `node`.
void addWinograd(PlanBuilder& builder, const Node& node, const Windows& windows,
                 std::int64_t groups, std::int32_t tile, std::optional<ValueRef> bias);

}  // namespace brownout
