#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/import/import_options.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds the options of `profile import` that say how files are to be read.
void addImportOptions(CommandLine& line);

/// Reads the options that addImportOptions adds, the map file included. Throws UsageError, or Error
/// naming the map.
ImportOptions importOptionsOf(const CommandLine& line);

/// Adds the options of `profile export`: format, map and words.
void addExportOptions(CommandLine& line);
/// Reads the options that addExportOptions adds.
ImportOptions exportOptionsOf(const CommandLine& line);

/// A file as the command line names it.
struct NamedFile {
    std::string path;
    std::optional<double> voltage;
};

/// Returns the files to import, with the voltages that "0.58V:FILE" or --voltage FILE=0.58V give
/// them. Throws UsageError if --voltage names none of them.
std::vector<NamedFile> filesToImport(const CommandLine& line);

}  // namespace brownout
