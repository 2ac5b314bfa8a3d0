#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/geometry.h"
#include "sim/traffic.h"

namespace brownout {

/// Accesses that belong together.
struct TrafficPiece {
    std::string name;  ///< "image", "walking ones", "random"
    BackPressure pressure = BackPressure::kNone;
    std::vector<MemoryOp> ops;
};

/// The traffic that co-simulation sends.
struct TrafficSettings {
    SramGeometry data;  ///< the arrays that hold data
    /// The network's words: physical word and content, in the order in which they are written. A
    /// network larger than the memory comes back to the same words.
    std::vector<std::pair<std::uint32_t, Word>> image;
    std::uint64_t randomWords = 1'000'000;
    std::uint64_t seed = 1;
};

/// Gives all traffic piece by piece to `take`, the same for the same settings: the image, then the
/// corner cases below, then random words at random addresses, each written and later read.
///
/// Corner cases: every word all zeros, all ones and both checkerboards; a walking one and a walking
/// zero in the first and last word of every bank; every word its own content, read back in an order
/// that hops between banks; a word read right after it was written, and rewritten right after it
/// was read; reads and writes against a reader that is often not ready.
void forEachPiece(const TrafficSettings& settings,
                  const std::function<void(const TrafficPiece&)>& take);

/// Returns the number of reads in all traffic, which is that of the words compared.
std::uint64_t comparedWords(const TrafficSettings& settings);

}  // namespace brownout
