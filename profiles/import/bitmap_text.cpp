#include "profiles/import/bitmap_text.h"

#include <string_view>

#include "base/error.h"
#include "base/fields.h"

namespace brownout {

void readBitmap(const ImportFile& file, const ImportOptions& options, Measurement& measurement,
                CellRecorder& recorder) {
    LineReader lines(*file.input);
    const std::uint32_t columns = measurement.map().columns();
    std::uint64_t rows = 0;
    std::string line;
    while (lines.next(line)) {
        const std::string_view text = trimmed(line);
        if (text.empty() || text[0] == '#') continue;
        std::uint32_t column = 0;
        for (std::size_t start = 0; start <= text.size(); ++column) {
            if (column == columns) {
                throw lines.error("has more than " + std::to_string(columns) +
                                  " numbers; expected one a column");
            }
            const auto end = std::min(text.find(options.delimiter, start), text.size());
            const std::string_view field = trimmed(text.substr(start, end - start));
            start = end + 1;
            if (field == "0") continue;  // most of them
            const auto value = parseReal(field, options.decimal);
            const auto fails = value ? recorder.fails(*value) : std::nullopt;
            if (!fails) {
                throw lines.error("column " + std::to_string(column) + " is " +
                                  quoted(std::string(field)) + "; " + recorder.expected());
            }
            if (*fails > 0) recorder.cell(rows, column, *fails);
        }
        if (column != columns) {
            throw lines.error("has " + std::to_string(column) + " numbers; expected " +
                              std::to_string(columns) + ", one a column");
        }
        ++rows;
    }
    recorder.end(rows);
}

}  // namespace brownout
