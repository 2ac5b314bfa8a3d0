#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "model/drawn_chips.h"

namespace brownout {

/// The moment at which a failing cell of the bench's chip shows.
enum class BenchFailure {
    kRead,       ///< at each read, by the supply of that moment; stored bits stay
    kRetention,  ///< stored bits change while the supply is low, and stay changed
};

/// The memory of the bench: all arrays of one chip as bytes at addresses, which fail as the chip
/// does at the voltage that the supply is at. Word w of the chip, check bits included, lies at
/// base + w * bytes of a word, its least significant byte first. Writes always succeed.
///
/// Cells that fail in some reads only are drawn anew for every request.
class BenchMemory {
 public:
    /// Converts a voltage at the supply into the operating point of the chip. Throws Error where
    /// nothing is known about the chip.
    using Conversion = std::function<OperatingPoint(double volts)>;

    /// Makes the memory of `load.chip`, with zeros stored. Throws Error if the words of the chip
    /// aren't whole bytes.
    BenchMemory(std::shared_ptr<ChipSource> chips, const LoadId& load, Conversion conversion,
                std::uint64_t base, BenchFailure failure = BenchFailure::kRead);

    std::uint64_t base() const { return base_; }
    std::uint64_t bytes() const { return words_.size() * wordBytes_; }
    /// Returns whether all of [address, address + count) is there.
    bool holds(std::uint64_t address, std::uint64_t count) const;

    /// Tells the memory the voltage of the supply, of which retention failures remember the lowest.
    void supplyIs(double volts);

    /// Returns bytes as they are read at the voltage told last; all of them must be there. Throws
    /// as the conversion does.
    std::string read(std::uint64_t address, std::uint64_t count);
    void write(std::uint64_t address, const std::string& bytes);

 private:
    /// Returns what the chip's cells do to the words by now.
    std::shared_ptr<const FaultOverlay> faults();

    DrawnChips chips_;
    LoadId load_;
    Conversion conversion_;
    std::uint64_t base_;
    BenchFailure failure_;
    std::uint64_t wordBytes_;
    std::vector<Word> words_;
    double supplyV_ = 0;
    /// Lowest supply since the last write.
    double lowestV_ = std::numeric_limits<double>::infinity();
};

}  // namespace brownout
