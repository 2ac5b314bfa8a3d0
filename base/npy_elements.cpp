#include "base/npy_elements.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace brownout {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;  // elements read at a time

std::uint64_t loadBits(const unsigned char* bytes, const NpyHeader& header) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < header.bytes; ++i) {
        bits = bits << 8 | bytes[header.bigEndian ? i : header.bytes - 1 - i];
    }
    return bits;
}

/// Returns the number that a float of 16 bits stands for: a sign, 5 bits of exponent, 10 of
/// fraction.
double fromHalf(std::uint64_t bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const auto fraction = static_cast<double>(bits & 1023);
    double value =
        std::ldexp(exponent == 0 ? fraction : 1024 + fraction, std::max(exponent, 1) - 25);
    if (exponent == 31) {
        value = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
    }
    return (bits >> 15 & 1) != 0 ? -value : value;
}

}  // namespace

double npyNumber(std::uint64_t bits, const NpyHeader& header) {
    switch (header.kind) {
        case NpyKind::kBool:
        case NpyKind::kUnsigned:
            return static_cast<double>(bits);
        case NpyKind::kSigned: {
            const unsigned unused = 64 - 8 * header.bytes;
            return static_cast<double>(static_cast<std::int64_t>(bits << unused) >> unused);
        }
        case NpyKind::kFloat:
            break;
    }
    if (header.bytes == 2) return fromHalf(bits);
    if (header.bytes == 4) {
        const auto word = static_cast<std::uint32_t>(bits);
        float value = 0;
        std::memcpy(&value, &word, sizeof value);
        return static_cast<double>(value);
    }
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

std::string npyShape(const NpyHeader& header) {
    std::string text;
    for (const std::uint64_t size : header.shape) {
        text += (text.empty() ? "(" : ", ") + std::to_string(size);
    }
    return text.empty() ? "()" : text + ")";
}

Error npyEndsEarly(const Input& input, const NpyHeader& header, std::uint64_t elements) {
    return input.error("ends after " + std::to_string(elements) + " elements; expected " +
                       std::to_string(header.elements()) + ", the shape " + npyShape(header));
}

Error npyGoesOn(const Input& input, const NpyHeader& header) {
    return input.error("goes on after its " + std::to_string(header.elements()) +
                       " elements, the shape " + npyShape(header));
}

void readNpyElements(Input& input, const NpyHeader& header, std::uint64_t most,
                     const std::function<void(std::uint64_t number, std::uint64_t bits)>& element) {
    const std::uint64_t all = header.elements();
    const std::uint64_t count = std::min(all, most);
    std::vector<char> buffer(kBlock * header.bytes);
    for (std::uint64_t first = 0; first < count; first += kBlock) {
        const auto block = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, count - first));
        const std::size_t got = input.read(buffer.data(), block * header.bytes);
        if (got != block * header.bytes) {
            throw npyEndsEarly(input, header, first + got / header.bytes);
        }
        const auto* bytes = reinterpret_cast<const unsigned char*>(buffer.data());
        for (std::size_t i = 0; i < block; ++i) {
            element(first + i, loadBits(bytes + i * header.bytes, header));
        }
    }
    char more = 0;
    if (count == all && input.read(&more, 1) != 0) throw npyGoesOn(input, header);
}

}  // namespace brownout
