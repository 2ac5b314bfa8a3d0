#include "profiles/hdf5/counts_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/numbers.h"
#include "profiles/generator/recipe.h"

namespace brownout {
namespace {

// Cells read at a time: two chunks of ours, and few enough for the caches.
constexpr std::uint64_t kPieceCells = std::uint64_t{1} << 17;

constexpr float kUnmeasured = -1.F;

std::vector<double> readAscending(const Hdf5Group& group, const std::string& name, double above) {
    const Hdf5Dataset dataset = group.dataset(name);
    if (dataset.size() == 0 || dataset.size() > kMostConditions) {
        dataset.fail("has " + std::to_string(dataset.size()) + " elements; expected 1 to " +
                     std::to_string(kMostConditions));
    }
    std::vector<double> values = dataset.numbers(0, dataset.size());
    double previous = above;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!(values[i] > previous && values[i] <= kHighestCondition)) {
            dataset.fail("element " + std::to_string(i) +
                         " doesn't ascend, or is not finite or out of range");
        }
        previous = values[i];
    }
    return values;
}

CountsConditions readConditions(const Hdf5Group& group) {
    CountsConditions conditions;
    conditions.voltages = readAscending(group, "voltage", 0);
    if (group.has("temperature")) {
        conditions.temperaturesC = readAscending(group, "temperature", kLowestTemperatureC);
    }
    if (group.has("pattern")) {
        conditions.patterns = group.textColumn("pattern", kMostConditions);
        if (conditions.patterns.empty()) {
            throw Error(group.place() + "/pattern",
                        "has 0 elements; expected 1 to " + std::to_string(kMostConditions));
        }
    }
    return conditions;
}

/// Returns whether a cell failed in a larger share of its reads than another time, or was measured
/// and wasn't then.
bool isWorse(std::uint32_t fails, std::uint32_t trials, std::uint32_t otherFails,
             std::uint32_t otherTrials) {
    const bool measured = fails != kNotMeasured && trials != kNotMeasured && trials > 0;
    const bool otherMeasured =
        otherFails != kNotMeasured && otherTrials != kNotMeasured && otherTrials > 0;
    if (!measured || !otherMeasured) return measured && !otherMeasured;
    return std::uint64_t{fails} * otherTrials > std::uint64_t{otherFails} * trials;
}

/// Trials of a cell where those of all rows or all columns may be one number.
class TrialsOfCells {
 public:
    /// `trials` and `scratch` are memory to work in.
    TrialsOfCells(const Hdf5Grid& grid, const GridPoint& first, std::uint64_t rows,
                  std::uint32_t columns, std::vector<std::uint32_t>& trials,
                  std::vector<std::uint16_t>& scratch)
        : columns_(columns), oneRow_(grid.isOne(4)), oneColumn_(grid.isOne(5)), trials_(trials) {
        grid.readRows(first, rows, trials, scratch);
    }

    bool isOne() const { return oneRow_ && oneColumn_; }
    std::uint32_t of(std::uint64_t cell) const {
        const std::uint64_t row = oneRow_ ? 0 : cell / columns_;
        return trials_[oneColumn_ ? row : row * columns_ + cell % columns_];
    }

 private:
    std::uint64_t columns_;
    bool oneRow_;
    bool oneColumn_;
    const std::vector<std::uint32_t>& trials_;
};

}  // namespace

/// Memory that is used again for every piece.
struct CountsCells::Scratch {
    std::vector<std::uint32_t> fails;
    std::vector<std::uint32_t> trials;
    std::vector<std::uint16_t> stored;
};

