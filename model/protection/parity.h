#pragma once

#include "model/protection/protection.h"

namespace brownout {

/// One check bit a word: data and check bit together have an even number of ones. A word that
/// reads with an odd number is detected and reads as 0. Two errors, four, ... go unseen.
class ParityProtection final : public Protection {
 public:
    explicit ParityProtection(std::uint32_t wordBits) : Protection(wordBits, 1) {}

    std::string name() const override { return "parity"; }

 private:
    std::uint8_t encodeBlock(Span<Word> block) const override;
    WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const override;
};

/// One check bit for each 8-bit byte of the word, bit i for byte i, each with even parity. A byte
/// that reads with odd parity reads as 0, the others as they are; the word is then detected.
class ByteParityProtection final : public Protection {
 public:
    /// Makes the protection of words of `wordBits` bits. Throws Error unless they are whole bytes.
    explicit ByteParityProtection(std::uint32_t wordBits);

    std::string name() const override { return "parity-byte"; }

    /// Returns the bytes of a detected word that read as 0: those that failed, and among the others
    /// those that happen to hold 0, which the reader of one status a word can't tell apart.
    Word worthlessBits(const DecodedWord& word) const override;

 private:
    std::uint8_t encodeBlock(Span<Word> block) const override;
    WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const override;
};

/// One check bit for each 128 bits of a network's image, a block of several words: data and check
/// bit of a block together have an even number of ones. A block that reads with an odd number is
/// detected, and all its words read as 0.
class WideParityProtection final : public Protection {
 public:
    /// Makes the protection of words of `wordBits` bits. Throws Error unless 128 bits are a whole
    /// number of them.
    explicit WideParityProtection(std::uint32_t wordBits);

    std::string name() const override { return "parity-128"; }

 private:
    std::uint8_t encodeBlock(Span<Word> block) const override;
    WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const override;
};

}  // namespace brownout
