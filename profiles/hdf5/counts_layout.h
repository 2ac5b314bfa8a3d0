#pragma once

// Names and sizes of the counts encoding, as FORMAT.md has them.

#include <array>
#include <cstdint>

#include "profiles/fail_counts.h"

namespace brownout {

constexpr std::array<FailDirection, 3> kFailDirections{FailDirection::k01, FailDirection::k10,
                                                       FailDirection::kUnknown};

/// The names of the two datasets of a direction.
struct CountsNames {
    const char* fails;
    const char* trials;
};

inline CountsNames countsNamesOf(FailDirection direction) {
    switch (direction) {
        case FailDirection::k01:
            return {"fails01", "trials01"};
        case FailDirection::k10:
            return {"fails10", "trials10"};
        case FailDirection::kUnknown:
            break;
    }
    return {"fails", "trials"};
}

constexpr unsigned kCountsDimensions = 6;
constexpr unsigned kVoltageDimension = 1;
constexpr unsigned kTemperatureDimension = 2;
constexpr unsigned kPatternDimension = 3;
constexpr std::array<const char*, kCountsDimensions> kCountsDimensionNames{
    "chip", "voltage", "temperature", "pattern", "row", "column"};

/// The number of cells of a chunk, about: large enough that inflating it costs more than finding
/// it.
constexpr std::uint64_t kChunkCells = std::uint64_t{1} << 16;

/// The largest numbers of voltages, temperatures and patterns.
constexpr std::size_t kMostConditions = 4096;
constexpr double kHighestCondition = 1e6;
constexpr double kLowestTemperatureC = -273.15;

}  // namespace brownout
