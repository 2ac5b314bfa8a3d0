#include "tools/report/time_panels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace brownout {
namespace {

using testing::HasSubstr;

using Values = std::vector<std::optional<double>>;

/// Returns the corners of all curves of a colour, in the order in which they are drawn.
std::vector<std::pair<double, double>> cornersOf(const Plot& plot, const std::string& property) {
    std::vector<std::pair<double, double>> corners;
    const std::regex path("<path style='stroke:var\\(" + property + "\\)'[^>]* d='([^']*)'");
    const std::regex number("([ML]?)([0-9.]+),([0-9.]+)");
    std::smatch found;
    for (std::string rest = plot.svg; std::regex_search(rest, found, path); rest = found.suffix()) {
        const std::string d = found[1];
        for (std::sregex_iterator at(d.begin(), d.end(), number), end; at != end; ++at) {
            corners.emplace_back(std::stod((*at)[2]), std::stod((*at)[3]));
        }
    }
    return corners;
}

TEST(TimePanels, HoldEachValueUntilTheNextOnOneAxis) {
    const Plot plot = drawPanels(
        {0, 10, 30, 40},
        {{"one", {{"first", Values{1, 3, 2}}}}, {"two", {{"second", Values{5, std::nullopt, 5}}}}},
        "p", "Title", "caption");
    ASSERT_EQ(plot.legend.size(), 2U);
    EXPECT_EQ(plot.legend[1].name, "second");
    EXPECT_THAT(plot.svg, HasSubstr("Title: one, two against time"));
    const auto first = cornersOf(plot, "--curve0");
    ASSERT_EQ(first.size(), 6U) << plot.svg;
    const double second = (first[5].first - first[0].first) / 40;  // pixels
    EXPECT_NEAR(first[1].first - first[0].first, 10 * second, 0.2);
    EXPECT_NEAR(first[3].first - first[2].first, 20 * second, 0.2);
    EXPECT_EQ(first[0].second, first[1].second);
    EXPECT_EQ(first[2].second, first[3].second);
    EXPECT_NEAR(first[1].second - first[2].second, 2 * (first[4].second - first[3].second), 0.2);
    // The same times stand at the same places; where nothing is known nothing is drawn.
    const auto other = cornersOf(plot, "--curve1");
    ASSERT_EQ(other.size(), 4U) << plot.svg;
    EXPECT_NEAR(other[1].first, first[1].first, 0.01);
    EXPECT_NEAR(other[2].first, first[4].first, 0.01);
}

TEST(TimePanels, DrawNothingWhereALogarithmHasNothingAndNeedNoCurve) {
    const Plot plot =
        drawPanels({0, 1, 2, 3},
                   {{"words", {{"few", Values{0, 10, 0}}, {"none", Values{0, 0, 0}}}, true},
                    {"empty", {{"", Values{std::nullopt, std::nullopt, std::nullopt}}}}},
                   "p", "Title", "caption");
    EXPECT_EQ(cornersOf(plot, "--curve0").size(), 2U) << plot.svg;
    EXPECT_EQ(cornersOf(plot, "--curve1").size(), 0U);
    EXPECT_EQ(plot.legend.size(), 2U) << "a series without a name is not in it";
}

}  // namespace
}  // namespace brownout
