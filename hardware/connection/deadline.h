#pragma once

#include <chrono>

namespace brownout {

/// A moment by which something has to have happened, on a clock that is never set.
class Deadline {
 public:
    /// Makes a deadline `time` from now.
    static Deadline in(std::chrono::milliseconds time) {
        return Deadline(std::chrono::steady_clock::now() + time);
    }

    bool passed() const { return std::chrono::steady_clock::now() >= at_; }

    /// Returns the time that is left, rounded up to whole milliseconds and at most 10 minutes; 0
    /// once the deadline has passed.
    std::chrono::milliseconds left() const {
        constexpr std::chrono::milliseconds kMost(600'000);
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
        return left.count() < 0 ? std::chrono::milliseconds(0) : left > kMost ? kMost : left;
    }

    /// Returns the earlier one of two deadlines.
    static Deadline earlier(Deadline a, Deadline b) { return a.at_ < b.at_ ? a : b; }

 private:
    explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}

    std::chrono::steady_clock::time_point at_;
};

}  // namespace brownout
