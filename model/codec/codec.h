#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/geometry.h"

namespace brownout {

/// What a codec says of a word it decoded. The numbers are those of the RTL's `rsp_status_o`.
enum class WordStatus : std::uint8_t {
    kClean = 0,      ///< no error seen
    kCorrected = 1,  ///< an error seen and, as far as the codec knows, corrected
    kDetected = 2,   ///< an error seen that the codec can't correct
};

/// Returns "clean", "corrected" or "detected".
const char* nameOf(WordStatus status);

/// A word and its check bits, as they are stored or read. As one vector the data are the low bits:
/// {check, data}.
struct CodedWord {
    Word data = 0;
    std::uint8_t check = 0;
};

inline bool operator==(const CodedWord& a, const CodedWord& b) {
    return a.data == b.data && a.check == b.check;
}

struct DecodedWord {
    Word data = 0;
    WordStatus status = WordStatus::kClean;
};

inline bool operator==(const DecodedWord& a, const DecodedWord& b) {
    return a.data == b.data && a.status == b.status;
}

/// How a word is protected: check bits that are stored beside it, and what is made of both when
/// they are read. Immutable; any number of threads may use one.
///
/// Every codec is systematic (the data bits are stored as they are), takes the all-zero word for
/// right with check bits of zero, as memories start, and decodes what it encoded to itself.
class Codec {
 public:
    virtual ~Codec() = default;

    /// As `makeCodec` takes it.
    virtual std::string name() const = 0;
    /// Bits of a data word, 1 to 64.
    std::uint32_t wordBits() const { return wordBits_; }
    /// Check bits of a word, 0 to 8.
    std::uint32_t checkBits() const { return checkBits_; }
    /// A mask of the bits of a data word.
    Word dataMask() const { return ~Word{0} >> (64 - wordBits_); }

    /// The check bits of a word; bits of `data` above wordBits() must be 0.
    virtual std::uint8_t encode(Word data) const = 0;
    /// The data as the reader gets them. Bits above wordBits() and checkBits() must be 0.
    virtual DecodedWord decode(CodedWord read) const = 0;

    /// Which bits of a decoded word its reader knows to be worthless: none unless it was detected.
    /// A function of what the memory's port shows, so that every reader of any memory can tell.
    virtual Word suspectBits(const DecodedWord& word) const {
        return word.status == WordStatus::kDetected ? dataMask() : 0;
    }

 protected:
    Codec(std::uint32_t wordBits, std::uint32_t checkBits)
        : wordBits_(wordBits), checkBits_(checkBits) {}

 private:
    std::uint32_t wordBits_;
    std::uint32_t checkBits_;
};

/// Names of all codecs: "none", "parity", "parity-byte", "secded".
std::vector<std::string> codecNames();

/// A codec for words of `wordBits` bits. Throws UsageError for a name that is none of them, Error
/// if the codec can't protect words of that size.
std::shared_ptr<const Codec> makeCodec(const std::string& name, std::uint32_t wordBits);

}  // namespace brownout
