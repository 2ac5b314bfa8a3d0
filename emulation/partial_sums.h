#pragma once

#include <string>
#include <vector>

#include "inference/activations/stored_activations.h"
#include "inference/activations/stored_sums.h"
#include "inference/formats/encoded_network.h"
#include "model/accelerator/accelerator.h"

namespace brownout {

/// Returns the partial sums that an accelerator's array writes to the memory of its accumulators,
/// fold by fold of the depth and tile by tile of the filters as its dataflow and its account have
/// them (model/accelerator/account.h). A dataflow that adds up a sum within the array writes it
/// once, as a result.
///
/// Adds to `others` the layers that are products and whose sums aren't among them: of two
/// activations, transposed convolutions and recurrent layers. Throws Error naming the layer whose
/// sums are IEEE numbers where accumulators haven't 32 bits.
StoredSums sumsToStore(const Accelerator& accelerator, const EncodedNetwork& network,
                       const StoredActivations& activations, std::vector<std::string>& others);

}  // namespace brownout
