#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/code.h"
#include "base/span.h"
#include "model/geometry.h"

namespace brownout {

/// Which end of a word its first code takes. Inside a code the bits keep their order.
enum class BitOrder { kLsbFirst, kMsbFirst };

/// How consecutive words go to arrays: one array after the other, or one word to each array in
/// turn.
enum class Interleave { kLinear, kBanks };

std::string toString(BitOrder order);                      ///< "lsb-first", "msb-first"
std::string toString(Interleave interleave);               ///< "linear", "banks"
BitOrder bitOrderFromString(const std::string& name);      ///< throws UsageError
Interleave interleaveFromString(const std::string& name);  ///< throws UsageError

/// A tensor as the memory sees it: a number of codes that have the same number of bits.
struct CodeTensor {
    std::uint64_t codes = 0;
    std::uint32_t bits = 8;  ///< 1 to kMaxCodeBits, and at most the bits of a word
};

struct LayoutSettings {
    BitOrder bitOrder = BitOrder::kLsbFirst;
    Interleave interleave = Interleave::kLinear;
    std::uint64_t offset = 0;  ///< words by which the network is shifted in the memory, cyclically
};

/// Where the codes of a network lie in an SRAM.
///
/// Codes are packed into *image words*, as many whole codes a word as fit; bits left over are spare
/// cells, stored as 0 and read like any other. Every tensor starts a word of its own. Image word i
/// lies in *physical word* (i + offset) mod words of the memory, counted in the order of the
/// interleave; when the network is larger than the memory, the same cells hold several image words
/// one after the other (reuse), with the same faults.
class MemoryMap {
 public:
    /// Throws Error if a tensor has no codes, or codes of no bits or more than the word has.
    MemoryMap(const SramGeometry& geometry, std::vector<CodeTensor> tensors,
              const LayoutSettings& layout);

    const SramGeometry& geometry() const { return geometry_; }
    std::uint64_t imageWords() const { return imageWords_; }
    /// Returns the number of arrays that hold every image word once, however many there are.
    std::uint32_t imageArrays() const {
        return static_cast<std::uint32_t>((imageWords_ + geometry_.wordsPerArray() - 1) /
                                          geometry_.wordsPerArray());
    }
    /// Returns the number of image words that the most used cells hold: 1 if the network fits.
    std::uint64_t reuse() const;

    std::uint64_t physicalWord(std::uint64_t imageWord) const;

    /// Calls `visit(imageWord)` for every image word that the physical word holds, ascending.
    template <typename Visitor>
    void forEachImageWord(std::uint64_t physicalWord, Visitor&& visit) const {
        for (std::uint64_t i = firstImageWord(physicalWord); i < imageWords_; i += words_) {
            visit(i);
        }
    }

    /// The codes that an image word holds: codes [first, first + count) of a tensor.
    struct Codes {
        std::uint32_t tensor = 0;
        std::uint32_t bits = 0;
        std::uint64_t first = 0;
        std::uint32_t count = 0;
    };
    Codes codesOf(std::uint64_t imageWord) const;

    /// Finds the codes of image words that are mostly asked for in order; remembers the tensor of
    /// the last one.
    class Cursor {
     public:
        explicit Cursor(const MemoryMap& map) : map_(map) {}

        Codes codesOf(std::uint64_t imageWord) {
            if (imageWord < firstWord_ || imageWord >= endWord_) moveTo(imageWord);
            const std::uint64_t first = (imageWord - firstWord_) * perWord_;
            const std::uint64_t left = codes_ - first;
            return {tensor_, bits_, first,
                    left < perWord_ ? static_cast<std::uint32_t>(left) : perWord_};
        }

     private:
        void moveTo(std::uint64_t imageWord);

        const MemoryMap& map_;
        std::uint64_t firstWord_ = 0;
        std::uint64_t endWord_ = 0;
        std::uint64_t codes_ = 0;
        std::uint32_t tensor_ = 0;
        std::uint32_t bits_ = 0;
        std::uint32_t perWord_ = 0;
    };

    /// Returns the lowest bit, within a word, of the code in place `slot`.
    std::uint32_t shiftOf(std::uint32_t bits, std::uint32_t slot) const {
        return layout_.bitOrder == BitOrder::kLsbFirst ? slot * bits
                                                       : wordBits_ - (slot + 1) * bits;
    }

    /// Packs the codes of a network, `codes[t]` those of tensor t, into image words. Throws Error
    /// if the counts aren't those of the map or a code has more bits than its tensor.
    std::vector<Word> pack(Span<const Span<const Code>> codes) const;

    /// Returns the content of an image word in which every code that has a bit in `where` has
    /// become `substitute(code)`, asked with its number in the tensor.
    template <typename Substitute>
    Word withCodes(const Codes& codes, Word word, Word where, Substitute&& substitute) const {
        const Word mask = (Word{1} << codes.bits) - 1;
        for (std::uint32_t slot = 0; slot < codes.count; ++slot) {
            const std::uint32_t shift = shiftOf(codes.bits, slot);
            if ((where >> shift & mask) == 0) continue;
            word = (word & ~(mask << shift)) | Word{substitute(codes.first + slot)} << shift;
        }
        return word;
    }

    /// Calls `changed(tensor, code, value)` for every code that differs between two contents of an
    /// image word. Cost: proportional to the codes that differ.
    template <typename Changed>
    void forEachChangedCode(const Codes& codes, Word before, Word after, Changed&& changed) const {
        const Word mask = (Word{1} << codes.bits) - 1;
        const BitPlaces& places = bitPlaces_[placesOfTensor_[codes.tensor]];
        for (Word differing = before ^ after; differing != 0;) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(differing));
            const std::uint32_t slot = places.slot[bit];
            if (slot < codes.count) {
                const std::uint32_t shift = places.shift[bit];
                changed(codes.tensor, codes.first + slot,
                        static_cast<Code>((after >> shift) & mask));
                differing &= ~(mask << shift);
            } else {
                differing &= differing - 1;  // a spare bit
            }
        }
    }

 private:
    std::uint64_t firstImageWord(std::uint64_t physicalWord) const {
        const std::uint64_t place =
            layout_.interleave == Interleave::kLinear
                ? physicalWord
                : physicalWord % wordsPerArray_ * geometry_.arrays + physicalWord / wordsPerArray_;
        return place >= layout_.offset ? place - layout_.offset : place + words_ - layout_.offset;
    }

    SramGeometry geometry_;
    /// For each bit of a word: the place of the code it belongs to, and that code's lowest bit.
    /// Spare bits have a place beyond all codes.
    struct BitPlaces {
        std::uint32_t bits;  ///< of a code
        std::array<std::uint8_t, 64> slot;
        std::array<std::uint8_t, 64> shift;
    };

    BitPlaces bitPlacesOf(std::uint32_t bits) const;

    // Cached so that placing a word needs no division.
    std::uint32_t wordBits_ = 0;
    std::uint64_t words_ = 0;
    std::uint64_t wordsPerArray_ = 0;
    std::uint64_t imageWords_ = 0;
    std::vector<CodeTensor> tensors_;
    std::vector<std::uint32_t> codesPerWord_;
    std::vector<BitPlaces> bitPlaces_;           ///< one for each width of code that occurs
    std::vector<std::uint32_t> placesOfTensor_;  ///< index into bitPlaces_, by tensor
    LayoutSettings layout_;
    std::vector<std::uint64_t> firstWord_;  ///< image word where each tensor starts; last: the end
};

}  // namespace brownout
