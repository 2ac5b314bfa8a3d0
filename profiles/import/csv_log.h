#pragma once

#include <vector>

#include "profiles/import/import_options.h"
#include "profiles/import/measurement.h"

namespace brownout {

/// Reads comma-separated fail logs into `measurement`: "csv" of IMPORT.md. Throws Error naming the
/// file and the line.
void readCsvLogs(std::vector<ImportFile>& files, const ImportOptions& options,
                 Measurement& measurement, ImportNotes& notes);

}  // namespace brownout
