#pragma once

#include <cstddef>
#include <string>

namespace brownout {

/// The colour that stands for curve `index` in a gnuplot script, "#rrggbb".
std::string curveKey(std::size_t index);

/// The CSS custom property that holds its colour on the page: "--curve3".
std::string curveProperty(std::size_t index);

/// gnuplot's SVG as it can stand inside an HTML page beside others: no prologue, names and links of
/// its own (prefix `id`), black replaced by the page's --ink and the colours of curves by its
/// --curveN, and a description for those who can't see it.
std::string inlineSvg(std::string svg, const std::string& id, const std::string& description);

}  // namespace brownout
