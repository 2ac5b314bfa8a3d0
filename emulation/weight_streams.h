#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "inference/formats/encoded_network.h"
#include "model/accelerator/account.h"

namespace brownout {

/// Returns the order of the elements of each stored tensor in a weight memory that the network
/// streams through: that in which an accelerator's array takes them (weight_order.h), group by
/// group. Weights whose tensor isn't laid out as filters x depth or depth x filters of a
/// convolution, Gemm or MatMul, and everything that isn't a weight, stay in the order of the file,
/// which is null.
std::vector<std::shared_ptr<const std::vector<std::uint32_t>>> streamOrders(
    const Account& account, const EncodedNetwork& network);

}  // namespace brownout
