#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace brownout {

/// Appends the low `bytes` bytes of a number, the lowest first.
inline void appendLittleEndian(std::string& to, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) to += static_cast<char>(number >> (8 * i));
}

/// Returns the number in `bytes` bytes of `from` that begin at `at`, the lowest first. They must be
/// there, and at most 8.
inline std::uint64_t littleEndian(std::string_view from, std::size_t at, std::size_t bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        number |= std::uint64_t{static_cast<std::uint8_t>(from[at + i])} << (8 * i);
    }
    return number;
}

}  // namespace brownout
