#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/report/plots.h"

namespace brownout {

/// A quantity over time, held from one time to the next; nothing where it isn't known.
struct TimeSeries {
    std::string name;  ///< entry of the legend; empty: none, where the panel's label says it all
    std::vector<std::optional<double>> values;
    /// Ends of a band behind the curve, one a value; empty: no band.
    std::vector<std::optional<Interval>> band = {};
};

/// One of several diagrams on top of each other, which share their time axis.
struct TimePanel {
    std::string label;  ///< of its own y axis
    std::vector<TimeSeries> series;
    bool log = false;       ///< logarithmic; what isn't above zero is not drawn
    bool fromZero = false;  ///< the axis begins at 0
};

/// Draws panels on one time axis with gnuplot. Values i hold from `edges[i]` to `edges[i + 1]`, in
/// seconds. Parts of the picture have names that begin with `id`. Throws Error if gnuplot is
/// missing or fails.
Plot drawPanels(const std::vector<double>& edges, const std::vector<TimePanel>& panels,
                const std::string& id, const std::string& title, const std::string& caption);

}  // namespace brownout
