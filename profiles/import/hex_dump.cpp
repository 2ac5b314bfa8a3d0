#include "profiles/import/hex_dump.h"

#include <array>
#include <cstring>

#include "base/error.h"

namespace brownout {
namespace {

// Characters read at a time, about: enough that the calls don't matter, little enough for a cache.
constexpr std::size_t kBuffer = std::size_t{1} << 18;

std::array<signed char, 256> makeDigits() {
    std::array<signed char, 256> digits{};
    digits.fill(-1);
    for (int i = 0; i < 10; ++i)
        digits[static_cast<std::size_t>('0' + i)] = static_cast<signed char>(i);
    for (int i = 0; i < 6; ++i) {
        digits[static_cast<std::size_t>('a' + i)] = static_cast<signed char>(10 + i);
        digits[static_cast<std::size_t>('A' + i)] = static_cast<signed char>(10 + i);
    }
    return digits;
}

const std::array<signed char, 256> kDigits = makeDigits();

/// Whether `count` bytes, a multiple of 8, are the same.
bool same(const char* a, const char* b, std::size_t count) {
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i < count; i += 8) {
        std::uint64_t x = 0, y = 0;
        std::memcpy(&x, a + i, 8);
        std::memcpy(&y, b + i, 8);
        difference |= x ^ y;
    }
    return difference == 0;
}

}  // namespace

int hexDigit(char c) { return kDigits[static_cast<unsigned char>(c)]; }

HexScanner::HexScanner(unsigned digits, std::uint64_t background)
    : digits_(digits), background_(background) {
    for (std::size_t word = 0; word < kStride; ++word) {
        for (unsigned i = digits; i-- > 0;) {
            const auto digit = static_cast<std::size_t>(background >> (4 * i) & 15);
            upper_.push_back("0123456789ABCDEF"[digit]);
            lower_.push_back("0123456789abcdef"[digit]);
        }
    }
}

bool HexScanner::isBackground(const char* text) const {
    return same(text, upper_.data(), upper_.size()) || same(text, lower_.data(), lower_.size());
}

void readHexDump(Input& input, WordRecorder& recorder, std::uint32_t entry,
                 Measurement& measurement) {
    const HexScanner scanner(recorder.fileBits() / 4, recorder.background());
    const unsigned digits = scanner.digits();
    const std::size_t chunk = kBuffer / (8 * digits) * (8 * digits);
    std::vector<char> buffer(chunk);
    input.skipByteOrderMark();
    const std::uint64_t begin = input.offset();
    std::uint64_t words = 0;
    for (;;) {
        std::size_t got = input.read(buffer.data(), chunk);
        const bool last = got < chunk;
        // One line break at the very end comes from an editor, and is none of the words'.
        if (last && got > 0 && buffer[got - 1] == '\n') {
            --got;
            if (got > 0 && buffer[got - 1] == '\r') --got;
        }
        const std::size_t whole = got / digits;
        std::size_t bad =
            scanner.scan(buffer.data(), whole, [&](std::size_t word, std::uint64_t value) {
                recorder.differs(measurement, entry, words + word, value);
            });
        for (std::size_t i = whole * digits; i < got && bad == HexScanner::kGood; ++i) {
            if (hexDigit(buffer[i]) < 0) bad = i;
        }
        if (bad != HexScanner::kGood) {
            throw input.errorAtByte(begin + words * digits + bad,
                                    quoted(std::string(1, buffer[bad])) +
                                        "; expected a hexadecimal digit, without line breaks");
        }
        words += whole;
        if (got % digits != 0) {
            throw input.errorAtByte(begin + words * digits + got % digits,
                                    "the file ends " + std::to_string(got % digits) +
                                        " digits into a word; expected words of " +
                                        std::to_string(digits) + " digits");
        }
        if (last) break;
    }
    recorder.endOfFile(measurement, input, words);
}

}  // namespace brownout
