#pragma once

#include <cstdint>
#include <string>

#include "model/geometry.h"
#include "model/protection/protection.h"

namespace brownout {

/// The words of a weight buffer in RTL, in simulation or in an FPGA, and what its addresses mean.
struct RtlBufferShape {
    std::string name;  ///< name for errors: the top module, or where the buffer is
    std::uint32_t dataBits = 64;
    std::uint64_t words = 0;  ///< words that an address can name
    /// Words of a bank, whose number is the high part of the address: data array i is bank i. 0:
    /// the address is the number of the data word.
    std::uint32_t rowsPerBank = 0;
};

/// Checks that the data words of chips of a geometry fit into a buffer word by word. Throws Error
/// naming `chipName` (a profile, say) if they don't.
void checkFits(const RtlBufferShape& buffer, const SramGeometry& chip, const Protection& protection,
               const std::string& chipName);

/// The places of data words in the address space of a buffer.
class RtlAddressMap {
 public:
    /// Maps word j of array a to the address a * rowsPerBank + j; with rowsPerBank 0 the address is
    /// the number of the word.
    RtlAddressMap(std::uint64_t wordsPerArray, std::uint32_t rowsPerBank)
        : wordsPerArray_(wordsPerArray), gap_(rowsPerBank == 0 ? 0 : rowsPerBank - wordsPerArray) {}

    std::uint32_t addressOf(std::uint64_t word) const {
        return static_cast<std::uint32_t>(gap_ == 0 ? word : word + word / wordsPerArray_ * gap_);
    }
    std::uint64_t wordAt(std::uint32_t address) const {
        return gap_ == 0 ? address : address - address / (wordsPerArray_ + gap_) * gap_;
    }

    /// Returns how many words from `word` on, at most `count`, have consecutive addresses.
    std::uint64_t consecutive(std::uint64_t word, std::uint64_t count) const {
        const std::uint64_t left = wordsPerArray_ - word % wordsPerArray_;
        return gap_ == 0 || count < left ? count : left;
    }

 private:
    std::uint64_t wordsPerArray_;
    std::uint64_t gap_;
};

}  // namespace brownout
