#pragma once

#include <cstdint>
#include <cstring>

#include "model/field/field_strata.h"
#include "model/geometry.h"

namespace brownout {

constexpr std::uint32_t kWindowCells = 1U << kBlockBits[0];
constexpr std::uint32_t kWindowWords = kWindowCells / 64;

/// A bit for each cell of a window, in words of 64 cells: small enough for the first cache, so that
/// the darts of all strata are joined without sorting. `touched` finds the words that aren't zero.
struct WindowBits {
    Word bits[kWindowWords] = {};
    std::uint64_t touched[kWindowWords / 64] = {};

    /// Sets the bit of a cell, given by its place in the window, if `value`.
    void set(std::uint32_t cell, bool value = true) {
        bits[cell / 64] |= Word{value} << (cell % 64);
        touched[cell / 4096] |= std::uint64_t{value} << (cell / 64 % 64);
    }

    /// Calls `visit(word, bits)` for the words that aren't zero, ascending, and clears everything.
    template <typename Visitor>
    void takeTouched(Visitor&& visit) {
        for (std::uint32_t group = 0; group < kWindowWords / 64; ++group) {
            std::uint64_t left = touched[group];
            touched[group] = 0;
            for (; left != 0; left &= left - 1) {
                const std::uint32_t word =
                    group * 64 + static_cast<std::uint32_t>(__builtin_ctzll(left));
                visit(word, bits[word]);
                bits[word] = 0;
            }
        }
    }
};

}  // namespace brownout
