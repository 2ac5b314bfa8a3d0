#include "profiles/generator/recipe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/random.h"
#include "model/uniform_field.h"
#include "profiles/generator/normal.h"
#include "profiles/generator/spatial/spatial_chip.h"

namespace brownout {
namespace {

/// p01 and p10 of a failing cell.
std::pair<float, float> behaviour(const Recipe& recipe, std::uint32_t chip, std::uint32_t cell) {
    const BehaviourShares& shares = recipe.shares;
    if (shares.flipping >= 1) return {1.F, 1.F};
    const double u = RandomStream(recipe.seed, RandomDomain::kCellDirection, chip, cell).uniform();
    if (u < shares.flipping) return {1.F, 1.F};
    if (u < shares.flipping + shares.stuckAt0) return {0.F, 1.F};
    return {1.F, 0.F};
}

/// A supply a little below `supply`: two steps of single precision, so that no cell whose critical
/// voltage was rounded up across `supply` is missed.
double slightlyBelow(double supply) {
    constexpr float kDown = -std::numeric_limits<float>::infinity();
    const float lower = std::nextafter(std::nextafter(static_cast<float>(supply), kDown), kDown);
    return std::min(supply, static_cast<double>(lower));
}

/// `rate`, of a cell in the middle of the chip, as the mean over a chip with a gradient: the
/// midpoint rule over the chip.
double meanOverGradient(double rate, const SpatialParameters& parameters) {
    constexpr int kSteps = 64;
    const double z = probit(rate);
    double sum = 0;
    for (int i = 0; i < kSteps; ++i) {
        for (int j = 0; j < kSteps; ++j) {
            sum += normalDistribution(z + parameters.gradientX * ((i + 0.5) / kSteps - 0.5) +
                                      parameters.gradientY * ((j + 0.5) / kSteps - 0.5));
        }
    }
    return sum / (kSteps * kSteps);
}

}  // namespace

void Recipe::validate() const {
    if (generator != "iid" && generator != "spatial") {
        throw Error("recipe",
                    "generator '" + generator + "' is unknown; expected 'iid' or 'spatial'");
    }
    if (spatial.has_value() != (generator == "spatial")) {
        throw Error("recipe", "the generator '" + generator + "' " +
                                  (spatial ? "takes no" : "needs") + " spatial parameters");
    }
    if (spatial) spatial->validate();
    if (chips == 0 || chips > kMostChips) {
        throw Error("recipe",
                    std::to_string(chips) + " chips; expected 1 to " + std::to_string(kMostChips));
    }
    const double sum = shares.flipping + shares.stuckAt0 + shares.stuckAt1;
    const auto isShare = [](double value) { return value >= 0 && value <= 1; };
    if (!isShare(shares.flipping) || !isShare(shares.stuckAt0) || !isShare(shares.stuckAt1) ||
        std::fabs(sum - 1) > 1e-9) {
        std::ostringstream text;
        text << "shares " << shares.flipping << " flipping, " << shares.stuckAt0 << " stuck at 0, "
             << shares.stuckAt1 << " stuck at 1; expected shares in [0, 1] that sum to 1";
        throw Error("recipe", text.str());
    }
}

double Recipe::highestVoltage() const {
    const double highest = curve.highestVoltage() + voltageShift();
    const bool broken = spatial && spatial->columnDefectRate + spatial->rowDefectRate > 0;
    return broken ? std::max(highest, spatial->defectVoltage) : highest;
}

double Recipe::expectedRate(double supply) const {
    if (!spatial) return curve.rate(supply);
    double onCurve = supply - voltageShift();
    // At the lowest voltage itself, rounding may not lead below the curve.
    if (supply >= lowestVoltage()) onCurve = std::max(onCurve, curve.lowestVoltage());
    double rate = curve.rate(onCurve);
    if (rate > 0 && (spatial->gradientX != 0 || spatial->gradientY != 0)) {
        rate = meanOverGradient(rate, *spatial);
    }
    if (supply < spatial->defectVoltage) {
        rate = 1 - (1 - rate) * (1 - spatial->columnDefectRate) * (1 - spatial->rowDefectRate);
    }
    return rate;
}

Chip drawChip(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip,
              double floorVoltage) {
    const double lowest = recipe.curve.lowestVoltage();
    const double rate = recipe.spatial
                            ? recipe.expectedRate(floorVoltage)
                            : recipe.curve.rate(floorVoltage > lowest
                                                    ? std::max(lowest, slightlyBelow(floorVoltage))
                                                    : floorVoltage);
    const double expected = rate * static_cast<double>(geometry.cells());
    if (expected > static_cast<double>(kMostCellsOfAChip)) {
        std::ostringstream text;
        text << "about " << expected << " cells fail at " << floorVoltage << "; at most "
             << kMostCellsOfAChip << " can be drawn";
        throw Error("chip " + std::to_string(chip), text.str());
    }
    if (recipe.spatial) return drawSpatialChip(recipe, geometry, chip, floorVoltage);
    std::vector<RankedCell> ranked;
    UniformField(recipe.seed, chip).draw(rate, geometry.cells(), ranked);
    std::vector<FaultyCell> cells;
    cells.reserve(ranked.size());
    for (const RankedCell& one : ranked) {
        const float voltage = recipe.curve.criticalVoltage(one.rank);
        if (!(static_cast<double>(voltage) > floorVoltage)) continue;
        const auto [p01, p10] = behaviour(recipe, chip, one.cell);
        cells.push_back({one.cell, voltage, p01, p10});
    }
    return Chip(geometry, std::move(cells), floorVoltage);
}

Chip drawChip(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip) {
    return drawChip(recipe, geometry, chip, recipe.lowestVoltage());
}

}  // namespace brownout
