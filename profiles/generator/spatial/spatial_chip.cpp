#include "profiles/generator/spatial/spatial_chip.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "profiles/generator/normal.h"
#include "profiles/generator/spatial/spatial_lines.h"
#include "profiles/generator/spatial/spatial_ranks.h"

// How a chip is drawn without touching the cells that don't fail.
//
// Given its lines, a cell fails at the floor with a known probability: its *rank*, uniform in [0,
// 1), stands for its own share of the height, -probit(rank), and it fails if
//
//     array + column + row - cellScale * probit(rank) > t,   t the height of the floor,
//     rank < p = Phi((array + column + row - t) / cellScale).
//
// p differs from line to line, and in one column from row to row. Ranks are drawn a column at a
// time, in strata [2^-(k+1), 2^-k) by skipping (spatial_ranks.h), and a stratum matters only where
// p is above its lower end. The rows of an array are put in descending order of their contribution
// once, so that for every column those rows are a prefix of that order, found by bisection. A
// candidate of a stratum is thus rejected at most about as often as accepted: what is looked at is
// at most twice the failing cells plus rows / 1024 a column.
//
// The order of the rows, the ranks and the lines don't depend on the floor, so neither does any
// cell: a higher floor gives the same cells without the low ones.

namespace brownout {
namespace {

/// Single precision and the shift of the curve may move a critical voltage across the floor: look a
/// little lower, and let the voltage itself decide.
double slightlyBelow(double voltage) { return voltage - 4e-7 * std::fabs(voltage); }

class SpatialSampler {
 public:
    SpatialSampler(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip,
                   double floorVoltage)
        : recipe_(recipe),
          geometry_(geometry),
          chip_(chip),
          floorVoltage_(floorVoltage),
          lines_(recipe, geometry, chip),
          ranks_(geometry.rows),
          order_(geometry.rows),
          rowHeights_(geometry.rows, 0),
          brokenRows_(geometry.rows),
          inList_(geometry.rows, 0) {
        const CalibrationCurve& curve = recipe.curve;
        const double rate = curve.rate(
            std::max(curve.lowestVoltage(), slightlyBelow(floorVoltage - recipe.voltageShift())));
        heightOfFloor_ = rate > 0 ? -probit(rate) : std::numeric_limits<double>::infinity();
        lowestRate_ = curve.points().front().rate;
        for (int k = 0; k < kDeepestRankStratum; ++k) {
            reachMargin_[k] = lines_.cellScale() * probit(lowestRankOf(k)) - 1e-9;
        }
        defectVoltage_ = static_cast<float>(recipe.spatial->defectVoltage);
        addsBroken_ = static_cast<double>(defectVoltage_) > floorVoltage;
        std::iota(order_.begin(), order_.end(), 0U);
    }

    std::vector<FaultyCell> draw() {
        for (std::uint32_t array = 0; array < geometry_.arrays; ++array) {
            startArray(array);
            for (std::uint32_t column = 0; column < geometry_.columns; ++column) {
                drawColumn(array, column);
            }
        }
        return std::move(cells_);
    }

 private:
    /// Rows of the array in descending order of their contribution, and the broken ones.
    void startArray(std::uint32_t array) {
        arrayHeight_ = lines_.array(array);
        if (lines_.rowsDiffer()) {
            std::vector<double> byRow(geometry_.rows);
            for (std::uint32_t r = 0; r < geometry_.rows; ++r) byRow[r] = lines_.row(array, r);
            std::iota(order_.begin(), order_.end(), 0U);
            std::stable_sort(order_.begin(), order_.end(),
                             [&](std::uint32_t a, std::uint32_t b) { return byRow[a] > byRow[b]; });
            for (std::uint32_t i = 0; i < geometry_.rows; ++i) rowHeights_[i] = byRow[order_[i]];
        }
        broken_.clear();
        if (recipe_.spatial->rowDefectRate == 0) return;
        for (std::uint32_t r = 0; r < geometry_.rows; ++r) {
            brokenRows_[r] = lines_.rowDefect(array, r);
            if (brokenRows_[r]) broken_.push_back(r);
        }
    }

    void drawColumn(std::uint32_t array, std::uint32_t column) {
        const double height = arrayHeight_ + lines_.column(array, column);
        std::optional<Behaviour> defect;
        if (recipe_.spatial->columnDefectRate > 0) {
            defect = lines_.columnDefect(array, column);
        }
        const std::size_t first = cells_.size();
        if (std::isfinite(heightOfFloor_)) {
            const auto reach = [&](int stratum) { return rowsAbove(height, stratum); };
            ranks_.visit(recipe_.seed, chip_, array * geometry_.columns + column, reach,
                         [&](std::uint32_t position, double rank) {
                             addCell(array, column, position, height, rank);
                         });
        }
        if (defect || !broken_.empty()) addDefects(array, column, first, defect);
    }

