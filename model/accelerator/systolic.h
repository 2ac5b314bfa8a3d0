#pragma once

#include <cstdint>
#include <string>

#include "base/layer_shape.h"
#include "model/accelerator/accelerator.h"

namespace brownout {

// A product on a systolic array, in closed form.
//
// The array has R rows and C columns, an element of each does one multiply-accumulate a cycle. Of
// the three sizes of a product (M positions, K depth, N filters) two are laid over rows and
// columns, in *folds* of at most R and C; the third streams through, once for each fold:
//
//   dataflow            rows  columns  streams   stays in the elements
//   weight-stationary   K     N        M         weights
//   output-stationary   M     N        K         sums
//   input-stationary    K     M        N         inputs
//
// Folds run one after the other: the array is filled, the third size streams, the array drains.
// Groups of a convolution are products one after the other, so a depthwise convolution fills one
// column.

/// Accesses that a compute array makes to the memories beside it, in elements, and its cycles.
struct ArrayUse {
    std::uint64_t cycles = 0;
    std::uint64_t inputReads = 0, weightReads = 0;
    std::uint64_t sumReads = 0;   ///< partial sums read back, to go on with
    std::uint64_t sumWrites = 0;  ///< partial sums and results
    std::uint64_t registerAccesses = 0;
    std::uint64_t transfers = 0;  ///< words sent into or through the array

    void operator+=(const ArrayUse& more);
    void operator*=(std::uint64_t factor);
};

/// Words that a product takes from the DRAM and gives to it beyond what the array reads and writes
/// on chip, in elements.
struct DramUse {
    std::uint64_t inputs = 0, weights = 0;
    std::uint64_t sumReads = 0, sumWrites = 0;  ///< sums that the accumulators have no room for

    void operator+=(const DramUse& more);
    void operator*=(std::uint64_t factor);
};

/// Elements that the memories have room for while a product runs.
struct Room {
    std::uint64_t inputs = 0, weights = 0, sums = 0;
};

/// Bits of an element of each kind, to weigh DRAM traffic with.
struct ElementBits {
    std::uint32_t inputs = 8, weights = 8, sums = 32;
};

/// The blocks in which the weights of one group of a product come to the array, and their order:
/// tiles of blocks of one size outside, the blocks of the other size within, the blocks of the tile
/// innermost.
struct WeightBlocks {
    std::uint64_t depth = 1;     ///< weights of a filter in a block
    std::uint64_t filters = 1;   ///< filters of a block
    bool filtersOutside = true;  ///< tiles are of blocks of filters, else of blocks of depth
    std::uint64_t tile = 1;      ///< blocks of a tile
};

/// What a product costs.
struct ProductUse {
    ArrayUse array;
    DramUse dram;
    std::string order;    ///< the order of the folds, or the mapping, that was chosen
    WeightBlocks blocks;  ///< how weights come to the array under that order
};

/// Returns what a product costs on an array that is not row-stationary, for all groups and `batch`
/// images.
///
/// Cycles and accesses are those of SCALE-Sim's published formulas, whose reported count is one
/// cycle less. A sum is written once for each fold of K, and read once less; its last write is the
/// result.
///
/// DRAM traffic follows from the order of the folds and the room. Folds of one of the two sizes are
/// taken in tiles, those of the other run within a tile: every order and size of tile is tried, and
/// that with the least traffic holds. What is used again stays as far as there is room; the rest is
/// fetched again. Without room for a tile's window, some room serves the stream and keeps nothing.
ProductUse systolicUse(const ComputeArray& array, const ProductShape& product, std::uint64_t batch,
                       const Room& room, const ElementBits& bits);

/// Returns the distinct input elements that a product reads, for one group and all images.
std::uint64_t touchedInputs(const ProductShape& product, std::uint64_t batch);

}  // namespace brownout
