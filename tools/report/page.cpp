#include "tools/report/page.h"

#include "base/numbers.h"
#include "tools/report/html.h"
#include "tools/report/page_style.h"
#include "tools/report/png.h"

namespace brownout {
namespace {

std::string pageStyle() {
    // The last block wins in print, also on a dark screen.
    return std::string("<style>") + kPageStyle + ":root{" + curveColours(false) + "}\n" +
           "@media screen and (prefers-color-scheme:dark){:root{" + kPageDarkColours +
           curveColours(true) + "}}" + kPagePrintStyle + "</style>\n";
}

}  // namespace

std::string htmlPage(const std::string& title, const std::string& header, const std::string& main,
                     const std::string& footer) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n" +
           element("title", htmlText(title + " - Brownout")) + pageStyle() +
           "</head>\n<body>\n<header>\n" + element("h1", htmlText(title)) + header +
           "</header>\n<main>\n" + main + "</main>\n" +
           (footer.empty() ? "" : element("footer", footer)) + "</body>\n</html>\n";
}

std::string madeBy(const std::string& version) {
    return htmlText("Made by Brownout " + version + ".");
}

std::string paragraph(const std::string& text) { return element("p", htmlText(text)); }

std::string counted(std::uint64_t count, const std::string& thing) {
    return groupedNumber(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string htmlFigure(const std::string& title, const std::string& picture,
                       const std::string& caption, const std::string& style) {
    return "<figure" + (style.empty() ? "" : " style=\"" + style + "\"") + ">" +
           element("h3", htmlText(title)) + picture + element("figcaption", caption) +
           "</figure>\n";
}

std::string plotFigure(const Plot& plot, const std::string& style) {
    std::string legend;
    for (const auto& entry : plot.legend) {
        legend += "<li><span style=\"color:var(" + entry.property + ")\">" + entry.marker +
                  "</span> " + htmlText(entry.name) + "</li>";
    }
    return htmlFigure(plot.title, "<ul class=\"legend\">" + legend + "</ul>\n" + plot.svg,
                      htmlText(plot.caption), style);
}

std::string colourKey(const std::string& colour, const std::string& meaning) {
    return "<span class=\"key\" style=\"background:" + colour + "\"></span>" + htmlText(meaning);
}

std::string faultMapFigure(const FaultMapImage& map, const std::string& title,
                           const std::string& caption) {
    std::string text = caption;
    if (map.cellsPerPixel > 1) {
        text += " A pixel stands for " + std::to_string(map.cellsPerPixel) + " x " +
                std::to_string(map.cellsPerPixel) + " cells.";
    }
    if (map.markPixels > 1) text += " Marks are larger than cells, so that they can be seen.";
    std::string html = htmlText(text) + "<br>";
    const auto addKey = [&](const char* colour, const std::string& meaning, std::uint64_t cells) {
        if (cells > 0) html += colourKey(colour, meaning + ": " + groupedNumber(cells));
    };
    addKey(kColour0to1, "reads 1 for 0", map.only0to1);
    addKey(kColour1to0, "reads 0 for 1", map.only1to0);
    addKey(kColourBothWays, "either", map.bothWays);
    return htmlFigure(title,
                      "<img alt=\"" + htmlText("Fault map. " + title) + "\" width=\"" +
                          std::to_string(map.width) + "\" height=\"" + std::to_string(map.height) +
                          "\" src=\"data:image/png;base64," + base64(map.png) + "\">\n",
                      html);
}

}  // namespace brownout
