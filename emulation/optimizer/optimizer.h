#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emulation/optimizer/cheapest.h"
#include "emulation/request.h"
#include "emulation/statistics.h"

namespace brownout {

/// A supply domain that an optimiser may set: memories of the accelerator or layers of the network
/// that share a supply, as FixedSupplyRequest names them.
struct OptimizedDomain {
    std::string name;                  ///< for tables: "conv1+conv2"
    std::vector<std::string> members;  ///< {"weights"}, {"conv1", "conv2"}
};

/// A request for the setting with which an inference takes the least energy while enough chips lose
/// little accuracy.
struct OptimizeRequest {
    /// One network in some formats under some protections, its data, its chips (a profile), and,
    /// if any, the accelerator. `chips` is the number of chips that settings are chosen on.
    CampaignRequest campaign;
    std::vector<OptimizedDomain> domains;
    std::vector<SupplyRequest> supplies;  ///< supplies to choose from, of every domain
    double drop = 0.01;                   ///< accuracy that a chip may lose, a share of the images
    double yield = 0.99;                  ///< share of the chips that has to lose no more
    std::uint32_t testChips = 0;          ///< chips after those, to try the chosen setting on
};

/// Chips that lost no more accuracy than allowed, of some.
struct YieldCount {
    std::uint32_t passed = 0;
    std::uint32_t chips = 0;

    double share() const { return chips == 0 ? 0 : static_cast<double>(passed) / chips; }
    /// Returns Clopper and Pearson's 95 % interval of the share. There must be chips.
    Interval interval() const;
};

/// A setting, its energy, and the errors of chips under it.
struct OptimizedSetting {
    Setting setting;
    std::string format, protection;
    std::vector<std::string> supplies;  ///< label of the supply of each domain
    std::vector<Voltage> voltages;      ///< the same, exactly
    double joules = 0;                  ///< of one inference
    YieldCount yield;                   ///< of the chips that were run
    bool whole = false;  ///< all chips were run; else enough failed to know that it isn't good
    bool good = false;   ///< yield and mean drop are as asked
    std::optional<Estimate> error;  ///< error over the chips that were run
};

/// The result of an optimisation.
struct Optimized {
    std::optional<OptimizedSetting> best;
    std::optional<OptimizedSetting> nominal;  ///< the first format and protection, highest supplies
    std::optional<OptimizedSetting> test;     ///< the best one on chips that it wasn't chosen on
    std::vector<OptimizedSetting> tried;      ///< in the order in which they were tried
    double referenceError = 0;                ///< without faults, of the best format and protection
    std::uint64_t settings = 0;               ///< settings there are
    std::uint64_t trials = 0;                 ///< trials that were run
    std::uint64_t allTrials = 0;              ///< trials that all settings on all chips would take
    std::uint32_t chips = 0;
};

/// Returns the whole settings that no other is better than in both energy and error, by rising
/// energy.
std::vector<OptimizedSetting> paretoFront(const std::vector<OptimizedSetting>& settings);

/// Tells whether chips show that a setting is good: all but a share of 1 - `yield` of them pass,
/// and the upper end of the interval of their mean error (the mean where there is none) is at most
/// `most`.
bool isGood(const YieldCount& chips, double yield, const Estimate& error, double most);

/// Finds the setting of least energy (cheapest.h) that is good: on a share `yield` of the chips the
/// error is at most `drop` above that of the best format and protection without faults, and so is
/// the upper end of the 95 % interval of the mean error. Chips of a setting are run in rounds (2,
/// 8, all), and no further once too many have failed. `tell` is called with each setting that was
/// tried.
///
/// Faults of a chip at a lower supply hold those at every higher one, so that a setting below one
/// that fails is taken to fail, too: an error now and then gets smaller by a fault, and a setting
/// that is good by such luck alone is passed over.
///
/// Energies of domains add up, so that each supply of each domain is worked out once. Throws
/// UsageError ("domains", "voltages", "chips", "yield", "drop", "task") and Error like Campaign,
/// and Error if no source gives energies.
Optimized optimize(const OptimizeRequest& request, unsigned threads,
                   const std::function<void(const OptimizedSetting&)>& tell = {});

}  // namespace brownout
