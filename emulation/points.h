#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulation/campaign_spec.h"
#include "emulation/request.h"
#include "model/chip_source.h"

namespace brownout {

/// A supply of a profile, and what tables call it.
struct LabelledSupply {
    std::string label;
    double supply = 1;  ///< unit of the profile
};

/// Returns the supplies that are asked for (none: those that the profile was made at, highest
/// first), in the unit of the profile. Throws Error naming the profile if it doesn't cover one, or
/// if it has an energy table that doesn't.
std::vector<LabelledSupply> suppliesOf(const Profile& profile,
                                       const std::vector<SupplyRequest>& asked,
                                       std::optional<double> temperatureC = {});

/// Returns the lowest of some supplies, of which there must be one.
double lowestOf(const std::vector<LabelledSupply>& supplies);

/// Returns a point for each supply, with the energy of an access and, where the profile knows it
/// without looking at chips, the expected rate of failing cells; -1 elsewhere.
std::vector<PointSpec> pointsAt(const Profile& profile, const std::vector<LabelledSupply>& supplies,
                                std::optional<double> temperatureC);

/// Returns a point for each supply of a device, which must be in volts; nothing is known of its
/// cells and its energy. Throws UsageError for a multiple of Vmin.
std::vector<PointSpec> pointsOfDevice(const std::vector<SupplyRequest>& supplies);

/// Returns a point for each uniform bit error rate. Throws UsageError for a rate outside [0, 1].
std::vector<PointSpec> pointsAtRates(const std::vector<RateRequest>& rates);

/// Fills in the expected rates that pointsAt left at -1: the share of cells that fail in the chips
/// of the campaign, taken from `faults` or, for measured counts, from the profile itself. Returns
/// warnings about what the campaign uses and the profile's measurement doesn't cover.
std::vector<std::string> measureExpectedRates(CampaignSpec& spec, const Profile& profile,
                                              ChipSource& faults);

}  // namespace brownout
