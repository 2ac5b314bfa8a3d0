#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "profiles/import/import_options.h"
#include "profiles/import/measurement.h"

namespace brownout {

/// Returns "hex-dump", "csv", "npy", "bitmap01", "arm-mbist".
const char* nameOf(ImportFormat format);
std::optional<ImportFormat> formatOf(const std::string& name);
std::vector<std::string> importFormatNames();

/// Enters what the command line says about the geometry into a map. Throws Error naming the map
/// where it says something else.
void addGeometry(MapDescription& map, const MapDescription& given);

/// Reads all files of an import, of any format: the one way in for the program, the tests and the
/// fuzzers. Faults that don't fit in memory wait in `folder`. Throws Error naming the file and the
/// place in it.
std::unique_ptr<Measurement> readMeasurement(std::vector<ImportFile>& files,
                                             const ImportOptions& options,
                                             const std::filesystem::path& folder,
                                             ImportNotes& notes);

}  // namespace brownout
