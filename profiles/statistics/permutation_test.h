#pragma once

#include <cstdint>
#include <vector>

namespace brownout {

/// Observations of several statistics on the blocks of a sample: a row a block, NaN where a block
/// has no value.
using Observations = std::vector<std::vector<double>>;

/// One statistic in two samples.
struct PermutationResult {
    double distance = 0;  ///< |Welch's t| of the two samples; 0 where it isn't defined
    double p = 1;         ///< p for this statistic alone
    double adjusted = 1;  ///< p corrected for the number of statistics
    bool tested = false;  ///< mark of at least two values in each sample
};

/// Tests whether two samples of blocks differ, statistic by statistic: a permutation test of
/// Welch's |t| with step-down adjustment (Westfall and Young 1993) of the smallest p ("min-P"),
/// which gives every statistic the same weight however long the tail of its distance is, or, where
/// there are too few divisions for that many statistics, of the largest distance ("max-T"). Which
/// of the two depends only on these numbers. Memory: 8 bytes a statistic and division.
///
/// If blocks of both samples are exchangeable, as they are when both come from one population and
/// blocks are independent, then the probability that *any* adjusted p is at most alpha is at most
/// alpha, exactly, for any distribution of the statistics and any dependence between them. All
/// divisions of the blocks into two samples are tried if there are at most `most`, otherwise as
/// many random ones, drawn from `seed`; the division at hand counts as one.
std::vector<PermutationResult> permutationTest(const Observations& a, const Observations& b,
                                               std::uint32_t most, std::uint64_t seed);

/// Returns the smallest p that the test can give for samples of these sizes: 1 / divisions, twice
/// that for equal sizes, because swapping the samples changes nothing.
double smallestP(std::size_t a, std::size_t b, std::uint32_t most);

}  // namespace brownout
