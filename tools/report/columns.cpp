#include "tools/report/columns.h"

#include <algorithm>

namespace brownout {
namespace {

/// Returns the characters of UTF-8 text.
std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](unsigned char byte) { return (byte & 0xc0) != 0x80; }));
}

}  // namespace

std::string emphasised(const std::string& text, bool bold) {
    return bold ? "\033[1m" + text + "\033[0m" : text;
}

std::string alignedColumns(const std::vector<std::vector<std::string>>& rows, std::size_t named,
                           bool bold) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], widthOf(row[c]));
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string space(widths[c] - widthOf(row[c]), ' ');
            line += c == 0 || c >= named ? "  " : " ";
            line += c < named ? row[c] + space : space + row[c];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += emphasised(line, bold && &row == &rows.front()) + "\n";
    }
    return text;
}

}  // namespace brownout
