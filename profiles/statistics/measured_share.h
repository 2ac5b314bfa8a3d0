#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "profiles/profile.h"

namespace brownout {

/// The part of the chips of a counts profile that was measured at one supply. Shares are fractions
/// of the cells of all chips.
struct MeasuredShare {
    double supply = 0;                   ///< unit of the profile
    double read01 = 0;                   ///< share read with a 0 or an unknown bit stored
    double read10 = 0;                   ///< share read with a 1 or an unknown bit stored
    std::uint64_t unknownDirection = 0;  ///< failing cells of which a direction is unknown
};

/// Returns the shares at each voltage of the profile; empty if it isn't in counts encoding. Reads
/// every chip. The temperature is as in Profile::temperature. Throws Error naming the file.
std::vector<MeasuredShare> measuredShares(const Profile& profile,
                                          std::optional<double> temperatureC = {});

}  // namespace brownout
