#pragma once

#include <string>
#include <vector>

#include "emulation/summary.h"

namespace brownout {

/// Headings and cells of a table, row by row.
struct TextTable {
    std::vector<std::string> headings;
    std::vector<std::vector<std::string>> rows;
};

/// Returns the rates that the networks of a campaign, or the parts of them, stand, and why they
/// don't stand the next one.
TextTable berzadTable(const Summary& summary);

/// Returns every decision of a campaign with the figures that it rests on.
TextTable decisionTable(const Summary& summary);

/// Says what the columns of berzadTable are, and what the search cost.
std::string describeBerzad(const Summary& summary);

/// Returns the section of a page that shows these rates, as maps where networks are split by bit,
/// and every decision: HTML. Throws Error if gnuplot is missing or fails.
std::string berzadSection(const Summary& summary);

}  // namespace brownout
