#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cosim.h"

namespace brownout {

/// Figures of one memory at one supply.
struct CosimRow {
    std::string memory;  ///< "functional", "systemc", "rtl", "fpga"
    std::string label;   ///< label of the supply
    double supply = 1;
    Comparison compared;  ///< comparison with the functional memory
    std::optional<std::uint64_t> cycles;
    std::optional<Picoseconds> time;
    std::optional<double> dynamicJ;
    std::optional<double> leakageJ;
};

/// A co-simulation and all that it found.
struct CosimReport {
    std::string model;
    std::string profile;
    std::uint32_t chip = 0;
    std::string protection;
    std::string buffer;  ///< top module of the RTL, or where an FPGA is
    std::uint64_t seed = 1;
    SramGeometry data;
    std::vector<CosimRow> rows;

    std::uint64_t mismatches() const;
};

std::string toJson(const CosimReport& report);

/// Returns the report as a table, and below it the first mismatches bit by bit.
std::string toText(const CosimReport& report);

}  // namespace brownout
