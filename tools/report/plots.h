#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulation/summary.h"

namespace brownout {

/// A curve of a plot as its legend shows it.
struct LegendEntry {
    std::string marker;    ///< the character that looks like the curve's marks
    std::string property;  ///< CSS custom property with its colour: "--curve0"
    std::string name;
};

/// A picture of a page: SVG to stand inside HTML, in colours that the page's style sheet
/// sets (--ink, --curve0 to --curve7). The legend is apart, because HTML can wrap it.
struct Plot {
    std::string title;
    std::string caption;
    std::string svg;
    std::vector<LegendEntry> legend;
};

/// Returns the colours of the curves for light or dark pages, from the colour-blind-safe palette of
/// Okabe and Ito, as the declarations of CSS custom properties.
std::string curveColours(bool dark);

/// Draws the plots that the campaign has data for, with gnuplot: the task's first measure, the
/// error say, against voltage, energy against voltage, the measure against energy; in uniform mode
/// the measure against bit error rate. A second error, of top classes, has plots of its own.
/// Throws Error if gnuplot is missing or fails.
std::vector<Plot> drawPlots(const Summary& summary);

/// Draws the rates that each bit position stands, one curve a network, of a campaign that is split
/// by bit position alone and has at most eight networks; nothing of others. Throws as drawPlots
/// does.
std::optional<Plot> drawRatesOfBits(const Summary& summary);

/// Draws several campaigns of one task in one plot: its first measure against the bit error rate
/// observed, one curve for each network of each campaign, at most eight. The plot has no SVG if no
/// campaign has seen an error.
Plot drawErrorAgainstObservedRate(
    const std::vector<std::pair<std::string, const Summary*>>& campaigns);

}  // namespace brownout
