#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/span.h"
#include "emulation/measured_value.h"

namespace brownout {

/// Errors of many real chips of one network at one bit error rate.
struct ErrorSet {
    std::string network;
    std::string rate;
    std::uint64_t images = 0;
    std::uint64_t wrongClean = 0;
    std::vector<Unit> chips;
};

/// Reads a file of lines "NETWORK RATE IMAGES CLEAN COUNT...", in which COUNT is "wrong:either" of
/// a chip; lines that begin with # are remarks.
std::vector<ErrorSet> readErrorSets(const std::filesystem::path& path);

/// Tells whether a set is one by which constants of the method may be chosen: half of them are, and
/// the others never.
inline bool isForChoosing(const ErrorSet& set) {
    return set.network == "normal" || set.network == "clipped";
}

/// How often the 95 % interval over a few chips held the mean over all chips of a set; shares.
struct Coverage {
    double held = 0;
    double above = 0;  ///< the mean was above the interval
    double below = 0;
    double width = 0;  ///< mean width
};

/// Draws `campaigns` samples of `n` chips and returns the coverage of a classifier's measure, 0 for
/// the error and 1 for the robust error; of Student's interval on the same samples if `student`.
Coverage coverageOf(const ErrorSet& set, std::size_t measure, std::size_t n, int campaigns,
                    bool student = false);

/// The same for the difference of two networks on the same chips.
Coverage coverageOfDifference(const ErrorSet& a, const ErrorSet& b, std::size_t measure,
                              std::size_t n, int campaigns);

}  // namespace brownout
