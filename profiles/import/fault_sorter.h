#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace brownout {

/// Failing reads of one cell in one group of measurements.
struct FaultCount {
    std::uint32_t group = 0;
    std::uint32_t cell = 0;
    std::uint32_t fails = 0;
};

/// A sorter of any number of faults by group and cell in bounded memory: what doesn't fit goes to a
/// temporary file that has no name, so that nothing stays behind however the program ends.
class FaultSorter {
 public:
    /// Keeps up to `inMemory` faults (12 bytes each) in memory and the others in `folder`.
    FaultSorter(std::filesystem::path folder, std::size_t inMemory);
    ~FaultSorter();
    FaultSorter(const FaultSorter&) = delete;
    FaultSorter& operator=(const FaultSorter&) = delete;

    /// Adds a fault. Throws Error naming the folder if it is full.
    void add(const FaultCount& fault) {
        if (buffer_.size() == inMemory_) spill();
        buffer_.push_back(fault);
    }

    /// Gives every fault to `take` in order; those of one group and cell one after the other. May
    /// be called once.
    void drain(const std::function<void(const FaultCount&)>& take);

 private:
    void spill();

    std::filesystem::path folder_;
    std::size_t inMemory_;
    std::vector<FaultCount> buffer_;
    std::vector<std::size_t> runs_;  // faults of each sorted run of the file
    int descriptor_ = -1;
};

}  // namespace brownout
