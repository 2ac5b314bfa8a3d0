#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "emulation/summary.h"
#include "profiles/profile.h"

namespace brownout {

/// Name of the store's note that holds the command line of a sweep.
constexpr char kCommandNote[] = "command";

/// Writes FOLDER/report.html: the page of a campaign, with the fault map of the profile's first
/// chip if the profile is at hand. `command` is the command line that runs the campaign again,
/// empty if not known. Throws Error.
void writeReportPage(const std::filesystem::path& folder, const Summary& summary,
                     const std::optional<Profile>& profile, const std::string& command);

}  // namespace brownout
