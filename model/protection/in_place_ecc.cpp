#include "model/protection/in_place_ecc.h"

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::uint8_t kNoBit = 64;
/// Bit 6 of bytes 0 to 6.
constexpr Word kCheckCells = 0x0040404040404040;

/// The rows of the matrix: check r is the parity of the stored word & kRows[r].
constexpr std::array<Word, 7> makeRows() {
    std::array<Word, 7> rows{};
    for (unsigned bit = 0; bit < 64; ++bit) {
        for (unsigned row = 0; row < 7; ++row) {
            rows[row] |= Word{kInPlaceColumns[bit] >> row & 1U} << bit;
        }
    }
    return rows;
}

constexpr std::array<Word, 7> kRows = makeRows();

std::uint8_t syndromeOf(Word stored) {
    unsigned syndrome = 0;
    for (unsigned row = 0; row < 7; ++row) {
        syndrome |= static_cast<unsigned>(__builtin_parityll(stored & kRows[row])) << row;
    }
    return static_cast<std::uint8_t>(syndrome);
}

/// Returns the word with each sign of bytes 0 to 6 repeated in bit 6.
Word withRepeatedSigns(Word word) { return (word & ~kCheckCells) | (word >> 1 & kCheckCells); }

std::uint32_t wholeWord(std::uint32_t wordBits) {
    if (wordBits != 64) {
        throw Error("protection in-place-ecc",
                    "words of " + std::to_string(wordBits) + " bits; expected 64");
    }
    return wordBits;
}

}  // namespace

InPlaceEcc::InPlaceEcc(std::uint32_t wordBits) : Protection(wholeWord(wordBits), 0) {
    bitOfSyndrome_.fill(kNoBit);
    for (unsigned bit = 0; bit < 64; ++bit) {
        bitOfSyndrome_[kInPlaceColumns[bit]] = static_cast<std::uint8_t>(bit);
    }
}

void InPlaceEcc::requireCodes(const WordCodes& codes, const CodeValues& values) const {
    requireTwosComplement(*this, codes, values, 8, 8);
}

void InPlaceEcc::prepare(Span<Word> block, Span<const WordCodes> codes, const CodeValues&) const {
    const WordCodes& word = codes[0];
    for (std::uint32_t slot = 0; slot < word.count; ++slot) {
        if (word.shiftOf(slot) == 56) continue;
        const Code code = word.codeIn(block[0], slot);
        const bool negative = (code & 0x80U) != 0;
        if (negative == ((code & 0x40U) != 0)) continue;
        block[0] = word.withCode(block[0], slot, negative ? 0xC0 : 0x3F);
    }
}

std::uint8_t InPlaceEcc::encodeBlock(Span<Word> block) const {
    const Word data = block[0] & ~kCheckCells;
    const std::uint8_t check = syndromeOf(data);
    Word cells = data;
    for (unsigned j = 0; j < 7; ++j) cells |= Word{check >> j & 1U} << (8 * j + 6);
    block[0] = cells;
    return 0;
}

WordStatus InPlaceEcc::decodeBlock(Span<Word> block, std::uint8_t) const {
    const std::uint8_t syndrome = syndromeOf(block[0]);
    WordStatus status = WordStatus::kClean;
    if (syndrome != 0) {
        const std::uint8_t bit = bitOfSyndrome_[syndrome];
        if (bit != kNoBit) block[0] ^= Word{1} << bit;
        status = bit == kNoBit ? WordStatus::kDetected : WordStatus::kCorrected;
    }
    block[0] = withRepeatedSigns(block[0]);
    return status;
}

}  // namespace brownout
