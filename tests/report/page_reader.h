#pragma once

#include <string>
#include <vector>

namespace brownout::test {

/// A table as a reader sees it: the heading above it and its cells, headings of columns first.
struct ReadTable {
    std::string heading;
    std::vector<std::vector<std::string>> rows;
};

/// Returns all tables of a page, in order.
std::vector<ReadTable> tablesOf(const std::string& html);

/// A mark of a curve, at values that were read off the labels of the axes.
struct ReadMark {
    int curve = 0;  ///< of its colour, --curve0 is 0
    double x = 0;
    double y = 0;
};

/// Returns the marks of the plot whose description begins with `title`. Axes whose label says
/// "(log)" are read as logarithmic ones. A mark is read to about a two-hundredth of the height of
/// the plot.
std::vector<ReadMark> marksOf(const std::string& html, const std::string& title);

/// Returns the contrast of two colours "#rrggbb" or "#rgb" as WCAG 2 defines it, from 1 to 21.
double contrast(const std::string& a, const std::string& b);

/// Returns the value of a CSS custom property, as `declarations` set it last; "" if they don't.
std::string propertyIn(const std::string& declarations, const std::string& name);

}  // namespace brownout::test
