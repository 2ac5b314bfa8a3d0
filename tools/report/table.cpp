#include "tools/report/table.h"

#include <functional>
#include <vector>

#include "base/numbers.h"
#include "base/text.h"
#include "tools/report/berzad_tables.h"
#include "tools/report/campaign_text.h"
#include "tools/report/columns.h"
#include "tools/report/summary_columns.h"

namespace brownout {

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
        text += alignedColumns(lines, 0, bold);
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
    return alignedColumns(lines, 0, bold) + "\n" + describeBerzad(summary) + "\n";
}

}  // namespace brownout
