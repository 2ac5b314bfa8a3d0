#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "profiles/import/measurement.h"
#include "profiles/profile_info.h"

namespace brownout {

/// Writes a measurement as a counts profile (FORMAT.md). The geometry in `header` is ignored: the
/// measurement knows it. `progress` is called after each array with the share that is done; if it
/// throws, or anything else does, no file is left. Throws Error naming `path`, or the cell that
/// failed more often than it was read.
void writeMeasurement(const std::filesystem::path& path, const ProfileHeader& header,
                      Measurement& measurement,
                      const std::function<void(double done)>& progress = {});

}  // namespace brownout
