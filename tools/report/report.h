#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "emulation/shard.h"
#include "emulation/summary.h"
#include "model/chip.h"
#include "model/geometry.h"

namespace brownout {

/// Cells of one chip that fail at one point, for the report's picture.
struct FaultMapFigure {
    SramGeometry geometry;
    std::vector<FaultyCell> cells;
    std::uint32_t chip = 0;
    std::string point;  ///< label of the point
};

/// Things that a report shows beside the results.
struct ReportExtras {
    std::string command;  ///< command lines that run the campaign again; empty if not known
    Shard shard;          ///< the part of the campaign that the results are of
    std::optional<FaultMapFigure> faultMap;
};

/// Writes the campaign's results as one HTML page that needs nothing else: no script, no other
/// file, no network. Readable on a phone, on a light or dark background, and in print. The same
/// summary gives the same bytes. Throws Error if gnuplot is missing or fails.
std::string reportHtml(const Summary& summary, const ReportExtras& extras);

/// Writes the page to `path`, whole or not at all. Throws Error naming it.
void writeReport(const std::filesystem::path& path, const Summary& summary,
                 const ReportExtras& extras);

}  // namespace brownout
