#pragma once

#include <cstdint>
#include <vector>

#include "base/span.h"
#include "model/chip.h"

namespace brownout {

/// The failing cells of one chip at one supply, counted by array, column and row, and the error
/// mass of the columns: the sum of p01 + p10 over their cells.
struct LineCounts {
    LineCounts(const SramGeometry& geometry, Span<const FaultyCell> failing);

    SramGeometry geometry;
    std::uint64_t failing = 0;
    double mass = 0;
    std::vector<std::uint32_t> ofArray;
    std::vector<std::uint32_t> ofColumn;  ///< failing cells of each column, array by array
    std::vector<std::uint32_t> ofRow;
    std::vector<double> massOfColumn;
};

/// Cells and pairs of cells within the arrays: how many there are, and how many fail, of pairs
/// both. Sums over arrays and chips may be added.
struct PairSums {
    struct Pairs {
        double all = 0;
        double failing = 0;
        double rate() const { return all > 0 ? failing / all : 0; }
    };
    double cells = 0;
    double failing = 0;
    Pairs column;  ///< pairs within a column
    Pairs row;     ///< pairs within a row
    Pairs apart;   ///< pairs within an array, in different columns and rows

    double rate() const { return cells > 0 ? failing / cells : 0; }
    /// Returns the share of the failing pairs within an array that share a column; 0 without pairs.
    double sharedColumn() const { return share(column); }
    /// Returns the share of the failing pairs within an array that share a row; 0 without pairs.
    double sharedRow() const { return share(row); }
    /// Returns the share of the pairs that would share a column if faults were uniform.
    double sharedColumnIfUniform() const { return shareOfAll(column); }
    /// Returns the share of the pairs that would share a row if faults were uniform.
    double sharedRowIfUniform() const { return shareOfAll(row); }
    /// Returns whether `pairs`, one of the kinds above, say anything of a correlation: some fail,
    /// or some would if cells were independent.
    bool tellOfCorrelation(const Pairs& pairs) const;

    void add(const PairSums& other, double sign = 1);

 private:
    double share(const Pairs& pairs) const;
    double shareOfAll(const Pairs& pairs) const;
};

/// Returns the sums over one array of a chip.
PairSums pairsOfArray(const LineCounts& counts, std::uint32_t array);

/// Returns the sums over all arrays of a chip.
PairSums pairsOf(const LineCounts& counts);

/// Correlations of the heights of two cells (Gaussian copula) that share a column, a row, or only
/// their array, from how often both fail: see gaussian_pairs.h.
struct PairCorrelations {
    double column = 0;
    double row = 0;
    double array = 0;
};
PairCorrelations correlationsOf(const PairSums& sums);

/// Returns the share of the error mass in the `count` worst columns of each array, over all arrays;
/// 0 without errors.
double massOfWorstColumns(const LineCounts& counts, std::size_t count);

}  // namespace brownout
