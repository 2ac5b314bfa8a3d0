#pragma once

#include <optional>
#include <vector>

#include "base/npy_header.h"
#include "profiles/import/cell_recorder.h"
#include "profiles/import/word_recorder.h"

namespace brownout {

/// Returns the meaning of the elements of an array: by the options, or by their type. Throws
/// UsageError if neither says.
ArrayValues valuesOf(const NpyHeader& header, const ImportOptions& options);

/// Adds to `map` the shape of one macro that the array's own shape tells: (rows, columns) or
/// (arrays, rows, columns). Throws Error naming the input if it is neither, or not what the map
/// says.
void addShape(const NpyHeader& header, const Input& input, MapDescription& map);

/// Reads the elements that follow the header as numbers of cells: "npy" of IMPORT.md. Throws Error
/// naming the file and the element.
void readNpyCells(const ImportFile& file, const NpyHeader& header, Measurement& measurement,
                  CellRecorder& recorder);
/// Reads the elements that follow the header as words. Throws Error as readNpyCells does.
void readNpyWords(const ImportFile& file, const NpyHeader& header, Measurement& measurement,
                  WordRecorder& recorder, std::uint32_t entry);

}  // namespace brownout
