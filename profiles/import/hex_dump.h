#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "profiles/import/word_recorder.h"

namespace brownout {

/// Returns the value of a hexadecimal digit, or -1.
int hexDigit(char c);

/// A scanner for the words of hexadecimal text that differ from a background, where most are equal
/// to it.
class HexScanner {
 public:
    static constexpr std::size_t kGood = ~std::size_t{0};

    /// Scans for words of `digits` digits each, most significant first.
    HexScanner(unsigned digits, std::uint64_t background);

    unsigned digits() const { return digits_; }

    /// Calls `differs(word number, value)` for each of the `words` words of `text` that isn't the
    /// background. Returns the place of the first character that is no digit, or kGood. Eight words
    /// are compared at a time, and only those that differ are decoded.
    template <typename Differs>
    std::size_t scan(const char* text, std::size_t words, const Differs& differs) const {
        std::size_t word = 0;
        while (word < words) {
            if (words - word >= kStride && isBackground(text + word * digits_)) {
                word += kStride;
                continue;
            }
            const std::size_t end = word + (words - word < kStride ? words - word : kStride);
            for (; word < end; ++word) {
                std::uint64_t value = 0;
                for (unsigned i = 0; i < digits_; ++i) {
                    const int digit = hexDigit(text[word * digits_ + i]);
                    if (digit < 0) return word * digits_ + i;
                    value = value << 4 | static_cast<std::uint64_t>(digit);
                }
                if (value != background_) differs(word, value);
            }
        }
        return kGood;
    }

 private:
    static constexpr std::size_t kStride = 8;  // words compared at a time

    bool isBackground(const char* text) const;

    unsigned digits_;
    std::uint64_t background_;
    std::vector<char> upper_, lower_;  // kStride background words as text
};

/// Reads a dump of hexadecimal words into `measurement`: "hex-dump" of IMPORT.md. Throws Error
/// naming the file and the byte.
void readHexDump(Input& input, WordRecorder& recorder, std::uint32_t entry,
                 Measurement& measurement);

}  // namespace brownout
