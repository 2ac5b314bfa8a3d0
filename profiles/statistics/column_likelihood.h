#pragma once

// Private to profiles.

#include <array>
#include <cstdint>
#include <vector>

#include "profiles/statistics/jackknife.h"

namespace brownout {

/// The failing cells of each column of one array, or of some columns of it, at one supply.
struct ArrayColumns {
    std::uint32_t block = 0;  ///< of the blocks that errors count as independent
    std::vector<std::uint32_t> failing;
};

/// The heights of cells in units of what is a cell's own: z = a + c + e, with a common to an array,
/// c to a column of it, and e standard normal; a cell fails if z > threshold.
struct ColumnModel {
    double arrayVariance = 0;
    double columnVariance = 0;
    double threshold = 0;
};

/// Of one array: ln of the probability that just the cells fail that did, and its derivatives by
/// the three parameters of the model, in their order.
struct ArrayLikelihood {
    double log = 0;
    std::array<double, 3> slopes{};
};

/// The likelihood of each array, whose columns have `rows` cells.
///
/// Given a and c the cells of a column fail independently, each with probability Phi(a + c -
/// threshold): the likelihood is an integral of binomials over c inside one of products over a.
/// Both are sums over points that lie no further apart than the integrand is wide, which is as good
/// as exact for Gaussians. Cost: points of a x points of c x different counts, plus points of a x
/// columns.
std::vector<ArrayLikelihood> columnLikelihoods(const ColumnModel& model,
                                               const std::vector<ArrayColumns>& arrays,
                                               std::uint32_t rows);

/// Shares of the variance of z.
struct LineShares {
    Estimated array;
    Estimated column;
};

/// The shares under which the counts are the most likely. Standard errors are those of a sum of
/// independent blocks (the sandwich H^-1 J H^-1 of the curvature H and of the blocks' scores J),
/// absent with fewer than four blocks. Rows that differ count as part of the cells.
LineShares likeliestShares(const std::vector<ArrayColumns>& arrays, std::uint32_t rows);

}  // namespace brownout
