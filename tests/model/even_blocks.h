#pragma once

#include "model/protection/protection.h"

namespace brownout::test {

/// A protection that alters data: the lowest bit of a block, which belongs to its first code, makes
/// its parity even. An odd block reads as zeros. No check bits.
class EvenBlocks final : public Protection {
 public:
    explicit EvenBlocks(std::uint32_t wordBits, std::uint32_t blockWords = 1)
        : Protection(wordBits, 0, blockWords) {}

    std::string name() const override { return "even-blocks"; }
    bool altersData() const override { return true; }
    void prepare(Span<Word> block, Span<const WordCodes> /*codes*/,
                 const CodeValues& /*values*/) const override {
        block[0] ^= isOdd(block) ? 1 : 0;
    }

 private:
    static bool isOdd(Span<const Word> block) {
        Word sum = 0;
        for (const Word word : block) sum ^= word;
        return __builtin_parityll(sum) != 0;
    }
    std::uint8_t encodeBlock(Span<Word>) const override { return 0; }
    WordStatus decodeBlock(Span<Word> block, std::uint8_t) const override {
        if (!isOdd({block.data(), block.size()})) return WordStatus::kClean;
        for (Word& word : block) word = 0;
        return WordStatus::kDetected;
    }
};

}  // namespace brownout::test
