#pragma once

#include <cstdint>
#include <optional>

#include "model/geometry.h"
#include "model/protection/protection.h"

namespace brownout {

/// The places of the check bits of the blocks of a chip: cells of the same chip.
///
/// With c check bits for a block of W words of w bits, k = floor(w / c) blocks share one check
/// word. Arrays 0 .. D-1 hold data and arrays D .. D + ceil(D / (k W)) - 1 check bits, D being as
/// large as the chip allows. With B = words of an array / W, the check bits of block j of data
/// array a (j counts within the array) lie in word (a mod W) B + j of array D + floor(a / (k W)),
/// from bit (floor(a / W) mod k) c on. So data words have the numbers of the physical words that
/// hold them. Without check bits all arrays hold data.
class CheckPlacement {
 public:
    /// Places the check bits of a chip. Throws Error if the chip has a single array and there are
    /// check bits to place, if `checkBits` is more than 8 or than the bits of a word, or if an
    /// array doesn't hold whole blocks.
    CheckPlacement(const SramGeometry& chip, std::uint32_t checkBits, std::uint32_t blockWords = 1);
    CheckPlacement(const SramGeometry& chip, const Protection& protection)
        : CheckPlacement(chip, protection.checkBits(), protection.blockWords()) {}

    /// Returns the smallest chip that holds the arrays of `data` and their check bits. Throws Error
    /// as the constructor does.
    static SramGeometry chipFor(const SramGeometry& data, std::uint32_t checkBits,
                                std::uint32_t blockWords = 1);

    /// Returns the arrays that hold data, as a memory of its own: networks are laid out over it.
    const SramGeometry& dataGeometry() const { return data_; }
    /// Returns all arrays of the chip, those of check bits included.
    const SramGeometry& chipGeometry() const { return chip_; }
    std::uint32_t checkBits() const { return checkBits_; }
    std::uint32_t blockWords() const { return blockWords_; }
    /// Returns the number of arrays that hold check bits.
    std::uint32_t checkArrays() const { return checkArrays_; }
    /// Returns the number of blocks that share a check word; 0 without check bits.
    std::uint32_t blocksPerCheckWord() const { return perCheckWord_; }

    /// A place of check bits: `checkBits()` bits of a physical word from `shift` on.
    struct Place {
        std::uint64_t word = 0;
        std::uint32_t shift = 0;
    };
    /// Returns the place of the check bits of the block that a data word belongs to. There must be
    /// check bits.
    Place placeOf(std::uint64_t dataWord) const;

    /// Inverts `placeOf`: returns the first data word of the block whose check bits lie at bit
    /// `bit` of physical word `word`, or nothing for a bit of a data array or a spare one.
    std::optional<std::uint64_t> dataWordAt(std::uint64_t word, std::uint32_t bit) const;

 private:
    /// Returns k, the number of blocks that share a check word: at least 1, or 0 without check
    /// bits.
    static std::uint32_t blocksPerCheckWord(const SramGeometry& geometry, std::uint32_t checkBits,
                                            std::uint32_t blockWords);

    SramGeometry chip_;
    SramGeometry data_;
    std::uint32_t checkBits_;
    std::uint32_t blockWords_;
    std::uint32_t perCheckWord_ = 0;
    std::uint32_t checkArrays_ = 0;
};

}  // namespace brownout
