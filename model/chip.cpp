#include "model/chip.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "base/error.h"
#include "model/faults/chip_at_supply.h"

namespace brownout {
namespace {

bool isProbability(float p) { return p >= 0.F && p <= 1.F; }  // false for NaN

void checkCells(const SramGeometry& geometry, const std::vector<FaultyCell>& cells,
                double floorVoltage) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(cells.size());
    for (const FaultyCell& cell : cells) {
        const std::string place = "cell " + std::to_string(cell.cell);
        if (cell.cell >= geometry.cells()) {
            throw Error(
                place, "is outside the " + std::to_string(geometry.cells()) + " cells of the chip");
        }
        if (!std::isfinite(cell.criticalVoltage) || cell.criticalVoltage <= floorVoltage) {
            std::ostringstream text;
            text << "has critical voltage " << cell.criticalVoltage
                 << "; expected a number above the floor voltage " << floorVoltage;
            throw Error(place, text.str());
        }
        if (!isProbability(cell.p01) || !isProbability(cell.p10)) {
            std::ostringstream text;
            text << "has p01 = " << cell.p01 << ", p10 = " << cell.p10
                 << "; expected probabilities in [0, 1]";
            throw Error(place, text.str());
        }
        numbers.push_back(cell.cell);
    }
    std::sort(numbers.begin(), numbers.end());
    const auto twice = std::adjacent_find(numbers.begin(), numbers.end());
    if (twice != numbers.end()) {
        throw Error("cell " + std::to_string(*twice), "is named more than once");
    }
}

}  // namespace

Chip::Chip(const SramGeometry& geometry, std::vector<FaultyCell> cells, double floorVoltage,
           double readNoise)
    : geometry_(geometry),
      cells_(std::move(cells)),
      floorVoltage_(floorVoltage),
      readNoise_(readNoise) {
    geometry_.validate();
    if (!(readNoise_ >= 0 && std::isfinite(readNoise_))) {
        std::ostringstream text;
        text << readNoise_ << "; expected a standard deviation that is not negative";
        throw Error("read noise", text.str());
    }
    checkCells(geometry_, cells_, floorVoltage_);
    std::sort(cells_.begin(), cells_.end(), [](const FaultyCell& a, const FaultyCell& b) {
        if (a.criticalVoltage != b.criticalVoltage) return a.criticalVoltage > b.criticalVoltage;
        return a.cell < b.cell;
    });
}

Span<const FaultyCell> Chip::cellsAbove(double voltage) const {
    requireKnown(floorVoltage_, voltage);
    const auto end =
        std::partition_point(cells_.begin(), cells_.end(), [=](const FaultyCell& cell) {
            return static_cast<double>(cell.criticalVoltage) > voltage;
        });
    return {cells_.data(), static_cast<std::size_t>(end - cells_.begin())};
}

}  // namespace brownout
