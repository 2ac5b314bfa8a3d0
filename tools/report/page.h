#pragma once

#include <cstdint>
#include <string>

#include "tools/report/fault_map.h"
#include "tools/report/plots.h"

namespace brownout {

/// Returns a whole HTML page that needs no other file, readable on a phone, on a light or dark
/// background, and in print. `title` is plain text; the header below it, the main part and the
/// footer are HTML. There is no footer if it is empty.
std::string htmlPage(const std::string& title, const std::string& header, const std::string& main,
                     const std::string& footer = "");

/// Returns the footer of a page, which names the version of Brownout that computed its figures.
std::string madeBy(const std::string& version);

/// Returns a paragraph of plain text.
std::string paragraph(const std::string& text);

/// Returns "1 chip", "2 chips".
std::string counted(std::uint64_t count, const std::string& thing);

/// Returns a picture with a heading above and a caption below. The title is plain text, the picture
/// and the caption are HTML; `style` is CSS of the figure, often empty.
std::string htmlFigure(const std::string& title, const std::string& picture,
                       const std::string& caption, const std::string& style = "");

/// Returns a plot as a figure with its legend.
std::string plotFigure(const Plot& plot, const std::string& style = "");

/// Returns a coloured square and what it stands for, for captions. `colour` is CSS.
std::string colourKey(const std::string& colour, const std::string& meaning);

/// Returns a fault map as a figure whose caption begins with `caption` (plain text) and says what
/// its colours and pixels mean.
std::string faultMapFigure(const FaultMapImage& map, const std::string& title,
                           const std::string& caption);

}  // namespace brownout