CountsCells::CountsCells(FileHandle file, const Hdf5Group& group, const SramGeometry& geometry,
                         std::uint32_t chips)
    : geometry_(geometry), file_(std::move(file)), conditions_(readConditions(group)) {
    storedVoltages_ = conditions_.voltages;
    conditions_.voltages = withoutNoise(storedVoltages_);
    for (const std::size_t end : endsOfNoiseGroups(storedVoltages_)) {
        storedEnds_.push_back(static_cast<std::uint32_t>(end));
    }
    const GridPoint shape{chips,
                          storedVoltages_.size(),
                          conditions_.temperatureCount(),
                          conditions_.patternCount(),
                          std::uint64_t{geometry.arrays} * geometry.rows,
                          geometry.columns};
    bool any = false;
    for (const FailDirection direction : kFailDirections) {
        Counted& counted = counted_[static_cast<std::size_t>(direction)];
        counted = openCounted(group, direction, shape);
        any = any || counted.fails.has_value();
    }
    if (!any) group.fail("has none of fails01, fails10 and fails; expected at least one");
}

CountsCells::~CountsCells() {
    const Hdf5Session session;
    for (Counted& counted : counted_) {
        counted.fails.reset();
        counted.trials.reset();
    }
    file_.close();
}

CountsCells::Counted CountsCells::openCounted(const Hdf5Group& group, FailDirection direction,
                                              const GridPoint& shape) const {
    const CountsNames names = countsNamesOf(direction);
    Counted counted;
    if (!group.has(names.fails)) {
        if (group.has(names.trials)) {
            throw Error(group.place() + "/" + names.fails,
                        std::string("is missing, but there is ") + names.trials);
        }
        return counted;
    }
    counted.fails.emplace(group.grid(names.fails));
    counted.fails->requireShape(shape, false);
    counted.trials.emplace(group.grid(names.trials));
    counted.trials->requireShape(shape, true);
    return counted;
}

void CountsCells::addWorst(FailDirection direction, const GridPoint& first, std::uint64_t rows,
                           std::vector<float>& worst, Scratch& scratch) const {
    const Counted& counted = of(direction);
    std::vector<std::uint32_t>& fails = scratch.fails;
    counted.fails->readRows(first, rows, fails, scratch.stored);
    const TrialsOfCells trials(*counted.trials, first, rows, geometry_.columns, scratch.trials,
                               scratch.stored);
    const auto refuse = [&](std::uint64_t cell, std::uint32_t of) {
        counted.fails->fail("chip " + std::to_string(first[0]) + ", voltage " +
                            std::to_string(first[1]) + ", temperature " + std::to_string(first[2]) +
                            ", pattern " + std::to_string(first[3]) + ", row " +
                            std::to_string(first[4] + cell / geometry_.columns) + ", column " +
                            std::to_string(cell % geometry_.columns) + ": " +
                            std::to_string(fails[cell]) + " fails in " +
                            (of == kNotMeasured ? "trials that were not measured"
                                                : std::to_string(of) + " trials"));
    };
    const bool one = trials.isOne();
    std::uint32_t of = one ? trials.of(0) : 0;
    for (std::uint64_t cell = 0; cell < fails.size(); ++cell) {
        if (!one) of = trials.of(cell);
        const std::uint32_t failed = fails[cell];
        if (failed == kNotMeasured || (failed == 0 && of == 0)) continue;
        if (of == kNotMeasured || failed > of) refuse(cell, of);
        const float p =
            failed == 0 ? 0.F
                        : static_cast<float>(static_cast<double>(failed) / static_cast<double>(of));
        worst[cell] = std::max(worst[cell], p);
    }
}

