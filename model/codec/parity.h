#pragma once

#include "model/codec/codec.h"

namespace brownout {

/// One check bit a word: data and check bit together have an even number of ones. A word that
/// reads with an odd number is detected and reads as 0. Two errors, four, ... go unseen.
class ParityCodec final : public Codec {
 public:
    explicit ParityCodec(std::uint32_t wordBits) : Codec(wordBits, 1) {}

    std::string name() const override { return "parity"; }
    std::uint8_t encode(Word data) const override;
    DecodedWord decode(CodedWord read) const override;
};

/// One check bit for each 8-bit byte of the word, bit i for byte i, each with even parity. A byte
/// that reads with odd parity reads as 0, the others as they are; the word is then detected.
class ByteParityCodec final : public Codec {
 public:
    /// Throws Error unless a word is a whole number of bytes.
    explicit ByteParityCodec(std::uint32_t wordBits);

    std::string name() const override { return "parity-byte"; }
    std::uint8_t encode(Word data) const override;
    DecodedWord decode(CodedWord read) const override;

    /// The bytes of a detected word that read as 0: those that failed, and among the others those
    /// that happen to hold 0, which the reader of one status a word can't tell apart.
    Word suspectBits(const DecodedWord& word) const override;
};

}  // namespace brownout
