#pragma once

#include <cstdint>
#include <optional>

#include "model/codec/codec.h"
#include "model/geometry.h"

namespace brownout {

/// Where the check bits of the words of a chip live: in cells of the same chip.
///
/// With c check bits for a word of w bits, k = floor(w / c) data words share one check word. Arrays
/// 0 .. D-1 hold data and arrays D .. D + ceil(D/k) - 1 check bits, D being as large as the chip
/// allows. The check bits of word j of data array a (j counts within the array) lie in word j of
/// array D + floor(a / k), from bit (a mod k) * c on. So data words have the numbers of the
/// physical words that hold them. Without check bits all arrays hold data.
class CheckPlacement {
 public:
    /// Throws Error if the chip has a single array and there are check bits to place, or if
    /// `checkBits` is more than 8 or than the bits of a word.
    CheckPlacement(const SramGeometry& chip, std::uint32_t checkBits);
    CheckPlacement(const SramGeometry& chip, const Codec& codec)
        : CheckPlacement(chip, codec.checkBits()) {}

    /// The smallest chip that holds the arrays of `data` and their check bits. Throws Error as the
    /// constructor does.
    static SramGeometry chipFor(const SramGeometry& data, std::uint32_t checkBits);

    /// The arrays that hold data, as a memory of its own: what networks are laid out over.
    const SramGeometry& dataGeometry() const { return data_; }
    /// All arrays.
    const SramGeometry& chipGeometry() const { return chip_; }
    std::uint32_t checkBits() const { return checkBits_; }
    /// Arrays that hold check bits.
    std::uint32_t checkArrays() const { return checkArrays_; }
    /// Data words that share a check word; 0 without check bits.
    std::uint32_t wordsPerCheckWord() const { return perCheckWord_; }

    /// Where the check bits of a data word lie: `checkBits()` bits of a physical word from `shift`
    /// on.
    struct Place {
        std::uint64_t word = 0;
        std::uint32_t shift = 0;
    };
    /// Only with check bits.
    Place placeOf(std::uint64_t dataWord) const;

    /// The inverse: the data word whose check bits bit `bit` of physical word `word` belongs to, or
    /// nothing for a bit of a data array or a spare one.
    std::optional<std::uint64_t> dataWordAt(std::uint64_t word, std::uint32_t bit) const;

 private:
    /// k, at least 1; 0 without check bits.
    static std::uint32_t wordsPerCheckWord(const SramGeometry& geometry, std::uint32_t checkBits);

    SramGeometry chip_;
    SramGeometry data_;
    std::uint32_t checkBits_;
    std::uint32_t perCheckWord_ = 0;
    std::uint32_t checkArrays_ = 0;
};

}  // namespace brownout
