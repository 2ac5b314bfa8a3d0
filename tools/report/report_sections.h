#pragma once

#include <string>

#include "emulation/summary.h"
#include "tools/report/report.h"

// The sections of a campaign's report, each as HTML; empty where a campaign has nothing for one.

namespace brownout {

/// Returns how far each network can go without losing more than is tolerable.
std::string howLow(const Summary& summary);

/// Returns the plots, and the fault map if there is one. Throws Error if gnuplot is missing or
/// fails.
std::string pictureSection(const Summary& summary, const ReportExtras& extras);

/// Returns the table of each network, and all of them as CSV.
std::string figuresSection(const Summary& summary);

/// Returns the differences of networks, or of one network under several protections.
std::string comparisonSection(const Summary& summary);

/// Returns the cost of each protection in cells and in energy of an access.
std::string protectionSection(const CampaignSpec& campaign);

/// Returns explanations of all columns and intervals.
std::string readingSection(const Summary& summary);

/// Returns the command, versions, seeds and inputs that give the campaign again. `command` is empty
/// if it isn't known.
std::string replaySection(const Summary& summary, const std::string& command);

}  // namespace brownout
