#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/span.h"
#include "model/geometry.h"
#include "model/word_codes.h"

namespace brownout {

/// The outcome of decoding a word. The numbers are those of the RTL's `rsp_status_o`.
enum class WordStatus : std::uint8_t {
    kClean = 0,      ///< no error seen
    kCorrected = 1,  ///< an error seen and, as far as the decoder knows, corrected
    kDetected = 2,   ///< an error seen that the decoder can't correct
};

/// Returns "clean", "corrected" or "detected".
const char* nameOf(WordStatus status);

/// A word of cells and its check bits, as they are stored or read. As one vector the word is the
/// low part: {check, data}.
struct CodedWord {
    Word data = 0;
    std::uint8_t check = 0;
};

inline bool operator==(const CodedWord& a, const CodedWord& b) {
    return a.data == b.data && a.check == b.check;
}

/// A word as its reader gets it from a memory's port.
struct DecodedWord {
    Word data = 0;
    WordStatus status = WordStatus::kClean;
};

inline bool operator==(const DecodedWord& a, const DecodedWord& b) {
    return a.data == b.data && a.status == b.status;
}

/// A way to protect stored weights. Immutable; any number of threads may use one.
///
/// Words are protected in *blocks* of one or more: words [k W, (k + 1) W) of a network's image,
/// where W is blockWords(). What is done to a block, in this order:
///
///   prepare   once, before a network is stored: may change its weights, so that a block says of
///             itself whether it is right (parity hidden in an LSB) or can be told from a wrong one
///             (weights held in a range). The network then computes with the changed weights.
///   encode    in the memory, when it is written: turns data into the content of cells, and adds
///             check bits, which live in cells of their own (CheckPlacement).
///   decode    in the memory, when it is read: turns what the cells give into data and a status,
///             the same for every word of the block.
///
/// Every protection decodes prepared data that were encoded to themselves, as clean. Words of zeros
/// need no preparation and encode to cells and check bits of zero, as memories start.
class Protection {
 public:
    virtual ~Protection() = default;

    /// Returns the name that `makeProtection` takes.
    virtual std::string name() const = 0;
    /// Returns the bits of a word, 1 to 64.
    std::uint32_t wordBits() const { return wordBits_; }
    /// Returns the words of a block, at least 1.
    std::uint32_t blockWords() const { return blockWords_; }
    /// Returns the check bits of a block, 0 to 8.
    std::uint32_t checkBits() const { return checkBits_; }
    /// Returns a mask of the bits of a word.
    Word dataMask() const { return ~Word{0} >> (64 - wordBits_); }

    /// Returns whether a memory's port shows the cells themselves: nothing is added, corrected or
    /// replaced.
    virtual bool showsCells() const { return false; }
    /// Returns whether `prepare` may change anything. If so, data that weren't prepared may decode
    /// to others.
    virtual bool altersData() const { return false; }
    /// Returns whether the codes in the worthless bits of a detected word always stand for the
    /// weight 0, whatever else is asked for other protections.
    virtual bool masksWeights() const { return false; }
    /// Throws Error unless words may hold codes as `codes` says, of the meaning `values`.
    virtual void requireCodes(const WordCodes& /*codes*/, const CodeValues& /*values*/) const {}
    /// Prepares the words of a block, for whose codes requireCodes() holds. `codes` says for each
    /// word where codes lie in it, `values` what they mean. Spare cells hold 0 and may be used.
    virtual void prepare(Span<Word> /*block*/, Span<const WordCodes> /*codes*/,
                         const CodeValues& /*values*/) const {}

    /// Turns the words of a block from data into the content of their cells; returns the check
    /// bits. Bits above wordBits() must be 0.
    std::uint8_t encode(Span<Word> block) const { return encodeBlock(block); }
    /// Turns the words of a block from what was read of their cells into data. Bits above
    /// wordBits() and checkBits() must be 0.
    WordStatus decode(Span<Word> block, std::uint8_t check) const {
        return decodeBlock(block, check);
    }

    /// Encodes a block of one word.
    CodedWord encode(Word data) const {
        CodedWord coded{data, 0};
        coded.check = encodeBlock({&coded.data, 1});
        return coded;
    }
    /// Decodes a block of one word.
    DecodedWord decode(const CodedWord& read) const {
        DecodedWord decoded{read.data, WordStatus::kClean};
        decoded.status = decodeBlock({&decoded.data, 1}, read.check);
        return decoded;
    }

    /// Returns the bits of a decoded word that its reader knows to be worthless: none unless it was
    /// detected. A function of what a memory's port shows, so that the reader of any memory can
    /// tell.
    virtual Word worthlessBits(const DecodedWord& word) const {
        return word.status == WordStatus::kDetected ? dataMask() : 0;
    }

 protected:
    Protection(std::uint32_t wordBits, std::uint32_t checkBits, std::uint32_t blockWords = 1)
        : wordBits_(wordBits), checkBits_(checkBits), blockWords_(blockWords) {}

 private:
    virtual std::uint8_t encodeBlock(Span<Word> block) const = 0;
    virtual WordStatus decodeBlock(Span<Word> block, std::uint8_t check) const = 0;

    std::uint32_t wordBits_;
    std::uint32_t checkBits_;
    std::uint32_t blockWords_;
};

/// A row of the table of protections: its name, and what it does, for help texts.
struct ProtectionText {
    const char* name;
    const char* meaning;
};
/// Returns all protections there are, the plain one first.
std::vector<ProtectionText> protectionTexts();
/// Returns the names of all protections: "none", "parity", "op-64", ...
std::vector<std::string> protectionNames();

/// Makes a protection for words of `wordBits` bits that hold codes of `codeBits` bits, 0 for codes
/// that are not known or differ. Throws UsageError for a name that is none of protectionNames(),
/// Error if the protection can't serve words of that size or needs codes of another size.
std::shared_ptr<const Protection> makeProtection(const std::string& name, std::uint32_t wordBits,
                                                 std::uint32_t codeBits = 0);

/// Checks that blocks are single words. Throws Error if they have several, naming the memory `what`
/// that can't do that.
void requireSingleWords(const Protection& protection, const std::string& what);

/// Checks that codes are of `fewest` to `most` bits and in two's complement: their order is that of
/// their values. Throws Error, naming the protection, if they are not.
void requireTwosComplement(const Protection& protection, const WordCodes& codes,
                           const CodeValues& values, std::uint32_t fewest, std::uint32_t most);

}  // namespace brownout
