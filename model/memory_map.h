#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/code.h"
#include "base/span.h"
#include "model/geometry.h"
#include "model/word_codes.h"

namespace brownout {

/// The end of a word that its first code takes. Inside a code the bits keep their order.
enum class BitOrder { kLsbFirst, kMsbFirst };

/// The way consecutive blocks of words take to arrays: one array after the other, or one block to
/// each array in turn.
enum class Interleave { kLinear, kBanks };

/// Returns "lsb-first" or "msb-first".
std::string toString(BitOrder order);
/// Returns "linear" or "banks".
std::string toString(Interleave interleave);
/// Reads what toString(BitOrder) gives. Throws UsageError for another name.
BitOrder bitOrderFromString(const std::string& name);
/// Reads what toString(Interleave) gives. Throws UsageError for another name.
Interleave interleaveFromString(const std::string& name);

/// A tensor as the memory sees it: a number of codes that have the same number of bits.
struct CodeTensor {
    std::uint64_t codes = 0;
    std::uint32_t bits = 8;  ///< 1 to kMaxCodeBits, and at most the bits of a word
    /// Supply domain of its own, whose arrays hold nothing of other domains; tensors of a domain
    /// follow one another. 0: the memory's.
    std::uint32_t domain = 0;
    /// Elements of the tensor in the order in which their codes lie in the memory; null: that of
    /// their numbers.
    std::shared_ptr<const std::vector<std::uint32_t>> order = {};
};

/// The user's choices of where a network lies in a memory.
struct LayoutSettings {
    BitOrder bitOrder = BitOrder::kLsbFirst;
    Interleave interleave = Interleave::kLinear;
    std::uint64_t offset = 0;  ///< words by which the network is shifted in the memory, cyclically
};

/// The places of the codes of a network in an SRAM.
///
/// Codes are packed into *image words*, as many whole codes a word as fit; bits left over are spare
/// cells, stored as 0 and read like any other. Every tensor starts a word of its own, and an array
/// of its own where the supply domain changes, after spare words. The image is
/// filled up with spare words to whole *blocks* of W words, which a protection treats as one: image
/// words [k W, (k + 1) W) are block k, whatever the layout. Image block k lies in *physical block*
/// (k + offset / W) mod blocks of the memory, counted in the order of the interleave, and its words
/// there one after the other; when the network is larger than the memory, the same cells hold
/// several image blocks one after the other (reuse), with the same faults.
class MemoryMap {
 public:
    /// Lays the tensors of a network out. Throws Error if a tensor has no codes, or codes of no
    /// bits or more than the word has, or if arrays or offset are no multiples of `blockWords`.
    MemoryMap(const SramGeometry& geometry, std::vector<CodeTensor> tensors,
              const LayoutSettings& layout, std::uint32_t blockWords = 1);

    const SramGeometry& geometry() const { return geometry_; }
    const LayoutSettings& layout() const { return layout_; }
    std::uint32_t blockWords() const { return blockWords_; }
    /// Returns the number of words of the image, a multiple of blockWords().
    std::uint64_t imageWords() const { return imageWords_; }
    /// Returns the number of arrays that hold every image word once, however many there are.
    std::uint32_t imageArrays() const {
        return static_cast<std::uint32_t>((imageWords_ + geometry_.wordsPerArray() - 1) /
                                          geometry_.wordsPerArray());
    }
    /// Returns the number of image words that the most used cells hold: 1 if the network fits.
    std::uint64_t reuse() const;

    /// Returns the physical word that holds an image word.
    std::uint64_t physicalWord(std::uint64_t imageWord) const;

    /// Calls `visit(imageWord)` for every image word that the physical word holds, ascending: none
    /// for a word of a chip that is larger than the memory.
    template <typename Visitor>
    void forEachImageWord(std::uint64_t physicalWord, Visitor&& visit) const {
        if (physicalWord >= words_) return;
        for (std::uint64_t i = firstImageWord(physicalWord); i < imageWords_; i += words_) {
            visit(i);
        }
    }

    /// Returns the codes that an image word holds.
    WordCodes codesOf(std::uint64_t imageWord) const;

    /// Finds the codes of image words that are mostly asked for in order; remembers the tensor of
    /// the last one.
    class Cursor {
     public:
        explicit Cursor(const MemoryMap& map) : map_(map) {}

