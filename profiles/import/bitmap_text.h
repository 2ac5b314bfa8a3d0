#pragma once

#include "profiles/import/cell_recorder.h"

namespace brownout {

/// Reads a matrix of numbers, a row a line: "bitmap01" of IMPORT.md. Of the options it takes the
/// delimiter and the decimal sign. Throws Error naming the file and the line.
void readBitmap(const ImportFile& file, const ImportOptions& options, Measurement& measurement,
                CellRecorder& recorder);

}  // namespace brownout
