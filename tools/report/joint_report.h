#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emulation/summary.h"

namespace brownout {

/// A campaign beside others, and its name among them.
struct NamedSummary {
    std::string name;
    Summary summary;
};

/// One network in two campaigns, at points where about as many bits were read wrong.
struct SameRate {
    std::string network;
    std::size_t a = 0, b = 0;  ///< indices of the campaigns
    SummaryRow rowA, rowB;
    Estimate difference;  ///< difference of the means, a - b, not paired: chips differ

    /// Tells whether the interval excludes zero.
    bool decided() const {
        return difference.ci95 && (difference.ci95->low > 0 || difference.ci95->high < 0);
    }
};

/// Finds, for all pairs of campaigns, networks of the same name at points whose observed bit error
/// rates are nearest to each other and at most a tenth apart. Throws Error if the campaigns are of
/// different tasks.
std::vector<SameRate> atTheSameRate(const std::vector<NamedSummary>& campaigns);

/// Writes several campaigns as one HTML page that needs nothing else: error against the bit error
/// rate that was observed, whatever chips it came from, the comparisons at the same rate, and the
/// figures. Throws Error if gnuplot is missing or fails.
std::string jointReportHtml(const std::vector<NamedSummary>& campaigns);

}  // namespace brownout
