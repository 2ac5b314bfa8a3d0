#include "tools/report/plot_svg.h"

#include <array>
#include <cstdio>

#include "base/error.h"
#include "tools/report/html.h"
#include "tools/report/plots.h"

namespace brownout {
namespace {

struct CurveColour {
    unsigned light;
    unsigned dark;
};

// Okabe and Ito's palette; for dark pages the two darkest are lightened, and for light pages the
// lightest are darkened, so that thin lines keep their contrast.
constexpr std::array<CurveColour, 8> kCurves = {{{0x0072b2, 0x4aa8e0},
                                                 {0xd55e00, 0xf08a3c},
                                                 {0x009e73, 0x2cc79a},
                                                 {0xb5578d, 0xe0a0c4},
                                                 {0xb87f00, 0xe69f00},
                                                 {0x2b8cc4, 0x56b4e9},
                                                 {0x8a8200, 0xf0e442},
                                                 {0x555555, 0xbbbbbb}}};

std::string hex(unsigned colour) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "#%06x", colour);
    return text.data();
}

void replaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// Removes every `from`...`to`.
void removeAll(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
        const auto end = text.find(to, at);
        if (end == std::string::npos) return;
        text.erase(at, end + to.size() - at);
    }
}

/// Removes groups without content, in which gnuplot sets colours that it doesn't use.
void removeEmptyGroups(std::string& svg) {
    const std::string end = ">\n</g>\n";
    for (std::size_t at = 0; (at = svg.find(end, at)) != std::string::npos;) {
        const auto begin = svg.rfind('<', at);
        if (svg.compare(begin, 2, "<g") == 0) {
            svg.erase(begin, at + end.size() - begin);
            at = begin;
        } else {
            ++at;
        }
    }
}

/// gnuplot writes the colours of lines as rgb(  0, 114, 178), those of text without the blanks.
std::array<std::string, 2> asGnuplotPrints(unsigned colour) {
    std::array<std::string, 2> forms;
    const char* const formats[] = {"rgb(%3u, %3u, %3u)", "rgb(%u,%u,%u)"};
    for (std::size_t i = 0; i < forms.size(); ++i) {
        std::array<char, 24> text{};
        std::snprintf(text.data(), text.size(), formats[i], colour >> 16, colour >> 8 & 255,
                      colour & 255);
        forms[i] = text.data();
    }
    return forms;
}

/// Replaces an attribute of a colour by a style, which may refer to a property of the page.
void takeFromPage(std::string& svg, const std::string& attribute, const std::string& colour,
                  const std::string& property) {
    const auto style = "style='" + attribute + ":var(" + property + ")'";
    replaceAll(svg, attribute + "='" + colour + "'", style);
    replaceAll(svg, attribute + "=\"" + colour + "\"", style);
}

}  // namespace

std::string curveKey(std::size_t index) { return hex(kCurves[index % kCurves.size()].light); }

std::string curveProperty(std::size_t index) {
    return "--curve" + std::to_string(index % kCurves.size());
}

std::string curveColours(bool dark) {
    std::string css;
    for (std::size_t i = 0; i < kCurves.size(); ++i) {
        css += curveProperty(i) + ":" + hex(dark ? kCurves[i].dark : kCurves[i].light) + ";";
    }
    return css;
}

std::string inlineSvg(std::string svg, const std::string& id, const std::string& description) {
    const auto begin = svg.find("<svg");
    const auto end = svg.find('>', begin);
    if (begin == std::string::npos || end == std::string::npos) {
        throw Error("gnuplot", "didn't draw an SVG picture");
    }
    std::string head = svg.substr(begin, end - begin);
    const auto viewBox = head.find("viewBox=\"");
    const auto quote = head.find('"', viewBox + 9);
    if (viewBox == std::string::npos || quote == std::string::npos) {
        throw Error("gnuplot", "drew an SVG picture without a viewBox");
    }
    head = "<svg " + head.substr(viewBox, quote + 1 - viewBox) + " role=\"img\" aria-label=\"" +
           htmlText(description) + "\"";
    svg = head + svg.substr(end);
    removeAll(svg, "<title>", "</title>");  // would pop up as "ev_plot_1"
    removeAll(svg, "<desc>", "</desc>");
    removeAll(svg, "<filter", "</filter>");  // unused
    removeEmptyGroups(svg);
    replaceAll(svg, "xlink:href", "href");
    for (const char* name : {"gpDot", "gpPt", "gnuplot_"}) {
        replaceAll(svg, name, id + "-" + name);
    }
    replaceAll(svg, "font-family=\"sans-serif\" ", "");
    for (const char* attribute : {"stroke", "fill", "color"}) {
        for (std::size_t i = 0; i < kCurves.size(); ++i) {
            for (const auto& colour : asGnuplotPrints(kCurves[i].light)) {
                takeFromPage(svg, attribute, colour, curveProperty(i));
            }
        }
        takeFromPage(svg, attribute, "black", "--ink");
    }
    return svg;
}

}  // namespace brownout
