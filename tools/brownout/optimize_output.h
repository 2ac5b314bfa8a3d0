#pragma once

#include <string>
#include <vector>

#include "emulation/optimizer/optimizer.h"

namespace brownout {

/// Request and result of an optimisation, for tables, JSON and pages.
struct OptimizeReport {
    std::string network;               ///< path of the network
    std::string profile;               ///< path of the profile of the chips
    std::vector<std::string> domains;  ///< names of the domains
    double drop = 0.01, yield = 0.99;  ///< what was asked, shares
    Optimized found;
    std::vector<OptimizedSetting> front;     ///< of energy and error
    std::vector<std::string> frontCommands;  ///< command that runs each setting of the front again
    std::string bestCommand;                 ///< command that runs the best setting again
    std::string unit;                        ///< unit of the supplies
};

/// Returns the report as text for people.
std::string optimizeText(const OptimizeReport& report);

/// Returns the report as JSON, ending in a newline.
std::string optimizeJson(const OptimizeReport& report);

/// Returns a page that needs no other file: the answer, the front as a plot and a table, and the
/// command of each. Throws Error if gnuplot is missing or fails.
std::string optimizePage(const OptimizeReport& report);

}  // namespace brownout
