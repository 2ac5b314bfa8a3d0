#pragma once

#include <memory>

#include "inference/activations/stored_activations.h"
#include "inference/activations/stored_sums.h"

namespace brownout {

/// The values that a network computes and that lie in memories: its activations, all of which have
/// codes, and the partial sums of its products, if any.
struct StoredValues {
    StoredActivations activations;
    StoredSums sums;
};

/// Returns a network in which these values are stored and read back by operators that only plans
/// have (plan/stored_activation.cpp, plan/stored_sums.cpp). Activations that the network doesn't
/// have are left out.
Network withStoredValues(const Network& network, const StoredValues& values);

}  // namespace brownout
