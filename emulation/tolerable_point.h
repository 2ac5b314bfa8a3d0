#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emulation/summary.h"

namespace brownout {

/// Returns the indices of the campaign's points, mildest first: by falling voltage, or by rising
/// bit error rate in uniform mode.
std::vector<std::uint32_t> pointsMildestFirst(const CampaignSpec& campaign);

/// Returns the harshest point up to which `network` loses at most `allowedLoss` against its clean
/// value of the task's first measure, see Measure::tolerableLoss: there and at every milder point
/// the worse end of the 95 % interval is at most that far away, for an error at most the clean
/// error plus `allowedLoss`, and no measure is above its clean value that may not rise. Returns
/// nothing if already the mildest point fails, or isn't finished, or has no interval because there
/// is one unit of replication only.
std::optional<std::uint32_t> harshestTolerable(const Summary& summary, std::uint32_t network,
                                               double allowedLoss);

}  // namespace brownout
