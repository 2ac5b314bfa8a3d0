#include "profiles/statistics/spatial_statistics.h"

#include "profiles/statistics/binomial_interval.h"
#include "profiles/statistics/population_fit.h"

namespace brownout {
namespace {

std::optional<double> share(double part, double whole) {
    if (!(whole > 0)) return std::nullopt;
    return part / whole;
}

SpatialStatistics statisticsOf(const FaultSums& sums, double supply, bool lowest,
                               std::uint32_t arraysOfAChip) {
    SpatialStatistics result;
    result.supply = supply;
    const RateInterval rate = binomialInterval(sums.pairs.failing, sums.pairs.cells);
    result.rateLow = rate.low;
    result.rateHigh = rate.high;
    if (!lowest) result.nested = share(sums[Sum::kNested], sums.pairs.failing);
    result.worst5 = share(sums[Sum::kWorst5], sums.mass());
    result.worst10 = share(sums[Sum::kWorst10], sums.mass());
    const PairSums& pairs = sums.pairs;
    if (pairs.column.failing + pairs.row.failing + pairs.apart.failing > 0) {
        result.sameColumn = pairs.sharedColumn();
        result.sameRow = pairs.sharedRow();
    }
    result.sameColumnIfUniform = pairs.sharedColumnIfUniform();
    result.sameRowIfUniform = pairs.sharedRowIfUniform();
    result.cleanArrays = sums[Sum::kCleanArrays] / sums[Sum::kArrays];
    if (arraysOfAChip > 1) {
        result.worstArrays = share(sums[Sum::kWorstArrays], sums.pairs.failing);
    }
    return result;
}

}  // namespace

SpatialDescription describeSpatially(const Profile& profile, const std::function<void()>& chipDone,
                                     std::optional<double> temperatureC) {
    SpatialDescription description;
    description.chips = profile.chipCount();
    description.blocks = blocksForErrors(description.chips, profile.device().geometry);
    MeasurePlan plan;
    plan.voltages = profile.referenceVoltages();
    plan.chips = description.chips;
    plan.chipDone = chipDone;
    plan.temperatureC = temperatureC;
    // Worst columns and arrays are those of whole chips, whatever the errors are taken over.
    BlockSums blocks = measureBlocks(profile, plan);
    const std::vector<FaultSums> all = pooled(blocks);
    if (description.blocks != BlockKind::kChip) {
        plan.blocks = description.blocks;
        plan.chipDone = [] {};
        blocks = measureBlocks(profile, plan);
    }
    description.blockCount = static_cast<std::uint32_t>(blocks.size());
    for (std::size_t v = 0; v < all.size(); ++v) {
        description.at.push_back(
            statisticsOf(all[v], plan.voltages[v], v == 0, profile.device().geometry.arrays));
    }
    const auto figures = jackknife(blocks, [&](const std::vector<FaultSums>& sums) {
        std::vector<double> values;
        for (const FaultSums& at : sums) {
            const PairCorrelations pairs = correlationsOf(at.pairs);
            values.insert(values.end(), {pairs.column, pairs.row, pairs.array});
        }
        const auto line = probitLine(plan.voltages, sums).value_or(ProbitLine{});
        values.insert(values.end(), {line.mean, line.sigma});
        return values;
    });
    for (std::size_t v = 0; v < all.size(); ++v) {
        const PairSums& pairs = all[v].pairs;
        SpatialStatistics& at = description.at[v];
        if (pairs.tellOfCorrelation(pairs.column)) at.columnCorrelation = figures[3 * v];
        if (pairs.tellOfCorrelation(pairs.row)) at.rowCorrelation = figures[3 * v + 1];
        if (pairs.tellOfCorrelation(pairs.apart)) at.arrayCorrelation = figures[3 * v + 2];
    }
    if (probitLine(plan.voltages, all)) {
        description.mean = figures[figures.size() - 2];
        description.sigma = figures.back();
    }
    return description;
}

}  // namespace brownout
