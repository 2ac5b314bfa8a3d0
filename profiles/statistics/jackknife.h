#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "profiles/statistics/fault_sums.h"

namespace brownout {

/// A figure with its standard error, where there are blocks enough to know it.
struct Estimated {
    double value = 0;
    std::optional<double> error = {};
};

/// Returns `estimate(pooled sums by voltage)`, a vector of figures, with standard errors from
/// leaving out one block at a time (Tukey's jackknife): right for independent blocks whatever the
/// dependence within them. With a single block there are no errors.
template <typename Estimator>
std::vector<Estimated> jackknife(const BlockSums& blocks, Estimator&& estimate) {
    const std::vector<FaultSums> all = pooled(blocks);
    std::vector<Estimated> result;
    for (const double value : estimate(all)) result.push_back({value});
    if (blocks.size() < 2) return result;
    const auto n = static_cast<double>(blocks.size());
    std::vector<double> sum(result.size()), squares(result.size());
    for (const auto& block : blocks) {
        std::vector<FaultSums> rest = all;
        for (std::size_t v = 0; v < rest.size(); ++v) rest[v].add(block[v], -1);
        const std::vector<double> values = estimate(rest);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double difference = values[i] - result[i].value;
            sum[i] += difference;
            squares[i] += difference * difference;
        }
    }
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i].error = std::sqrt(std::fmax(0, (n - 1) / n * (squares[i] - sum[i] * sum[i] / n)));
    }
    return result;
}

}  // namespace brownout
