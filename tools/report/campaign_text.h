#pragma once

#include <functional>
#include <string>
#include <tuple>

#include "emulation/summary.h"

namespace brownout {

/// Key that equal networks have, whatever protects them.
using NetworkContent =
    std::tuple<std::string, std::string, std::uint32_t, std::string, std::string>;
NetworkContent contentOf(const NetworkSpec& network);

/// Tells whether the value of the first measure fulfils a condition in any row.
bool anyMain(const Summary& summary, const std::function<bool(const MeasuredValue&)>& holds);

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

/// Returns what the energies of the campaign are: "access energy", or "energy" of an accelerator.
std::string energyName(const CampaignSpec& campaign);

/// Says what is counted in them, and where the figures come from.
std::string energyMeaning(const CampaignSpec& campaign);

}  // namespace brownout
