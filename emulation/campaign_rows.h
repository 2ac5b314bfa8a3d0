#pragma once

#include <memory>
#include <vector>

#include "emulation/campaign_spec.h"
#include "emulation/fault_selection.h"
#include "emulation/faulty_values.h"
#include "emulation/placement.h"
#include "emulation/request.h"
#include "inference/activations/stored_values.h"
#include "inference/data/dataset.h"
#include "inference/formats/encoded_network.h"
#include "model/chip_source.h"
#include "model/protection/protection.h"

namespace brownout {

/// The values of a row of a campaign that lie in memories; nulls where nothing but weights fails.
struct RowValues {
    std::shared_ptr<const StoredValues> stored;
    std::shared_ptr<const ValuesUnderTest> activations;
    std::shared_ptr<const ValuesUnderTest> sums;  ///< null where they don't fail in any row

    bool areStored() const { return stored != nullptr; }
};

/// The things that the rows of a campaign, which are the networks of its spec, work with. A row is
/// a network in a number format under a protection, with all of its cells failing or a part of
/// them.
struct CampaignRows {
    std::vector<EncodedNetwork> networks;
    std::vector<Dataset> data;  ///< images in the layout of the row's network
    std::vector<std::shared_ptr<const Protection>> protections;
    std::vector<std::shared_ptr<const FaultSelection>> selections;  ///< null: all cells may fail
    /// Places of the row's weights; those of equal networks and protections are equal.
    std::vector<NetworkPlacement> placements;
    std::vector<RowValues> values;  ///< activations and partial sums that lie in memories

    /// Adds an empty row and takes everything of it from row `from` of `rows`.
    void addFrom(const CampaignRows& rows, std::size_t from);
};

/// The chips of the memories that activations and partial sums lie in: the chip of a trial has the
/// same number in all sources. Null where these don't fail.
struct ValueChips {
    std::shared_ptr<ChipSource> activations, accumulators;
};

/// Encodes the networks in each of their formats, and describes them as far as they don't depend on
/// the memory. With several formats the rows are named after theirs, "net+bf16". `data` has one for
/// each network of the request. Throws UsageError for a format that appears twice.
CampaignRows encodeNetworks(const CampaignRequest& request, const std::vector<Dataset>& data,
                            CampaignSpec& spec);

/// Puts every row under every protection. With several protections the rows of protected networks
/// are named after theirs, "net+secded". Throws Error if a protection doesn't fit a row or `chip`.
void protectRows(const MemoryRequest& memory, const SramGeometry& chip, CampaignSpec& spec,
                 CampaignRows& rows);

/// Splits every row into one for each part of its cells that the request wants to see fail alone:
/// each layer, each bit position, or each bit position of each layer.
void splitRows(const PartsRequest& parts, CampaignSpec& spec, CampaignRows& rows);

}  // namespace brownout
