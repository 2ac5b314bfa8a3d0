#pragma once

#include "profiles/import/cell_recorder.h"

namespace brownout {

/// Reads a matrix of numbers, a row a line: "bitmap01" of IMPORT.md. Throws Error naming the file
/// and the line.
void readBitmap(const ImportFile& file, char delimiter, Measurement& measurement,
                CellRecorder& recorder);

}  // namespace brownout
