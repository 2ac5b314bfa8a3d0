#pragma once

#include <Random123/philox.h>

#include <cstdint>

namespace brownout {

/// The uses of random numbers. Streams of different domains never meet; numbers are never reused or
/// renumbered, because files and published results depend on them.
enum class RandomDomain : std::uint32_t {
    kUniformField = 1,   ///< (chip, stratum): which cells fail at a rate
    kCellDirection = 2,  ///< (chip, cell): what a failing cell does to the data
    kReadNoise = 3,      ///< (chip, load): outcome of the reads of probabilistic cells
    kRecipeSpread = 4,   ///< (chip, component): offsets of arrays, columns, rows in a recipe
    kTraffic = 5,        ///< random words of memory tests
    kSpatialRank = 10,   ///< (chip, line and stratum): ranks of the cells of a spatial recipe
    kPermutation = 11,   ///< divisions of blocks in permutation tests
    kMeasurement = 20,   ///< (chip, cell): reads of a simulated measurement
    kImageSample = 30,   ///< (chip, point): images that a trial of an adaptive campaign takes
};

/// Random bits that are a pure function of (seed, domain, a, b, position): Philox4x32-10 in counter
/// mode (Salmon et al., SC 2011), so any thread can start anywhere. `seed` is the key; the counter
/// holds the rest.
class RandomStream {
 public:
    RandomStream(std::uint64_t seed, RandomDomain domain, std::uint32_t a, std::uint32_t b)
        : key_{{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}},
          counter_{{0, b, a, static_cast<std::uint32_t>(domain)}} {}

    /// Returns the next 64 uniform bits.
    std::uint64_t next() {
        if (half_ == 0) {
            block_ = r123::Philox4x32()(counter_, key_);
            ++counter_[0];
        }
        const std::uint64_t bits = (std::uint64_t{block_[2 * half_ + 1]} << 32) | block_[2 * half_];
        half_ ^= 1U;
        return bits;
    }

    /// Returns a number uniform in [0, 1), a multiple of 2^-53.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
    r123::Philox4x32::key_type key_;
    r123::Philox4x32::ctr_type counter_;
    r123::Philox4x32::ctr_type block_{};
    unsigned half_ = 0;
};

/// Returns a number uniform in [0, 1) that is a function of (seed, domain, a, b, position) alone:
/// for draws that belong to a cell, in whatever order they are asked for.
inline double uniformAt(std::uint64_t seed, RandomDomain domain, std::uint32_t a, std::uint32_t b,
                        std::uint32_t position) {
    const r123::Philox4x32::key_type key{
        {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
    const r123::Philox4x32::ctr_type counter{{position, b, a, static_cast<std::uint32_t>(domain)}};
    const auto block = r123::Philox4x32()(counter, key);
    return static_cast<double>(((std::uint64_t{block[1]} << 32) | block[0]) >> 11) * 0x1p-53;
}

}  // namespace brownout
