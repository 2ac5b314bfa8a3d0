#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "profiles/profile.h"
#include "profiles/statistics/line_counts.h"

namespace brownout {

/// Quantities that are summed over the failing cells of a block.
enum class Sum : std::uint8_t {
    kMass01,        ///< p01: expected errors of a read of zeros everywhere
    kMass10,        ///< p10: expected errors of a read of ones everywhere
    kOnly01,        ///< cells that turn 0 into 1 and never 1 into 0
    kOnly10,        ///< cells that turn 1 into 0 and never 0 into 1
    kBoth,          ///< cells that do either
    kChance,        ///< q, the larger of p01 and p10
    kChanceSquare,  ///< q^2
    kPersistent,    ///< cells whose reads never vary
    kWorst5,        ///< error mass in the 5 worst columns of each array
    kWorst10,       ///< error mass in the 10 worst columns of each array
    kArrays,        ///< arrays, failing or not
    kCleanArrays,   ///< arrays without a failing cell
    kWorstArrays,   ///< failing cells in the worst tenth of a block's arrays
    kNested,        ///< cells that fail at the next lower voltage, too
    // Pairs of failing cells of a column, and apart in an array; those of two 0->1-only cells, of
    // two 1->0-only cells.
    kColumnPairs,
    kColumnPairs01,
    kColumnPairs10,
    kApartPairs,
    kApartPairs01,
    kApartPairs10,
    // Place on the chip, from -1/2 to 1/2: sums and sums of squares over all cells, sums over the
    // failing ones.
    kX,
    kX2,
    kFailingX,
    kY,
    kY2,
    kFailingY,
    kCount
};

/// Sums over the cells of one or more blocks at one supply. They may be added and taken away.
struct FaultSums {
    PairSums pairs;
    std::array<double, static_cast<std::size_t>(Sum::kCount)> sums{};

    double operator[](Sum which) const { return sums[static_cast<std::size_t>(which)]; }
    double& operator[](Sum which) { return sums[static_cast<std::size_t>(which)]; }
    void add(const FaultSums& other, double sign = 1);

    double mass() const { return (*this)[Sum::kMass01] + (*this)[Sum::kMass10]; }
    /// Returns the bits read wrong on data of as many zeros as ones / bits read.
    double bitErrorRate() const { return pairs.cells > 0 ? mass() / 2 / pairs.cells : 0; }
    /// Returns `which` as a share of the failing cells; 0 without any.
    double share(Sum which) const { return pairs.failing > 0 ? (*this)[which] / pairs.failing : 0; }
};

/// The unit of replication: what statistics take for independent observations.
enum class BlockKind {
    kChip,
    kArray,
    kColumns,  ///< a sixteenth of the columns of an array, neighbours
};

/// Returns "chip", "array" or "column group".
const char* nameOf(BlockKind kind);

/// Returns the number of blocks of a kind in a chip; a column group has at least two columns.
std::uint32_t blocksOf(BlockKind kind, const SramGeometry& geometry);

/// Returns the blocks for standard errors: chips if there are at least four, else arrays if there
/// are at least eight, else groups of columns.
BlockKind blocksForErrors(std::uint32_t chips, const SramGeometry& geometry);

/// Sums by block, then by voltage.
using BlockSums = std::vector<std::vector<FaultSums>>;

/// Rules by which cells count as failing at a supply.
enum class FailingCells {
    /// Cells with a critical voltage above the supply, with the probabilities they have without
    /// read noise; in counts, cells that failed at least once, fails / reads.
    kAsKnown,
    /// Cells of the rule above, but in counts only cells that failed at least half as often as at
    /// the lowest voltage, those with a critical voltage above the supply, with the probabilities
    /// they have at the lowest voltage.
    kByMedian,
    /// Cells that fail at least once in a number of reads of each value, as counts do: what a
    /// tester would find, drawn for the encodings that know probabilities.
    kAsMeasured,
};

/// The plan of a measurement.
struct MeasurePlan {
    std::vector<double> voltages;  ///< ascending, unit of the profile
    std::uint32_t chips = 1;       ///< number of chips, the first ones
    BlockKind blocks = BlockKind::kChip;
    std::uint32_t arraysAcross = 0;  ///< floor plan, see SpatialParameters
    FailingCells cells = FailingCells::kAsKnown;
    std::uint32_t reads = 100;                ///< reads of a simulated measurement
    std::optional<double> temperatureC = {};  ///< see Profile::temperature
    std::function<void()> chipDone = [] {};   ///< function called after each chip
    /// Function called with the number of a block and of a voltage, and what fails in which lines
    /// of the block.
    std::function<void(std::size_t, std::size_t, const LineCounts&)> linesDone =
        [](std::size_t, std::size_t, const LineCounts&) {};
};

/// Returns the sums of each block of the chips. Reads each chip once, one at a time. Throws Error
/// naming the file if a voltage is outside the profile or a chip is damaged.
BlockSums measureBlocks(const Profile& profile, const MeasurePlan& plan);

/// Returns the sum of all blocks, by voltage.
std::vector<FaultSums> pooled(const BlockSums& blocks);

}  // namespace brownout
