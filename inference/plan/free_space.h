#pragma once

#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace brownout {

/// Memory that grows as needed: gives each request the smallest gap that is large enough, in
/// logarithmic time.
class FreeSpace {
 public:
    std::size_t take(std::size_t size) {
        const auto fitting = gapsBySize_.lower_bound({size, 0});
        if (fitting != gapsBySize_.end()) {
            const auto [gap, begin] = *fitting;
            remove(begin, gap);
            if (gap > size) add(begin + size, gap - size);
            return begin;
        }
        // A gap at the end grows with the memory.
        std::size_t begin = end_;
        if (!gaps_.empty() && gaps_.rbegin()->first + gaps_.rbegin()->second == end_) {
            begin = gaps_.rbegin()->first;
            remove(begin, end_ - begin);
        }
        end_ = begin + size;
        return begin;
    }

    void release(std::size_t begin, std::size_t size) {
        if (size == 0) return;
        auto after = gaps_.lower_bound(begin);
        if (after != gaps_.begin()) {
            const auto [previous, gap] = *std::prev(after);
            if (previous + gap == begin) {
                remove(previous, gap);
                begin = previous;
                size += gap;
            }
        }
        after = gaps_.lower_bound(begin);
        if (after != gaps_.end() && after->first == begin + size) {
            const auto [next, gap] = *after;
            remove(next, gap);
            size += gap;
        }
        add(begin, size);
    }

    /// Returns the size of the memory that all requests together took.
    std::size_t end() const { return end_; }

 private:
    void add(std::size_t begin, std::size_t size) {
        gaps_.emplace(begin, size);
        gapsBySize_.emplace(size, begin);
    }
    void remove(std::size_t begin, std::size_t size) {
        gaps_.erase(begin);
        gapsBySize_.erase({size, begin});
    }

    std::size_t end_ = 0;
    std::map<std::size_t, std::size_t> gaps_;  ///< sizes by begin
    std::set<std::pair<std::size_t, std::size_t>> gapsBySize_;
};

}  // namespace brownout
