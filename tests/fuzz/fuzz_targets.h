#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace brownout::fuzz {

/// One way into the readers for bytes that may be anything. Expected errors are caught; whatever
/// else goes wrong ends the program.
struct FuzzTarget {
    std::string name;
    void (*run)(const std::uint8_t* data, std::size_t size);
};

/// Returns the targets of the readers of data sets.
std::vector<FuzzTarget> dataTargets();

/// Returns the target of what a network keeps in files beside it.
std::vector<FuzzTarget> networkTargets();

/// Returns the targets of what debuggers and instruments say.
std::vector<FuzzTarget> hardwareTargets();

/// Returns the targets of the frames that FPGAs answer with.
std::vector<FuzzTarget> frameTargets();

/// One for each format of recordings, one for the descramble map, one for the names of files, and
/// those of data sets, networks and hardware.
const std::vector<FuzzTarget>& fuzzTargets();

}  // namespace brownout::fuzz