MeasuredCells CountsCells::read(std::uint32_t chip, std::uint32_t voltage,
                                std::uint32_t temperature) const {
    const Hdf5Session session;
    MeasuredCells result;
    result.cells = geometry_.cells();
    const auto supply = static_cast<float>(conditions_.voltages[voltage]);
    const std::uint64_t allRows = std::uint64_t{geometry_.arrays} * geometry_.rows;
    const std::uint64_t pieceRows =
        std::clamp<std::uint64_t>(kPieceCells / geometry_.columns, 1, allRows);
    const bool withUnknown = has(FailDirection::kUnknown);
    std::array<std::vector<float>, kFailDirections.size()> worst;
    Scratch scratch;
    for (std::uint64_t row = 0; row < allRows; row += pieceRows) {
        const std::uint64_t rows = std::min(pieceRows, allRows - row);
        const std::uint64_t cells = rows * geometry_.columns;
        for (const FailDirection direction : kFailDirections) {
            auto& one = worst[static_cast<std::size_t>(direction)];
            if (direction == FailDirection::kUnknown && !withUnknown) continue;
            one.assign(cells, kUnmeasured);
            if (!has(direction)) continue;
            for (std::uint32_t v = firstStored(voltage); v < storedEnds_[voltage]; ++v) {
                for (std::uint32_t p = 0; p < conditions_.patternCount(); ++p) {
                    addWorst(direction, {chip, v, temperature, p, row, 0}, rows, one, scratch);
                }
            }
        }
        const std::uint64_t firstCell = row * geometry_.columns;
        for (std::uint64_t cell = 0; cell < cells; ++cell) {
            float p01 = worst[0][cell];
            float p10 = worst[1][cell];
            const float unknown = withUnknown ? worst[2][cell] : kUnmeasured;
            // What is known of a direction goes before what isn't.
            const bool guessed = unknown > 0 && (p01 < 0 || p10 < 0);
            if (p01 < 0) p01 = unknown;
            if (p10 < 0) p10 = unknown;
            result.measured01 += p01 >= 0;
            result.measured10 += p10 >= 0;
            if (!(p01 > 0 || p10 > 0)) continue;
            result.unknownDirection += guessed;
            result.failing.push_back({static_cast<std::uint32_t>(firstCell + cell), supply,
                                      std::max(p01, 0.F), std::max(p10, 0.F)});
        }
        if (result.failing.size() > kMostCellsOfAChip) {
            throw Error(
                of(withUnknown ? FailDirection::kUnknown : FailDirection::k01).fails->place(),
                "chip " + std::to_string(chip) + " has more than " +
                    std::to_string(kMostCellsOfAChip) + " failing cells");
        }
    }
    return result;
}

ArrayCounts CountsCells::readArray(const CountsPlace& place) const {
    const Hdf5Session session;
    CountsPlace stored = place;
    stored.voltage = firstStored(place.voltage);
    ArrayCounts worst = readStoredArray(stored);
    while (++stored.voltage < storedEnds_[place.voltage]) {
        const ArrayCounts other = readStoredArray(stored);
        for (std::size_t i = 0; i < worst.fails.size(); ++i) {
            if (!isWorse(other.fails[i], other.trials[i], worst.fails[i], worst.trials[i])) {
                continue;
            }
            worst.fails[i] = other.fails[i];
            worst.trials[i] = other.trials[i];
        }
    }
    return worst;
}

ArrayCounts CountsCells::readStoredArray(const CountsPlace& place) const {
    const std::uint64_t cells = geometry_.cellsPerArray();
    ArrayCounts result;
    const Counted& counted = of(place.direction);
    if (!counted.fails) {
        result.fails.assign(cells, kNotMeasured);
        result.trials.assign(cells, kNotMeasured);
        return result;
    }
    const GridPoint first{place.chip,
                          place.voltage,
                          place.temperature,
                          place.pattern,
                          std::uint64_t{place.array} * geometry_.rows,
                          0};
    Scratch scratch;
    counted.fails->readRows(first, geometry_.rows, result.fails, scratch.stored);
    const TrialsOfCells trials(*counted.trials, first, geometry_.rows, geometry_.columns,
                               scratch.trials, scratch.stored);
    result.trials.resize(cells);
    for (std::uint64_t i = 0; i < cells; ++i) {
        result.trials[i] = result.fails[i] == kNotMeasured ? kNotMeasured : trials.of(i);
    }
    return result;
}

void CountsCells::readAll() const {
    const Hdf5Session session;
    for (const Counted& counted : counted_) {
        if (!counted.fails) continue;
        counted.fails->readAll();
        counted.trials->readAll();
    }
}

}  // namespace brownout
