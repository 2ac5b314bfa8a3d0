#include "model/protection/opportunistic_parity.h"

#include <cmath>
#include <optional>

#include "base/error.h"

namespace brownout {
namespace {

bool isOdd(Word word) { return __builtin_parityll(word) != 0; }

bool isOdd(Span<const Word> block) {
    Word sum = 0;
    for (const Word word : block) sum ^= word;
    return isOdd(sum);
}

std::uint32_t wordsOfGroup(std::uint32_t wordBits, std::uint32_t groupBits) {
    if (wordBits % groupBits == 0) return 1;
    if (groupBits % wordBits == 0) return groupBits / wordBits;
    throw Error("protection op-" + std::to_string(groupBits),
                "words of " + std::to_string(wordBits) + " bits; expected a divisor or a multiple" +
                    " of " + std::to_string(groupBits));
}

/// A bit of a block that may be flipped.
struct Bit {
    std::size_t word;
    Word mask;
};

/// The choice of the bit that makes a group's parity even, fed with all codes of the group.
class Choice {
 public:
    Choice(ParityWeight weight, const CodeValues& values) : weight_(weight), values_(values) {}

    void offer(std::size_t index, Word word, const WordCodes& codes, std::uint32_t slot) {
        const Code code = codes.codeIn(word, slot);
        const Code flipped = code ^ 1U;
        const std::uint64_t element = codes.elementAt(slot);
        // The neighbour of an infinity is no number: such a weight gives its bit only where no
        // other can.
        const bool finite = std::isfinite(values_.value(codes.tensor, element, flipped));
        double merit = finite ? 0 : -2;
        if (finite && weight_ == ParityWeight::kLargest) {
            merit = std::abs(values_.value(codes.tensor, element, code));
            if (!std::isfinite(merit)) merit = -1;
        }
        const std::uint32_t shift = codes.shiftOf(slot);
        const bool lower = bit_ && index == bit_->word && (Word{1} << shift) < bit_->mask;
        if (bit_ && (merit < merit_ || (merit == merit_ && !lower))) return;
        merit_ = merit;
        bit_ = Bit{index, Word{1} << shift};
    }

    const std::optional<Bit>& bit() const { return bit_; }

 private:
    ParityWeight weight_;
    const CodeValues& values_;
    std::optional<Bit> bit_;
    double merit_ = 0;
};

}  // namespace

OpportunisticParity::OpportunisticParity(std::uint32_t wordBits, std::uint32_t groupBits,
                                         ParityWeight weight)
    : Protection(wordBits, 0, wordsOfGroup(wordBits, groupBits)),
      groupBits_(groupBits),
      groupsPerWord_(groupBits < wordBits ? wordBits / groupBits : 1),
      weight_(weight) {}

std::string OpportunisticParity::name() const {
    return "op-" + std::to_string(groupBits_) +
           (weight_ == ParityWeight::kLargest ? "-largest" : "");
}

Word OpportunisticParity::groupMask(std::uint32_t index) const {
    if (groupsPerWord_ == 1) return dataMask();
    return (dataMask() >> (wordBits() - groupBits_)) << (index * groupBits_);
}

void OpportunisticParity::requireCodes(const WordCodes& codes, const CodeValues&) const {
    if (groupsPerWord_ == 1 || groupBits_ % codes.bits == 0) return;
    throw Error("protection " + name(), "weights of " + std::to_string(codes.bits) +
                                            " bits; expected a divisor of " +
                                            std::to_string(groupBits_) + " bits");
}

void OpportunisticParity::prepare(Span<Word> block, Span<const WordCodes> codes,
                                  const CodeValues& values) const {
    for (std::uint32_t group = 0; group < groupsPerWord_; ++group) {
        const Word mask = groupMask(group);
        bool odd = false;
        Choice choice(weight_, values);
        std::optional<Bit> spare;
        for (std::size_t i = 0; i < block.size(); ++i) {
            odd ^= isOdd(block[i] & mask);
            Word unused = mask;
            for (std::uint32_t slot = 0; slot < codes[i].count; ++slot) {
                const Word place = codes[i].codeMask() << codes[i].shiftOf(slot);
                if ((place & mask) == 0) continue;
                unused &= ~place;
                choice.offer(i, block[i], codes[i], slot);
            }
            if (!spare && unused != 0) spare = Bit{i, unused & (~unused + 1)};
        }
        if (!odd) continue;
        const Bit bit = spare ? *spare : *choice.bit();
        block[bit.word] ^= bit.mask;
    }
}

Word OpportunisticParity::worthlessBits(const DecodedWord& word) const {
    if (word.status != WordStatus::kDetected) return 0;
    Word bits = 0;
    for (std::uint32_t group = 0; group < groupsPerWord_; ++group) {
        if ((word.data & groupMask(group)) == 0) bits |= groupMask(group);
    }
    return bits;
}

std::uint8_t OpportunisticParity::encodeBlock(Span<Word>) const { return 0; }

WordStatus OpportunisticParity::decodeBlock(Span<Word> block, std::uint8_t) const {
    if (groupsPerWord_ == 1) {
        if (!isOdd(Span<const Word>(block.data(), block.size()))) return WordStatus::kClean;
        for (Word& word : block) word = 0;
        return WordStatus::kDetected;
    }
    WordStatus status = WordStatus::kClean;
    for (std::uint32_t group = 0; group < groupsPerWord_; ++group) {
        if (!isOdd(block[0] & groupMask(group))) continue;
        block[0] &= ~groupMask(group);
        status = WordStatus::kDetected;
    }
    return status;
}

}  // namespace brownout
