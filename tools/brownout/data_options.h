#pragma once

#include <vector>

#include "inference/data/dataset.h"
#include "inference/network.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds --data, --images and the steps between a stored picture and a network: --resize, --crop,
/// --scale, --mean, --std, --bgr, --labels-offset.
void addDataOptions(CommandLine& line);

/// Returns the data set that --data names, of which only the first --images images are read if that
/// is given, with the steps that the options or else the networks' metadata name; says on stderr
/// what came from metadata. Throws UsageError or Error.
Dataset openData(const CommandLine& line, const std::vector<const Network*>& networks);

}  // namespace brownout
