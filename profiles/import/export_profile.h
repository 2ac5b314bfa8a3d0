#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "profiles/import/import_options.h"
#include "profiles/profile.h"

namespace brownout {

/// Report of an export: cells it left out, and files it wrote.
struct ExportResult {
    std::vector<std::filesystem::path> files;
    /// Failing cells that a dump can't show: they fail only for data that weren't in it.
    std::uint64_t hidden = 0;
};

/// Writes a chip of a counts profile as dumps in the "hex-dump" layout of IMPORT.md, one a voltage:
/// PREFIX-0.58V.hex. Words and background are those of `options`; with `dedupBytes` every word is
/// written twice over. A cell that failed in any read fails in the dump. Throws Error naming the
/// profile if it isn't of counts, has several temperatures or patterns, or didn't look for what the
/// background shows.
ExportResult exportHexDumps(const Profile& profile, std::uint32_t chip,
                            const ImportOptions& options, const std::string& prefix);

/// Writes all chips of a counts profile as a fail log in the "csv" format of IMPORT.md, with rows
/// and columns. Throws Error naming the profile if it isn't of counts or an array was measured in
/// part.
ExportResult exportCsv(const Profile& profile, const std::filesystem::path& path);

}  // namespace brownout
