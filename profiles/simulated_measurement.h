#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "profiles/profile.h"

namespace brownout {

/// A tester's work on each chip: it reads every cell with a 0 stored and with a 1 stored, at each
/// voltage.
struct SimulatedMeasurement {
    std::vector<double> voltages;             ///< ascending, unit of the profile
    std::optional<double> temperatureC = {};  ///< temperature as in Profile::temperature
    std::uint32_t reads = 100;                ///< reads of each cell and direction, 1 to 65,534
    std::uint64_t seed = 1;
};

/// Returns the fails of one cell in `reads` reads of which each fails with probability `p`: a pure
/// function of the seed, chip, cell and `condition`, which numbers voltage and direction.
std::uint32_t drawFails(std::uint64_t seed, std::uint32_t chip, std::uint32_t cell,
                        std::uint32_t condition, std::uint32_t reads, double p);

/// Measures all chips of a profile with critical voltages and writes them as counts, with one more
/// line of history. Reads are independent, so a cell with 0 < p < 1, by itself or by read noise,
/// fails a binomial number of times. Calls `progress(chips done)` after each chip. Throws Error if
/// the profile has counts already or doesn't speak about a voltage, and as CountsWriter does.
void measureProfile(const Profile& profile, const std::filesystem::path& path,
                    const SimulatedMeasurement& measurement,
                    const std::function<void(std::uint32_t)>& progress = {});

}  // namespace brownout
