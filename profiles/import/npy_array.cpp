#include "profiles/import/npy_array.h"

#include <sstream>

#include "base/error.h"
#include "base/npy_elements.h"

namespace brownout {

ArrayValues valuesOf(const NpyHeader& header, const ImportOptions& options) {
    if (options.values) return *options.values;
    if (header.kind == NpyKind::kBool) return ArrayValues::kFlags;
    if (header.kind == NpyKind::kFloat) return ArrayValues::kProbabilities;
    if (header.shape.size() == 1) return ArrayValues::kWords;
    throw UsageError("--values", "integers may be flags, counts or words; say which");
}

void addShape(const NpyHeader& header, const Input& input, MapDescription& map) {
    const std::size_t dimensions = header.shape.size();
    if (dimensions != 2 && dimensions != 3) {
        throw input.error("has the shape " + npyShape(header) +
                          "; expected (rows, columns) or (arrays, rows, columns)");
    }
    const std::uint64_t rows = header.shape[dimensions - 2];
    const std::uint64_t columns = header.shape[dimensions - 1];
    if (header.elements() == 0 || rows > 0xFFFFFFFF || columns > 0xFFFF) {
        throw input.error("has the shape " + npyShape(header) +
                          "; expected 1 to 65535 columns and at least one row");
    }
    if (!map.columns) map.columns = static_cast<std::uint32_t>(columns);
    if (*map.columns != columns) {
        throw input.error("has the shape " + npyShape(header) + "; expected " +
                          std::to_string(*map.columns) + " columns, as " + map.name + " says");
    }
    // Rows of the file include spare ones; with several arrays a block the map must say.
    if (!map.rows && !map.wordsPerBlock && map.arrayBits.empty() && rows > map.spareRows.size()) {
        map.rows = static_cast<std::uint32_t>(rows - map.spareRows.size());
    }
}

void readNpyCells(const ImportFile& file, const NpyHeader& header, Measurement& measurement,
                  CellRecorder& recorder) {
    Input& input = *file.input;
    const std::size_t dimensions = header.shape.size();
    const std::uint64_t columns = dimensions < 2 ? 0 : header.shape[dimensions - 1];
    if ((dimensions != 2 && dimensions != 3) || columns != measurement.map().columns()) {
        throw input.error("has the shape " + npyShape(header) + "; expected " +
                          std::to_string(measurement.map().columns()) +
                          " columns in 2 or 3 dimensions");
    }
    const std::uint64_t rows = header.shape[dimensions - 2];
    if (dimensions == 3 && rows != measurement.map().dumpRows()) {
        throw input.error("has the shape " + npyShape(header) + "; expected " +
                          std::to_string(measurement.map().dumpRows()) + " rows an array");
    }
    const std::uint64_t allRows = dimensions == 3 ? header.shape[0] * rows : rows;
    recorder.end(allRows);  // says at once what doesn't fit
    const std::uint64_t arrays = allRows / rows;
    readNpyElements(
        input, header, header.elements(), [&](std::uint64_t number, std::uint64_t bits) {
            if (bits == 0) return;
            const double value = npyNumber(bits, header);
            const auto fails = recorder.fails(value);
            if (!fails) {
                std::ostringstream text;
                text << "element " << number << " is " << value << "; " << recorder.expected();
                throw input.error(text.str());
            }
            if (*fails == 0) return;
            std::uint64_t row = number / columns, column = number % columns;
            if (header.fortranOrder) {
                // Arrays vary fastest, then rows, then columns.
                column = number / (arrays * rows);
                row = number % arrays * rows + number / arrays % rows;
            }
            recorder.cell(row, static_cast<std::uint32_t>(column), *fails);
        });
}

void readNpyWords(const ImportFile& file, const NpyHeader& header, Measurement& measurement,
                  WordRecorder& recorder, std::uint32_t entry) {
    Input& input = *file.input;
    if (header.kind != NpyKind::kUnsigned && header.kind != NpyKind::kSigned) {
        throw input.error("has elements that are no integers; expected words");
    }
    const std::size_t dimensions = header.shape.size();
    if (dimensions != 1 &&
        !(dimensions == 2 && !header.fortranOrder && header.shape[1] == recorder.wordsPerBlock())) {
        throw input.error("has the shape " + npyShape(header) +
                          "; expected (words,) or (blocks, words of a block) in C order");
    }
    const std::uint32_t width = recorder.fileBits();
    const std::uint64_t extra = width >= 64 ? 0 : ~std::uint64_t{0} << width;
    readNpyElements(input, header, header.elements(),
                    [&](std::uint64_t number, std::uint64_t bits) {
                        if (bits == recorder.background()) return;
                        if ((bits & extra) != 0) {
                            throw input.error("element " + std::to_string(number) + " is " +
                                              std::to_string(bits) + "; expected a word of " +
                                              std::to_string(width) + " bits");
                        }
                        recorder.differs(measurement, entry, number, bits);
                    });
    recorder.endOfFile(measurement, input, header.elements());
}

}  // namespace brownout
