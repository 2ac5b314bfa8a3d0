#pragma once

#include <functional>
#include <string>
#include <vector>

#include "emulation/summary.h"

namespace brownout {

/// Column of the table of results, for terminals and for the report page alike.
struct SummaryColumn {
    std::string heading;
    /// Text of a row in this column, "-" where nothing is known.
    std::function<std::string(const SummaryRow&)> cell;
};

/// Returns the columns that at least one point of the campaign fills. They refer to `summary`,
/// which must outlive them.
std::vector<SummaryColumn> summaryColumns(const Summary& summary);

/// Tells whether any network of the campaign is protected.
bool hasProtection(const CampaignSpec& campaign);

/// Tells whether the points of a campaign are supplies.
bool hasSupplies(const CampaignSpec& campaign);

/// Returns "8 bit robust, stored as int8: 5,500,000 parameters in 5.50 MB".
std::string describeNetwork(const NetworkSpec& network);

/// Says in one or two sentences over which units the means are taken and what follows them.
std::string describeUncertainty(const Summary& summary);

/// Returns "V/Vmin" or "V", the heading for voltages of the campaign; "supply" without a profile.
std::string voltageUnit(const CampaignSpec& campaign);

/// Returns a value of a measure as people read it: "11.28" for 0.1128 if it is shown in percent,
/// "-" where there is none.
std::string valueText(const Measure& measure, const std::optional<double>& value);

/// Returns "11.28 ± 1.47"; without the second part for n = 1.
std::string meanText(const Measure& measure, const std::optional<Estimate>& estimate);

/// Returns "11.28 ± 1.47 [10.86, 11.70]": mean, standard deviation and 95 % interval.
std::string estimateText(const Measure& measure, const std::optional<Estimate>& estimate);

/// Returns a text with its first letter in upper case, for the beginning of a title.
std::string capitalised(std::string text);

}  // namespace brownout
