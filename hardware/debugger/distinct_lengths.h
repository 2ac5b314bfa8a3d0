#pragma once

#include <algorithm>
#include <cstddef>

namespace brownout {

/// Chooses the lengths of reads over a link whose answers carry no numbers: two that follow one
/// another differ, so that one's answer can't pass for the other's.
class DistinctLengths {
 public:
    /// Returns how much of `left` the next read asks for: at most `most`, which is several steps,
    /// and a multiple of `step` unless it is the rest. Returns 0 if something else has to be asked
    /// in between, after which forget() is called.
    std::size_t next(std::size_t left, std::size_t most, std::size_t step) {
        std::size_t length = std::min(most / step * step, left);
        if (length == last_) length = length > step ? length - step : 0;
        if (length != 0) last_ = length;
        return length;
    }
    void forget() { last_ = 0; }

 private:
    std::size_t last_ = 0;
};

}  // namespace brownout
