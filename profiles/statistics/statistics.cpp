#include "profiles/statistics/statistics.h"

#include <algorithm>
#include <cmath>

#include "profiles/chips/chip_cells.h"

namespace brownout {
namespace {

/// Sums over the chips at one supply.
struct Sums {
    double cells = 0;
    double squares = 0;
    double errors = 0;  // of a read of every cell, on balanced data
    double only01 = 0;
    double only10 = 0;
    double both = 0;
    double persistent = 0;

    /// `reached` are the cells that fail in some reads or all; the first `failingCount` of them are
    /// the failing ones, the others fail by read noise only.
    void add(Span<const FaultyCell> reached, std::size_t failingCount) {
        const auto count = static_cast<double>(failingCount);
        cells += count;
        squares += count * count;
        for (const FaultyCell& cell : reached) {
            errors += (static_cast<double>(cell.p01) + static_cast<double>(cell.p10)) / 2;
        }
        for (const FaultyCell& cell : reached.first(failingCount)) {
            only01 += cell.p01 > 0 && cell.p10 == 0;
            only10 += cell.p01 == 0 && cell.p10 > 0;
            both += cell.p01 > 0 && cell.p10 > 0;
            persistent += (cell.p01 == 0 || cell.p01 == 1) && (cell.p10 == 0 || cell.p10 == 1);
        }
    }

    VoltageStatistics statistics(std::uint32_t chips, double cellsOfAChip) const {
        const double n = chips;
        VoltageStatistics result;
        result.chips = chips;
        result.meanCells = cells / n;
        const double variance = n > 1 ? (squares - cells * cells / n) / (n - 1) : 0;
        result.stdCells = std::sqrt(std::max(0.0, variance));
        result.meanRate = result.meanCells / cellsOfAChip;
        result.stdRate = result.stdCells / cellsOfAChip;
        result.bitErrorRate = errors / n / cellsOfAChip;
        const auto share = [&](double sum) { return cells > 0 ? sum / cells : 0; };
        result.only01 = share(only01);
        result.only10 = share(only10);
        result.both = share(both);
        result.persistent = share(persistent);
        return result;
    }
};

}  // namespace

std::vector<VoltageStatistics> describeProfile(const Profile& profile,
                                               const std::vector<double>& supplies,
                                               std::optional<std::uint32_t> chips,
                                               std::optional<double> temperatureC) {
    if (supplies.empty()) return {};
    for (const double supply : supplies)
        profile.supplies().supply({supply, profile.device().unit}, temperatureC);
    const std::uint32_t count = std::min(chips.value_or(profile.chipCount()), profile.chipCount());
    const double floor = *std::min_element(supplies.begin(), supplies.end());
    std::vector<Sums> sums(supplies.size());
    for (std::uint32_t i = 0; i < count; ++i) {
        const ChipCells chip(profile, i, floor, temperatureC);
        for (std::size_t k = 0; k < supplies.size(); ++k) {
            const std::vector<FaultyCell> reached = chip.at(supplies[k]);
            sums[k].add(reached, profile.supplies().shifts().readNoise > 0
                                     ? chip.failingCount(supplies[k])
                                     : reached.size());
        }
    }
    const auto cells = static_cast<double>(profile.device().geometry.cells());
    std::vector<VoltageStatistics> result;
    for (std::size_t k = 0; k < supplies.size(); ++k) {
        result.push_back(sums[k].statistics(count, cells));
        result.back().supply = supplies[k];
        result.back().expectedRate = profile.expectedRate(supplies[k], temperatureC);
    }
    return result;
}

std::vector<VoltageStatistics> describeProfile(const Profile& profile) {
    return describeProfile(profile, profile.referenceVoltages());
}

}  // namespace brownout
