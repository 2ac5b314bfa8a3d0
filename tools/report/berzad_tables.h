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

/// Returns the rates that the parts of networks stand as maps of coloured fields, layers from top
/// to bottom and bit positions from left to right: HTML, empty unless the campaign is split by bit.
std::string sensitivityMaps(const Summary& summary);

}  // namespace brownout
