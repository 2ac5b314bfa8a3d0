#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "emulation/statistics.h"
#include "tools/report/plots.h"

namespace brownout {

/// A point of a curve, with its interval if it has one.
struct Sample {
    double x = 0;
    double y = 0;
    std::optional<Interval> interval = {};
    std::string label = {};
    bool labelled = false;  ///< room for the label, as labelWhereThereIsRoom finds it
};

/// A curve of a diagram, drawn as points that lines connect.
struct Curve {
    std::size_t network = 0;  ///< index that decides colour and marker, the same everywhere
    std::optional<std::size_t> colour = {};  ///< another colour than that of `network`
    std::string name = {};
    std::vector<Sample> samples = {};
    std::optional<double> level = {};  ///< level of a dashed line in the curve's colour
};

/// Curves over common axes, before they are drawn.
struct Diagram {
    std::string xLabel = {};
    std::string yLabel = {};
    bool xReversed = false;
    bool xLog = false;
    bool yLog = false;
    std::vector<Curve> curves = {};
};

/// Number of markers that differ without colour, too: more curves than that repeat them.
constexpr std::size_t kMarkerCount = 12;

/// Tells whether the positive values of the curves span more than a decade, where a logarithmic
/// axis pays.
bool spansADecade(const Diagram& diagram);

/// Decides which samples have room for their label, right of them: not where another sample or
/// label is in the way.
void labelWhereThereIsRoom(Diagram& diagram);

/// Draws the diagram with gnuplot, as a picture whose parts have names that begin with `id`. Throws
/// Error if gnuplot is missing or fails.
Plot draw(Diagram diagram, const std::string& id, const std::string& title,
          const std::string& caption);

}  // namespace brownout
