#pragma once

#include <filesystem>
#include <optional>

#include "profiles/profile.h"
#include "tools/campaign/summary.h"

namespace brownout {

/// Writes FOLDER/report.html: the page of a campaign, with the fault map of the profile's first
/// chip if the profile is at hand. Throws Error.
void writeReportPage(const std::filesystem::path& folder, const Summary& summary,
                     const std::optional<Profile>& profile);

}  // namespace brownout
