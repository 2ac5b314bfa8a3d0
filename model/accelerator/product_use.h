#pragma once

#include <limits>
#include <string>

#include "model/accelerator/systolic.h"

namespace brownout {

/// Room for everything.
constexpr std::uint64_t kUnlimitedRoom = std::numeric_limits<std::uint64_t>::max() / 64;

/// What of a product's operands is on chip already.
struct OperandsOnChip {
    std::uint64_t heldBits = 0;  ///< bits of activations that stay while the product runs
    bool inputs = false, weights = false;
};

/// Returns the bits of the memory that holds a kind of data which that kind may use: kinds share
/// a memory evenly. 0 if none holds it.
std::uint64_t shareOf(const Accelerator& accelerator, DataKind kind);

/// Returns the room for a product's operands.
Room roomFor(const Accelerator& accelerator, const ProductShape& product, const ElementBits& bits,
             const OperandsOnChip& onChip);

/// Returns what a product costs on the accelerator's array. Throws Error naming the layer if a
/// mapping doesn't fit.
ProductUse productUse(const Accelerator& accelerator, const ProductShape& product,
                      std::uint64_t batch, Room room, const ElementBits& bits,
                      const std::string& layer);

}  // namespace brownout
