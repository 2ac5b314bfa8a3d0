#include "profiles/import/npy_array.h"

#include <cstring>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;  // elements read at a time

std::uint64_t loadBits(const unsigned char* bytes, const NpyHeader& header) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < header.bytes; ++i) {
        bits = bits << 8 | bytes[header.bigEndian ? i : header.bytes - 1 - i];
    }
    return bits;
}

double asReal(std::uint64_t bits, const NpyHeader& header) {
    switch (header.kind) {
        case NpyKind::kBool:
        case NpyKind::kUnsigned:
            return static_cast<double>(bits);
        case NpyKind::kSigned: {
            const unsigned unused = 64 - 8 * header.bytes;
            return static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused);
        }
        case NpyKind::kFloat:
            break;
    }
    if (header.bytes == 4) {
        const auto word = static_cast<std::uint32_t>(bits);
        float value = 0;
        std::memcpy(&value, &word, sizeof value);
        return static_cast<double>(value);
    }
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

std::string shapeText(const NpyHeader& header) {
    std::string text;
    for (const std::uint64_t size : header.shape) {
        text += (text.empty() ? "(" : ", ") + std::to_string(size);
    }
    return text.empty() ? "()" : text + ")";
}

/// Calls `element(number, bits)` for each element as it lies in the file.
template <typename Element>
void readElements(Input& input, const NpyHeader& header, const Element& element) {
    const std::uint64_t count = header.elements();
    std::vector<char> buffer(kBlock * header.bytes);
    for (std::uint64_t first = 0; first < count; first += kBlock) {
        const auto block = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, count - first));
        const std::size_t got = input.read(buffer.data(), block * header.bytes);
        if (got != block * header.bytes) {
            throw input.error("ends after " + std::to_string(first + got / header.bytes) +
                              " elements; expected " + std::to_string(count) + ", the shape " +
                              shapeText(header));
        }
        const auto* bytes = reinterpret_cast<const unsigned char*>(buffer.data());
        for (std::size_t i = 0; i < block; ++i) {
            element(first + i, loadBits(bytes + i * header.bytes, header));
        }
    }
    char more = 0;
    if (input.read(&more, 1) != 0) {
        throw input.error("goes on after its " + std::to_string(count) + " elements, the shape " +
                          shapeText(header));
    }
}

}  // namespace

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
        throw input.error("has the shape " + shapeText(header) +
                          "; expected (rows, columns) or (arrays, rows, columns)");
    }
    const std::uint64_t rows = header.shape[dimensions - 2];
    const std::uint64_t columns = header.shape[dimensions - 1];
    if (header.elements() == 0 || rows > 0xFFFFFFFF || columns > 0xFFFF) {
        throw input.error("has the shape " + shapeText(header) +
                          "; expected 1 to 65535 columns and at least one row");
    }
    if (!map.columns) map.columns = static_cast<std::uint32_t>(columns);
    if (*map.columns != columns) {
        throw input.error("has the shape " + shapeText(header) + "; expected " +
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
        throw input.error("has the shape " + shapeText(header) + "; expected " +
                          std::to_string(measurement.map().columns()) +
                          " columns in 2 or 3 dimensions");
    }
    const std::uint64_t rows = header.shape[dimensions - 2];
    if (dimensions == 3 && rows != measurement.map().dumpRows()) {
        throw input.error("has the shape " + shapeText(header) + "; expected " +
                          std::to_string(measurement.map().dumpRows()) + " rows an array");
    }
    const std::uint64_t allRows = dimensions == 3 ? header.shape[0] * rows : rows;
    recorder.end(allRows);  // says at once what doesn't fit
    const std::uint64_t arrays = allRows / rows;
    readElements(input, header, [&](std::uint64_t number, std::uint64_t bits) {
        if (bits == 0) return;
        const double value = asReal(bits, header);
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
        throw input.error("has the shape " + shapeText(header) +
                          "; expected (words,) or (blocks, words of a block) in C order");
    }
    const std::uint32_t width = recorder.fileBits();
    const std::uint64_t extra = width >= 64 ? 0 : ~std::uint64_t{0} << width;
    readElements(input, header, [&](std::uint64_t number, std::uint64_t bits) {
        if (bits == recorder.background()) return;
        if ((bits & extra) != 0) {
            throw input.error("element " + std::to_string(number) + " is " + std::to_string(bits) +
                              "; expected a word of " + std::to_string(width) + " bits");
        }
        recorder.differs(measurement, entry, number, bits);
    });
    recorder.endOfFile(measurement, input, header.elements());
}

}  // namespace brownout
