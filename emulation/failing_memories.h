#pragma once

#include <memory>
#include <string>
#include <vector>

#include "emulation/campaign_rows.h"
#include "emulation/campaign_spec.h"
#include "emulation/request.h"
#include "model/chip_source.h"

namespace brownout {

// An accelerator and fixed supplies decide for each row of a campaign which memories fail, how
// large they are, where codes lie in them, and which supply each has.

/// Tells whether activations are to fail in some row.
bool activationsFail(const CampaignRequest& request);

/// Returns the supplies that a request fixes, in the unit of its profile: of the memory of weights,
/// of that of activations where it fails, and of layers. Those of other memories only matter for
/// energies and are left out. Throws UsageError ("supply") for names that are nothing of these,
/// twice the same, or without a profile, and Error where the profile doesn't cover a supply.
std::vector<FixedSupply> fixedSuppliesOf(const CampaignRequest& request);

/// Gives every row the place that its weights have. A network that is larger than the accelerator's
/// memory streams through it: word i of the stream lies in word i modulo the memory, in the order
/// in which the array takes weights (weight_streams.h); a layer whose weights come several times
/// finds them in the same cells each time. Layers with a supply of their own have arrays of their
/// own. Returns notes that a user should know.
std::vector<std::string> placeRows(const CampaignRequest& request, const SramGeometry& chip,
                                   CampaignRows& rows, const CampaignSpec& spec);

/// Splits every row into one for each choice of failing memories, "net+activations" where there are
/// several, and puts the activations of all rows into the accelerator's memory where they fail in
/// some. Returns the chips of that memory, or null. Adds to `notes` what a user should know. Throws
/// UsageError ("fail") where the accelerator has no such memory, and Error where activations have
/// no codes or don't fit their words.
std::shared_ptr<ChipSource> addFailingMemories(const CampaignRequest& request, CampaignRows& rows,
                                               CampaignSpec& spec, std::vector<std::string>& notes);

}  // namespace brownout
