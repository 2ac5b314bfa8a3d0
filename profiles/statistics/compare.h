#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "profiles/statistics/fault_sums.h"

namespace brownout {

/// One statistic of two profiles.
struct ComparedStatistic {
    std::string name;
    double voltage = 0;  ///< unit of the first profile
    double meanA = 0;    ///< mean over blocks
    double meanB = 0;
    double p = 1;         ///< p for this statistic alone
    double adjusted = 1;  ///< p corrected for all statistics together
};

/// Settings of a comparison.
struct CompareSettings {
    double alpha = 0.05;       ///< chance of calling two samples of one population different
    std::uint32_t chips = 16;  ///< most chips of each profile
    std::uint32_t divisions = 9999;
    std::uint64_t seed = 1;
    std::function<void()> chipDone = [] {};
};

/// Two profiles, statistic by statistic (permutation_test.h).
struct ProfileComparison {
    BlockKind blocks = BlockKind::kChip;
    std::uint32_t blocksA = 0, blocksB = 0;
    std::uint32_t chipsA = 0, chipsB = 0;
    std::vector<double> voltages;  ///< voltages compared at, unit of the first profile
    double alpha = 0;
    double smallestP = 0;  ///< smallest p that blocks so few can give
    std::vector<ComparedStatistic> statistics;
    std::vector<std::string> notes;  ///< things that couldn't be compared, and why

    /// Returns true if any statistic differs at level alpha of all of them together.
    bool differ() const;
};

/// Compares two profiles at the voltages that both speak about: the reference voltages of the
/// first, and those of the second where that leaves fewer than three. At most five of them, the
/// lowest ones. Replication units are chips if there are enough for a p below alpha, else arrays,
/// else groups of columns, which are independent only if what chips, or arrays, have in common is
/// small. Statistics of lines are left out where the arrays of the two differ in size. Throws Error
/// if voltages can't be compared or there are too few blocks.
ProfileComparison compareProfiles(const Profile& a, const Profile& b,
                                  const CompareSettings& settings);

/// Returns how many chips compareProfiles reads, for showing progress.
std::uint32_t chipsToRead(const Profile& a, const Profile& b, const CompareSettings& settings);

}  // namespace brownout
