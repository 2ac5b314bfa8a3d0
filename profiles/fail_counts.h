#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/chip.h"

namespace brownout {

/// The count of a cell that was not measured. It differs from 0, measured and never failed.
constexpr std::uint32_t kNotMeasured = 0xFFFFFFFF;

/// The failing reads that were counted.
enum class FailDirection {
    k01,       ///< reads that gave 1 where 0 was stored
    k10,       ///< reads that gave 0 where 1 was stored
    kUnknown,  ///< reads that gave the wrong value; what was stored is unknown
};

/// Returns "01", "10" or "unknown".
const char* nameOf(FailDirection direction);

/// Conditions that the cells of a profile were read under: every combination of the three.
struct CountsConditions {
    std::vector<double> voltages;       ///< ascending, unit of the profile
    std::vector<double> temperaturesC;  ///< ascending, degrees Celsius; empty: one, not recorded
    std::vector<std::string> patterns;  ///< names of data patterns; empty: one, without a name

    std::size_t temperatureCount() const {
        return temperaturesC.empty() ? 1 : temperaturesC.size();
    }
    std::size_t patternCount() const { return patterns.empty() ? 1 : patterns.size(); }
    std::size_t count() const { return voltages.size() * temperatureCount() * patternCount(); }
};

/// The size of a counts profile.
struct CountsShape {
    std::uint32_t chips = 1;
    CountsConditions conditions;
    /// The largest number of reads of a cell that will be added: decides whether a cell takes 1, 2
    /// or 4 bytes before compression.
    std::uint32_t mostTrials = 0;
};

/// The place of one measurement of one array: the numbers of chip and array, indices into the
/// conditions, and what was counted.
struct CountsPlace {
    std::uint32_t chip = 0;
    std::uint32_t array = 0;
    std::uint32_t voltage = 0;
    std::uint32_t temperature = 0;
    std::uint32_t pattern = 0;
    FailDirection direction = FailDirection::k01;
};

/// Failing reads of one cell, which is named by its number within the array: row * columns +
/// column.
struct CellFails {
    std::uint32_t cell = 0;
    std::uint32_t fails = 0;  ///< failing reads, or kNotMeasured
};

/// One measurement of one array, row by row; kNotMeasured where a cell was not measured.
struct ArrayCounts {
    std::vector<std::uint32_t> fails;
    std::vector<std::uint32_t> trials;  ///< reads, failing or not
};

/// The measurement of a chip at one supply and temperature: of several patterns the worst, cell
/// by cell and direction by direction. A cell or direction that was not measured counts as not
/// failing.
struct MeasuredCells {
    /// Cells that failed at least once, ascending. Their p01 and p10 are fails / trials; fails of
    /// unknown direction count for both. `criticalVoltage` is the supply they failed at, nothing
    /// more.
    std::vector<FaultyCell> failing;
    std::uint64_t cells = 0;             ///< cells of the chip
    std::uint64_t measured01 = 0;        ///< cells that were read with a 0 stored
    std::uint64_t measured10 = 0;        ///< cells that were read with a 1 stored
    std::uint64_t unknownDirection = 0;  ///< failing cells of which a direction is unknown
};

}  // namespace brownout
