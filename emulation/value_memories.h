#pragma once

#include <string>
#include <vector>

#include "emulation/campaign_rows.h"
#include "emulation/campaign_spec.h"
#include "emulation/request.h"

namespace brownout {

// The memories of an accelerator beside that of weights, in which what a network computes may fail:
// its activations and the partial sums of its products.

/// Added to the seed of a campaign for what is drawn in the memories of activations and of partial
/// sums.
constexpr std::uint64_t kActivationSeed = 0x6163746976617465;  // "activate"
constexpr std::uint64_t kSumSeed = 0x7061727469616c73;         // "partials"

/// Tells whether a kind of data is to fail in some row.
bool fails(const CampaignRequest& request, DataKind kind);
/// Tells whether activations or partial sums are to fail in some row.
bool valuesFail(const CampaignRequest& request);

/// Splits every row into one for each choice of failing memories, "net+activations" where there are
/// several, and puts the activations, and the partial sums if they fail in some row, of all rows
/// into the accelerator's memories. Kinds of data that share a memory have cells of their own.
/// Returns the chips of the memories. Adds to `notes` what a user should know. Throws UsageError
/// ("fail") where the accelerator has no such memory, and Error where activations have no codes or
/// values don't fit their words.
ValueChips addFailingMemories(const CampaignRequest& request, CampaignRows& rows,
                              CampaignSpec& spec, std::vector<std::string>& notes);

}  // namespace brownout
