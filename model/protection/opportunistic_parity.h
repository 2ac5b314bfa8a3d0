#pragma once

#include "model/protection/protection.h"

namespace brownout {

/// The weight of a group that gives its least significant bit to the group's parity.
enum class ParityWeight {
    kFirst,    ///< the one that lies lowest in the group
    kLargest,  ///< the one of the largest magnitude, whose relative error is then least
};

/// Opportunistic parity (Burel, Evans, Anghel, DFT 2021): even parity over a group of cells without
/// a cell for it. Preparation flips the least significant bit of one weight of each group whose
/// parity is odd, so the network computes with slightly other weights. A group that reads with an
/// odd number of ones is detected and all its cells read as 0; an even number of wrong bits goes
/// unseen. The weights of a detected group stand for the weight 0, whatever code that is.
///
/// Groups of fewer bits than a word divide it, and hold whole codes; larger ones are blocks of
/// words. A group with spare cells uses the lowest of them instead of a weight's bit.
class OpportunisticParity final : public Protection {
 public:
    /// Makes the protection of groups of `groupBits` bits. Throws Error unless words of `wordBits`
    /// bits are a whole number of groups, or groups a whole number of words.
    OpportunisticParity(std::uint32_t wordBits, std::uint32_t groupBits, ParityWeight weight);

    std::string name() const override;
    bool altersData() const override { return true; }
    bool masksWeights() const override { return true; }
    /// Throws Error if a group would hold parts of codes.
    void requireCodes(const WordCodes& codes, const CodeValues& values) const override;
    /// Makes the parity of every group even.
    void prepare(Span<Word> block, Span<const WordCodes> codes,
                 const CodeValues& values) const override;
    /// Returns the groups of a detected word that read as 0: those that failed, and among the
    /// others those that happen to hold 0, which the reader of one status a word can't tell apart.
    Word worthlessBits(const DecodedWord& word) const override;

    std::uint32_t groupBits() const { return groupBits_; }

 private:
    std::uint8_t encodeBlock(Span<Word> block) const override;
    WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const override;

    /// Returns a mask of the bits of group `index` of a word.
    Word groupMask(std::uint32_t index) const;

    std::uint32_t groupBits_;
    std::uint32_t groupsPerWord_;  ///< 1 where a group is a word or more
    ParityWeight weight_;
};

}  // namespace brownout
