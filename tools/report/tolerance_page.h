#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "emulation/tolerance.h"
#include "emulation/tolerance_rates.h"

namespace brownout {

/// A network's metrics beside what faults did to it.
struct ToleranceResult {
    NetworkTolerance metrics;
    std::optional<ToleratedRate> measured;
    double cleanError = 0;  ///< on all images of the measurement, or those of the metrics
};

/// The rank correlation of a metric with the measured tolerance over all networks.
struct ToleranceCorrelation {
    std::string metric;
    std::optional<RankCorrelation> correlation;
};

/// Returns the correlations of each metric with the tolerated rate over the networks that have one.
std::vector<ToleranceCorrelation> toleranceCorrelations(
    const std::vector<ToleranceResult>& results);

/// Returns a table of headings and rows as plain text in aligned columns.
std::string toleranceText(const std::vector<ToleranceResult>& results);

/// Returns one row a layer of each network, as CSV.
std::string toleranceCsv(const std::vector<ToleranceResult>& results);

/// Writes a page with the figures and the histograms of every layer.
void writeTolerancePage(const std::filesystem::path& file,
                        const std::vector<ToleranceResult>& results);

}  // namespace brownout
