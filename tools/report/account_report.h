#pragma once

#include <string>
#include <vector>

#include "model/accelerator/account_energy.h"

namespace brownout {

/// Time and energy of an account at one set of supplies.
struct AccountPoint {
    std::string label;  ///< "nominal" or the supply as it was asked for
    AcceleratorSupplies supplies;
    std::vector<LayerEnergy> layers;
    LayerEnergy total;
};

/// An account with all that is shown of it.
struct AccountReport {
    std::string network;  ///< file of the network
    std::string format;   ///< number format of its weights
    std::string file;     ///< file of the accelerator
    Accelerator accelerator;
    Account account;
    std::vector<AccountPoint> points;  ///< one at least; layers are shown at the first
};

/// Returns whether a layer costs anything: those that only rename, or are applied to results on
/// their way out, don't.
bool costs(const LayerUse& layer);

/// Returns the bytes that a layer moves to and from the DRAM.
std::uint64_t dramBytes(const LayerUse& layer);

/// Returns the account as an HTML page that needs no other file: stacked bars of the energy of each
/// layer by memory and arithmetic, of each point, and the figures as tables.
std::string accountPage(const AccountReport& report, const std::string& version);

}  // namespace brownout
