#pragma once

#include <cstddef>
#include <string>

namespace brownout {

/// Returns the colour that stands for curve `index` in a gnuplot script, "#rrggbb".
std::string curveKey(std::size_t index);

/// Returns the CSS custom property that holds the colour of curve `index` on the page: "--curve3".
std::string curveProperty(std::size_t index);

/// Returns gnuplot's SVG in a form that can stand inside an HTML page beside others: without
/// prologue, with names and links of its own (prefix `id`), with the page's --ink for black and its
/// --curveN for the colours of curves, and with a description for people who can't see it.
std::string inlineSvg(std::string svg, const std::string& id, const std::string& description);

}  // namespace brownout
