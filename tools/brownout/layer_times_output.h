#pragma once

#include <nlohmann/json_fwd.hpp>

#include "inference/inspect.h"
#include "inference/layer_times.h"

namespace brownout {

/// Prints how long each layer takes, its share, and its multiply-accumulates beside the peak.
void print(const NetworkInfo& info, const LayerTimes& times);

/// Adds the same to the JSON of a network, whose "layers" are those of `info`: keys for each layer,
/// and "time" for the whole.
void addTimes(const NetworkInfo& info, const LayerTimes& times, nlohmann::json& network);

}  // namespace brownout
