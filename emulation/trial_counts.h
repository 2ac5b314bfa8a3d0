#pragma once

#include <cstdint>
#include <tuple>

namespace brownout {

/// Names one trial of a campaign: indices into its networks and points, the number of the chip, and
/// the index into its layout offsets.
struct TrialKey {
    std::uint32_t network = 0;
    std::uint32_t point = 0;
    std::uint32_t chip = 0;
    std::uint32_t offset = 0;
};

/// What one trial counted. Integers only, so that merging trials is exact in any order.
struct TrialCounts {
    std::uint64_t images = 0;
    std::uint64_t wrongClean = 0;      ///< images wrong without faults
    std::uint64_t wrongPerturbed = 0;  ///< images wrong with faults
    std::uint64_t wrongEither = 0;     ///< images wrong clean or perturbed (robust error)
    std::uint64_t bitsRead = 0;        ///< cells of the network that were read, check bits included
    std::uint64_t bitsWrong = 0;       ///< of those, how many read wrong
    std::uint64_t failingCells = 0;    ///< of those, how many can fail at this supply
    std::uint64_t wordsRead = 0;
    std::uint64_t wordsCorrected = 0;     ///< the codec corrected an error, rightly
    std::uint64_t wordsDetected = 0;      ///< the codec saw an error it can't correct
    std::uint64_t wordsMiscorrected = 0;  ///< the codec "corrected" to other data than were written
    std::uint64_t wordsSilent = 0;        ///< wrong data that the codec, if any, took for right
};

/// One finished trial.
struct TrialResult {
    TrialKey key;
    TrialCounts counts;
};

/// The members in their order, for comparisons.
inline auto fields(const TrialKey& k) { return std::tie(k.network, k.point, k.chip, k.offset); }
inline auto fields(const TrialCounts& c) {
    return std::tie(c.images, c.wrongClean, c.wrongPerturbed, c.wrongEither, c.bitsRead,
                    c.bitsWrong, c.failingCells, c.wordsRead, c.wordsCorrected, c.wordsDetected,
                    c.wordsMiscorrected, c.wordsSilent);
}

inline bool operator==(const TrialKey& a, const TrialKey& b) { return fields(a) == fields(b); }
inline bool operator!=(const TrialKey& a, const TrialKey& b) { return fields(a) != fields(b); }
inline bool operator<(const TrialKey& a, const TrialKey& b) { return fields(a) < fields(b); }
inline bool operator==(const TrialCounts& a, const TrialCounts& b) {
    return fields(a) == fields(b);
}
inline bool operator!=(const TrialCounts& a, const TrialCounts& b) {
    return fields(a) != fields(b);
}
inline bool operator==(const TrialResult& a, const TrialResult& b) {
    return a.key == b.key && a.counts == b.counts;
}

/// Adds the counts of `more` to `sum`.
inline TrialCounts& operator+=(TrialCounts& sum, const TrialCounts& more) {
    sum.images += more.images;
    sum.wrongClean += more.wrongClean;
    sum.wrongPerturbed += more.wrongPerturbed;
    sum.wrongEither += more.wrongEither;
    sum.bitsRead += more.bitsRead;
    sum.bitsWrong += more.bitsWrong;
    sum.failingCells += more.failingCells;
    sum.wordsRead += more.wordsRead;
    sum.wordsCorrected += more.wordsCorrected;
    sum.wordsDetected += more.wordsDetected;
    sum.wordsMiscorrected += more.wordsMiscorrected;
    sum.wordsSilent += more.wordsSilent;
    return sum;
}

}  // namespace brownout
