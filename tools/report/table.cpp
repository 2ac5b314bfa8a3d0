#include "tools/report/table.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/numbers.h"
#include "base/text.h"
#include "tools/report/berzad_tables.h"
#include "tools/report/summary_columns.h"

namespace brownout {
namespace {

/// Characters of UTF-8 text; ours are all one column wide.
std::size_t widthOf(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](unsigned char byte) { return (byte & 0xc0) != 0x80; }));
}

std::string emphasised(const std::string& text, bool bold) {
    return bold ? "\033[1m" + text + "\033[0m" : text;
}

/// Cells right-aligned in columns as wide as their widest, two spaces apart.
std::string aligned(const std::vector<std::vector<std::string>>& lines, bool bold) {
    std::vector<std::size_t> widths(lines.front().size(), 0);
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], widthOf(line[i]));
        }
    }
    std::string text;
    for (const auto& line : lines) {
        std::string row;
        for (std::size_t i = 0; i < line.size(); ++i) {
            row += "  " + std::string(widths[i] - widthOf(line[i]), ' ') + line[i];
        }
        text += emphasised(row, bold && &line == &lines.front()) + "\n";
    }
    return text;
}

}  // namespace

std::string summaryTable(const Summary& summary, bool bold) {
    const auto columns = summaryColumns(summary);
    std::string text;
    for (std::uint32_t network = 0; network < summary.campaign.networks.size(); ++network) {
        if (network > 0) text += "\n";
        text += emphasised(printable(summary.campaign.networks[network].name), bold) + ": " +
                printable(describeNetwork(summary.campaign.networks[network])) + "\n";
        std::vector<std::vector<std::string>> lines(1);
        for (const auto& column : columns) lines[0].push_back(column.heading);
        for (std::uint32_t point = 0; point < summary.campaign.points.size(); ++point) {
            if (!summary.isShown(summary.row(network, point))) continue;
            lines.emplace_back();
            for (const auto& column : columns) {
                lines.back().push_back(printable(column.cell(summary.row(network, point))));
            }
        }
        text += aligned(lines, bold);
    }
    text += "\n" + describeUncertainty(summary) + "\n";
    if (summary.campaign.search) text += "\n" + berzadText(summary, bold);
    return text;
}

std::string berzadText(const Summary& summary, bool bold) {
    const TextTable table = berzadTable(summary);
    std::vector<std::vector<std::string>> lines{table.headings};
    for (const auto& row : table.rows) {
        lines.emplace_back();
        for (const std::string& cell : row) lines.back().push_back(printable(cell));
    }
    return aligned(lines, bold) + "\n" + describeBerzad(summary) + "\n";
}

}  // namespace brownout
