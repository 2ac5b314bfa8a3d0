#pragma once

#include <algorithm>
#include <cstdint>

namespace brownout {

/// Consecutive words of one transaction.
struct Burst {
    std::uint64_t first = 0;
    std::uint64_t words = 0;
};

/// Cuts a range of words into bursts that don't cross a multiple of their longest length, as DMA
/// engines do: `next` gives one after the other, then bursts of no words.
class BurstPlan {
 public:
    BurstPlan(std::uint64_t first, std::uint64_t words, std::uint64_t longest)
        : next_(first), end_(first + words), longest_(std::max<std::uint64_t>(longest, 1)) {}

    Burst next() {
        const Burst burst{next_, std::min(longest_ - next_ % longest_, end_ - next_)};
        next_ += burst.words;
        return burst;
    }

 private:
    std::uint64_t next_;
    std::uint64_t end_;
    std::uint64_t longest_;
};

}  // namespace brownout
