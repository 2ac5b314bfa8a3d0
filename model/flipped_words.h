#pragma once

// Private to the model.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/geometry.h"
#include "model/stratum_stream.h"
#include "model/uniform_field.h"

namespace brownout {

/// The cells that UniformField::draw(rate) gives, by words of 64 consecutive ones: calls
/// `visit(word, flips)` for the words among the first `words` that hold any, ascending. No ranks,
/// and several times faster where many cells fail.
///
/// Block by block: the candidates of all strata are ORed into a piece of the memory that stays in
/// the first cache, which joins the strata without sorting; `touched` finds the words that aren't
/// zero.
template <typename Visitor>
void forEachFlippedWord(const UniformField& field, double rate, std::uint64_t words,
                        Visitor&& visit) {
    std::vector<StratumStream> strata;
    for (int k = kDeepestStratum; k >= 0 && lowestRankOf(k) < rate; --k) {
        strata.emplace_back(field.seed(), field.chip(), k, rate);
    }
    constexpr std::uint64_t kBlockWords = 512;
    Word flips[kBlockWords] = {};
    std::uint64_t touched[kBlockWords / 64] = {};
    for (std::uint64_t first = 0; first < words; first += kBlockWords) {
        const std::uint64_t firstCell = first * 64;
        const std::uint64_t endCell = std::min(words, first + kBlockWords) * 64;
        for (StratumStream& stratum : strata) {
            if (stratum.nextCell() >= endCell) continue;
            stratum.visitUpTo(endCell, [&](std::uint64_t cell, std::uint32_t, bool below) {
                const std::uint64_t word = (cell - firstCell) / 64;
                flips[word] |= Word{below} << (cell % 64);
                touched[word / 64] |= std::uint64_t{below} << (word % 64);
            });
        }
        for (std::uint64_t group = 0; group < kBlockWords / 64; ++group) {
            std::uint64_t left = touched[group];
            touched[group] = 0;
            for (; left != 0; left &= left - 1) {
                const std::uint64_t word =
                    group * 64 + static_cast<std::uint64_t>(__builtin_ctzll(left));
                visit(static_cast<std::uint32_t>(first + word), flips[word]);
                flips[word] = 0;
            }
        }
    }
}

}  // namespace brownout
