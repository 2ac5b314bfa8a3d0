#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/span.h"
#include "model/chip.h"
#include "model/geometry.h"

namespace brownout {

/// Picture of where the cells of a chip fail: its arrays as tiles, each row of cells a row of
/// pixels.
struct FaultMapImage {
    std::string png;
    std::uint32_t width = 0;          ///< pixels
    std::uint32_t height = 0;         ///< pixels
    std::uint32_t cellsPerPixel = 1;  ///< along each side; more than 1 for large chips
    std::uint32_t markPixels = 1;     ///< side of a failing cell's mark; larger where few fail
    std::uint64_t only0to1 = 0;       ///< failing cells that can only turn a 0 into a 1
    std::uint64_t only1to0 = 0;
    std::uint64_t bothWays = 0;
};

/// Colours of the marks, as in CSS, from the colour-blind-safe palette of Okabe and Ito.
constexpr const char* kColour0to1 = "#d55e00";
constexpr const char* kColour1to0 = "#0072b2";
constexpr const char* kColourBothWays = "#cc79a7";

/// Draws the failing cells. The picture is at most about 1600 pixels wide and 2000 high, whatever
/// the chip. Throws Error if a cell is outside the geometry.
FaultMapImage drawFaultMap(const SramGeometry& geometry, Span<const FaultyCell> failing);

}  // namespace brownout
