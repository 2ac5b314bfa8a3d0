#pragma once

#include <string>
#include <vector>

#include "emulation/campaign_rows.h"
#include "emulation/campaign_spec.h"
#include "emulation/request.h"

namespace brownout {

// Supplies that don't follow the points of a campaign, of memories and of layers, and what they and
// an accelerator make of the places of weights.

/// Returns the supplies that a request fixes, in the unit of its profile: of the memory of weights,
/// of those of activations and partial sums where these fail, and of layers. Those of other
/// memories only matter for energies and are left out. Throws UsageError ("supply") for names that
/// are nothing of these, twice the same, or without a profile, and Error where the profile doesn't
/// cover a supply.
std::vector<FixedSupply> fixedSuppliesOf(const CampaignRequest& request);

/// Gives every row the place that its weights have. A network that is larger than the accelerator's
/// memory streams through it: word i of the stream lies in word i modulo the memory, in the order
/// in which the array takes weights (weight_streams.h); a layer whose weights come several times
/// finds them in the same cells each time. Layers with a supply of their own have arrays of their
/// own. Returns notes that a user should know.
std::vector<std::string> placeRows(const CampaignRequest& request, const SramGeometry& chip,
                                   CampaignRows& rows, const CampaignSpec& spec);

}  // namespace brownout
