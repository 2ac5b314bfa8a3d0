#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace brownout {

/// The failing cells of each column of one array, or of some columns of it, at one supply.
struct ArrayColumns {
    std::uint32_t block = 0;  ///< number of the block, a unit that errors count as independent
    std::vector<std::uint32_t> failing;
};

/// The heights of cells in units of what is a cell's own: z = a + c + e, with a common to an array,
/// c to a column of it, and e standard normal; a cell fails if z > threshold.
struct ColumnModel {
    double arrayVariance = 0;
    double columnVariance = 0;
    double threshold = 0;
};

/// Terms of one array: ln of the probability that just the cells fail that did, and its derivatives
/// by the three parameters of the model, in their order.
struct ArrayLikelihood {
    double log = 0;
    std::array<double, 3> slopes{};
};

/// The likelihood of what was counted, as a function of the model.
///
/// Given a and c the cells of a column fail independently, each with probability Phi(a + c -
/// threshold): the likelihood is an integral of binomials over c inside one of products over a.
/// Both are sums over points that lie no further apart than the integrand is wide, which is as good
/// as exact for Gaussians. Cost: points of a x points of c x different counts, plus points of a x
/// columns.
class ColumnLikelihood {
 public:
    /// Takes what was counted in the columns of `arrays`, which have `rows` cells each.
    ColumnLikelihood(const std::vector<ArrayColumns>& arrays, std::uint32_t rows);

    /// Returns the terms of each array. Variances below kLeastVariance count as that.
    std::vector<ArrayLikelihood> at(const ColumnModel& model) const;

    /// Returns the variance with which a column tells its height, at best, a cell giving no more
    /// than one that fails against all odds, 1.
    double columnNoise() const { return 1.0 / rows_; }
    /// Returns the variance with which an array tells its height, likewise.
    double arrayNoise(double columnVariance) const {
        return (columnVariance + columnNoise()) / columns_;
    }

 private:
    std::uint32_t rows_;
    double columns_ = 1;                 ///< columns of the largest array
    std::vector<std::uint32_t> counts_;  ///< different counts, ascending
    /// Counts of each array, and how many columns have each.
    std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> arrays_;
};

/// Variance that stands for none.
constexpr double kLeastVariance = 1e-12;

}  // namespace brownout
