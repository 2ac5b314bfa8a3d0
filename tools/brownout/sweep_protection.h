#pragma once

#include <string>
#include <vector>

#include "tools/brownout/sweep_setup.h"

namespace brownout {

/// The codecs that --codec names, each once. Throws UsageError.
std::vector<std::string> codecsOf(const CommandLine& line);

/// The smallest chip of 512 x 64 arrays that holds each network once, check bits included, under
/// each codec.
SramGeometry chipForUniformErrors(const SweepSetup& setup, const std::vector<std::string>& codecs);

/// Puts every network under every codec: networks and codecs become the rows of the campaign. With
/// several codecs the protected rows are named after theirs, "net+secded". Needs networks and
/// faults. Throws UsageError for --detected, Error if the chips can't hold the check bits.
void protectNetworks(const CommandLine& line, const std::vector<std::string>& codecs,
                     SweepSetup& setup);

/// The arrays that hold the data of a network.
SramGeometry dataGeometry(const SweepSetup& setup, std::size_t network);

}  // namespace brownout
