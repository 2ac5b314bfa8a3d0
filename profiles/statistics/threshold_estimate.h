#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "profiles/profile.h"

namespace brownout {

/// Read noise seen in counts: cells that failed in every read at the lowest voltage fail in part of
/// them near their critical voltage, the more cells the larger the noise is.
///
/// If g cells a volt are those whose critical voltage is near V, the sum of f (1 - f) over their
/// shares f of failing reads at V is g * noise / sqrt(pi) in expectation, because the integral of
/// Phi (1 - Phi) is 1 / sqrt(pi) [derived here]; g comes from how the sum of f changes over the
/// neighbouring voltages, taken as exponential between them.
struct ReadNoiseEstimate {
    double noise = 0;          ///< unit of the profile
    std::uint64_t partly = 0;  ///< observations with 0 < f < 1 that it comes from
};

/// Returns the read noise seen in counts; nothing if there are fewer than four voltages or no cell
/// changes between them.
std::optional<ReadNoiseEstimate> estimateReadNoise(const Profile& counts,
                                                   std::optional<double> temperatureC = {});

/// Settings by which counts become thresholds.
struct ThresholdEstimate {
    std::optional<double> temperatureC = {};  ///< temperature as in Profile::temperature
    /// Read noise, unit of the profile; 0: none. Else cells that failed in part of the reads at the
    /// highest voltage they failed at get a critical voltage by it, and the file becomes a noisy
    /// one.
    double readNoise = 0;
};

/// Writes counts as thresholds, with one more line of history. A cell's critical voltage is the
/// middle of the step between the highest voltage at which it failed in any read and the next
/// measured one (above the highest, half of the last step on), so that at each measured voltage
/// just those cells fail that failed there, if the measurement was nested, or at a higher one. p01
/// and p10 are its failing reads of all voltages up to there over all reads; of several patterns
/// the worst. What was not measured never fails.
///
/// Throws Error if the encoding is not counts, or has one voltage only.
void writeThresholdEstimate(const Profile& counts, const std::filesystem::path& path,
                            const ThresholdEstimate& estimate,
                            const std::function<void(std::uint32_t)>& progress = {});

}  // namespace brownout