    /// How many rows, in descending order, fail with a probability above the stratum's lower end.
    std::uint32_t rowsAbove(double height, int stratum) const {
        if (stratum == kDeepestRankStratum) return geometry_.rows;
        const double least = heightOfFloor_ - height + reachMargin_[stratum];
        const auto end = std::partition_point(rowHeights_.begin(), rowHeights_.end(),
                                              [=](double row) { return row > least; });
        return static_cast<std::uint32_t>(end - rowHeights_.begin());
    }

    void addCell(std::uint32_t array, std::uint32_t column, std::uint32_t position, double height,
                 double rank) {
        const double z = height + rowHeights_[position] - lines_.cellScale() * probit(rank);
        if (!(z > heightOfFloor_ - 1e-9)) return;
        const double rankOfHeight = normalDistribution(-z);
        if (!(rankOfHeight < lowestRate_)) return;
        const auto voltage =
            static_cast<float>(static_cast<double>(recipe_.curve.criticalVoltage(rankOfHeight)) +
                               recipe_.voltageShift());
        if (!(static_cast<double>(voltage) > floorVoltage_)) return;
        const auto cell =
            static_cast<std::uint32_t>(cellAt(geometry_, {array, order_[position], column}));
        const auto [p01, p10] = lines_.behaviour(array, column, cell);
        cells_.push_back({cell, voltage, p01, p10});
    }

    /// Broken lines: their cells fail at the defect voltage at the latest, all the same way. Where
    /// two cross, the column decides.
    void addDefects(std::uint32_t array, std::uint32_t column, std::size_t first,
                    const std::optional<Behaviour>& defect) {
        for (std::size_t i = first; i < cells_.size(); ++i) {
            FaultyCell& cell = cells_[i];
            const std::uint32_t row = addressOfCell(geometry_, cell.cell).row;
            inList_[row] = 1;
            const auto& behaviour = defect ? defect : brokenRows_[row];
            if (!behaviour) continue;
            cell.criticalVoltage = std::max(cell.criticalVoltage, defectVoltage_);
            std::tie(cell.p01, cell.p10) = *behaviour;
        }
        const std::size_t drawn = cells_.size();
        const auto add = [&](std::uint32_t row, const Behaviour& behaviour) {
            if (!addsBroken_ || inList_[row] != 0) return;
            cells_.push_back({static_cast<std::uint32_t>(cellAt(geometry_, {array, row, column})),
                              defectVoltage_, behaviour.first, behaviour.second});
        };
        if (defect) {
            for (std::uint32_t row = 0; row < geometry_.rows; ++row) add(row, *defect);
        } else {
            for (const std::uint32_t row : broken_) add(row, *brokenRows_[row]);
        }
        for (std::size_t i = first; i < drawn; ++i) {
            inList_[addressOfCell(geometry_, cells_[i].cell).row] = 0;
        }
    }

    const Recipe& recipe_;
    const SramGeometry geometry_;
    const std::uint32_t chip_;
    const double floorVoltage_;
    SpatialLines lines_;
    ColumnRanks ranks_;
    double heightOfFloor_ = 0;
    double lowestRate_ = 0;
    double reachMargin_[kDeepestRankStratum];
    float defectVoltage_ = 0;
    bool addsBroken_ = false;  ///< the floor reveals broken lines
    double arrayHeight_ = 0;
    std::vector<std::uint32_t> order_;  ///< rows of the array, highest first
    std::vector<double> rowHeights_;    ///< in that order
    std::vector<std::optional<Behaviour>> brokenRows_;
    std::vector<std::uint32_t> broken_;
    std::vector<std::uint8_t> inList_;
    std::vector<FaultyCell> cells_;
};

}  // namespace

Chip drawSpatialChip(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip,
                     double floorVoltage) {
    if (std::uint64_t{geometry.arrays} * geometry.columns > (std::uint64_t{1} << 28)) {
        throw Error("recipe", "more than 2^28 columns; the generator 'spatial' can't number them");
    }
    return Chip(geometry, SpatialSampler(recipe, geometry, chip, floorVoltage).draw(), floorVoltage,
                recipe.spatial->readNoise);
}

}  // namespace brownout