        WordCodes codesOf(std::uint64_t imageWord) {
            if (imageWord < firstWord_ || imageWord >= endWord_) moveTo(imageWord);
            WordCodes codes = slots_;
            codes.first = (imageWord - firstWord_) * perWord_;
            const std::uint64_t left = codes_ > codes.first ? codes_ - codes.first : 0;
            codes.count = left < perWord_ ? static_cast<std::uint32_t>(left) : perWord_;
            return codes;
        }

     private:
        void moveTo(std::uint64_t imageWord);

        const MemoryMap& map_;
        std::uint64_t firstWord_ = 0;
        std::uint64_t endWord_ = 0;
        std::uint64_t codes_ = 0;
        std::uint32_t perWord_ = 0;
        WordCodes slots_;  ///< the slots of the tensor's words, first and count aside
    };

    /// Returns the image words of a tensor, those that follow it up to the next one included.
    std::pair<std::uint64_t, std::uint64_t> wordsOf(std::uint32_t tensor) const {
        return {firstWord_[tensor], firstWord_[tensor + 1]};
    }

    /// Packs the codes of a network, `codes[t]` those of tensor t, into image words. Throws Error
    /// if the counts aren't those of the map or a code has more bits than its tensor.
    std::vector<Word> pack(Span<const Span<const Code>> codes) const;

    /// Calls `changed(tensor, element, code)` for every code that differs between two contents of
    /// an image word. Cost: proportional to the codes that differ.
    template <typename Changed>
    void forEachChangedCode(const WordCodes& codes, Word before, Word after,
                            Changed&& changed) const {
        const Word mask = codes.codeMask();
        const BitPlaces& places = bitPlaces_[placesOfTensor_[codes.tensor]];
        for (Word differing = before ^ after; differing != 0;) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(differing));
            const std::uint32_t slot = places.slot[bit];
            if (slot < codes.count) {
                const std::uint32_t shift = places.shift[bit];
                changed(codes.tensor, codes.elementAt(slot),
                        static_cast<Code>((after >> shift) & mask));
                differing &= ~(mask << shift);
            } else {
                differing &= differing - 1;  // a spare bit
            }
        }
    }

 private:
    /// Returns the first image word that a physical word would hold in a memory large enough.
    std::uint64_t firstImageWord(std::uint64_t physicalWord) const {
        if (blockWords_ == 1) return rotatedBack(placeOf(physicalWord));
        return rotatedBack(placeOf(physicalWord / blockWords_) * blockWords_) +
               physicalWord % blockWords_;
    }
    /// Returns the place of a physical block in the order of the interleave.
    std::uint64_t placeOf(std::uint64_t block) const {
        return layout_.interleave == Interleave::kLinear
                   ? block
                   : block % blocksPerArray_ * geometry_.arrays + block / blocksPerArray_;
    }
    std::uint64_t rotatedBack(std::uint64_t place) const {
        return place >= layout_.offset ? place - layout_.offset : place + words_ - layout_.offset;
    }
    /// Returns the slots of the words of a tensor.
    WordCodes slotsOf(std::uint32_t tensor) const;

    SramGeometry geometry_;
    /// The slot that each bit of a word belongs to, and that slot's lowest bit. Spare bits have a
    /// slot beyond all codes.
    struct BitPlaces {
        std::uint32_t bits;  ///< bits of a code
        std::array<std::uint8_t, 64> slot;
        std::array<std::uint8_t, 64> shift;
    };

    BitPlaces bitPlacesOf(const WordCodes& slots) const;

    // Cached so that placing a word needs no division.
    std::uint32_t wordBits_ = 0;
    std::uint64_t words_ = 0;
    std::uint64_t blocksPerArray_ = 0;
    std::uint64_t imageWords_ = 0;
    std::uint32_t blockWords_ = 1;
    std::vector<CodeTensor> tensors_;
    std::vector<std::uint32_t> codesPerWord_;
    std::vector<BitPlaces> bitPlaces_;           ///< one for each width of code that occurs
    std::vector<std::uint32_t> placesOfTensor_;  ///< index into bitPlaces_, by tensor
    LayoutSettings layout_;
    std::vector<std::uint64_t> firstWord_;  ///< image word where each tensor starts; last: the end
};

}  // namespace brownout
