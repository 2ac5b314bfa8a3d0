#pragma once

#include "model/accelerator/systolic.h"

namespace brownout {

/// An order of folds: those of one of the two sizes that are laid over the array are taken in
/// tiles, the folds of the other run within a tile, and within those the folds of the tile.
struct FoldOrder {
    bool columnsOutside = true;  ///< true if the tiles are of what lies over the columns
    std::uint64_t tileFolds = 1;
};

/// DRAM traffic of one group of a product under one order of its folds.
struct FoldTraffic {
    DramUse dram;
    std::string order;  ///< "N in tiles of 2, K within"
    FoldOrder folds;
};

/// Returns the traffic of one group under a given order.
FoldTraffic trafficOf(const ComputeArray& array, const ProductShape& product, std::uint64_t batch,
                      const Room& room, const FoldOrder& order);

/// Returns the traffic of the order that moves the fewest bits; of equals the first, columns
/// outside and small tiles before others.
FoldTraffic leastTraffic(const ComputeArray& array, const ProductShape& product,
                         std::uint64_t batch, const Room& room, const ElementBits& bits);

}  // namespace brownout
