#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emulation/summary.h"

namespace brownout {

/// A campaign beside others, and what to call it.
struct NamedSummary {
    std::string name;
    Summary summary;
};

/// One network in two campaigns, at points where about as many bits were read wrong.
struct SameRate {
    std::string network;
    std::size_t a = 0, b = 0;  ///< campaigns
    SummaryRow rowA, rowB;
    Estimate difference;  ///< of the mean errors, a - b, Welch: campaigns have different chips

    bool decided() const {
        return difference.ci95 && (difference.ci95->low > 0 || difference.ci95->high < 0);
    }
};

/// Networks of the same name at the points of two campaigns whose observed bit error rates are
/// nearest and at most a tenth apart, all pairs of campaigns.
std::vector<SameRate> atTheSameRate(const std::vector<NamedSummary>& campaigns);

/// Several campaigns on one HTML page that needs nothing else: error against the bit error rate
/// that was observed, whatever chips it came from, the comparisons at the same rate, and the
/// figures. Throws Error if gnuplot is missing or fails.
std::string jointReportHtml(const std::vector<NamedSummary>& campaigns);

}  // namespace brownout
