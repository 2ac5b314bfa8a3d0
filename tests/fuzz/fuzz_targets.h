#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace brownout::fuzz {

/// One way into the importers for bytes that may be anything. Expected errors are caught; whatever
/// else goes wrong ends the program.
struct FuzzTarget {
    std::string name;
    void (*run)(const std::uint8_t* data, std::size_t size);
};

/// One for each format, one for the descramble map, one for the names of files.
const std::vector<FuzzTarget>& fuzzTargets();

}  // namespace brownout::fuzz
