#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "hardware/device/device.h"
#include "model/check_placement.h"
#include "model/weight_memory.h"

namespace brownout {

/// A real memory as a WeightMemory, protected in software: words are encoded here, their check bits
/// lie in words of the same memory (CheckPlacement), as they do on a simulated chip, and what is
/// read is decoded here.
///
/// Writes happen at nominal and are read back. The supply moves when the first read of a load asks
/// for it, and returns with release(). Before the words of a read are believed, the supply is
/// measured again: it must be where it was set. Several memories may share one device; each has it
/// for itself from setSupply() to release().
///
/// Words that were not written since setSupply() hold anything.
class DeviceMemory final : public WeightMemory {
 public:
    /// Makes a memory of the device's arrays. Throws Error if `protection` isn't for its words, or
    /// if the arrays can't hold the check bits.
    DeviceMemory(std::shared_ptr<HardwareDevice> device,
                 std::shared_ptr<const Protection> protection);

    std::uint64_t words() const override { return data_.size(); }
    const Protection& protection() const override { return *protection_; }
    /// Sets the voltage at which the reads that follow happen, V. Nothing moves yet. Throws Error
    /// for one outside the limits, or for supply domains, of which a device has one.
    void setSupply(const OperatingPoint& at) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    Span<const double> measuredSupplies() const override { return measured_; }
    void release() override;
    using WeightMemory::read;
    using WeightMemory::setSupply;

 private:
    /// A run of consecutive words of the device.
    struct Run {
        std::uint64_t first = 0;
        std::uint64_t count = 0;
    };
    /// Returns the words with the check bits of the blocks of data words [begin, end), which begin
    /// and end with whole blocks.
    std::vector<Run> checkRuns(std::uint64_t begin, std::uint64_t end) const;
    void moveToNominal();
    /// Brings the words under the supply that they are to be read at or after.
    void expose();

    std::shared_ptr<HardwareDevice> device_;
    std::shared_ptr<const Protection> protection_;
    CheckPlacement placement_;
    std::unique_lock<std::mutex> mine_;
    double supplyV_ = 0;
    bool atNominal_ = false;
    bool exposed_ = false;  ///< the words have met the low supply since they were written
    std::vector<double> measured_;
    std::vector<Word> data_;   ///< data as written
    std::vector<Word> check_;  ///< words that hold check bits, as written; after the data words
};

}  // namespace brownout
