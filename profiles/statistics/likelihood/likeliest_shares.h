#pragma once

#include <cstdint>
#include <vector>

#include "profiles/statistics/jackknife.h"
#include "profiles/statistics/likelihood/column_likelihood.h"

namespace brownout {

/// Shares of the variance of z, see ColumnModel.
struct LineShares {
    Estimated array;
    Estimated column;
};

/// Returns the shares under which the counts are the most likely; `pairs`, of the same cells, say
/// where to begin. Standard errors are those of a sum of independent blocks (the sandwich H^-1 J
/// H^-1 of the curvature H and of the blocks' scores J), absent with fewer than four blocks. Rows
/// that differ count as part of the cells.
LineShares likeliestShares(const std::vector<ArrayColumns>& arrays, std::uint32_t rows,
                           const PairSums& pairs);

}  // namespace brownout
