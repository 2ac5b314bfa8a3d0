#include "profiles/generator/spatial/spatial_lines.h"

#include <algorithm>
#include <cmath>

#include "model/random.h"
#include "profiles/generator/normal.h"

namespace brownout {
namespace {

/// Components of RandomDomain::kRecipeSpread. Never renumbered.
enum Component : std::uint32_t {
    kArrayHeight = 0,
    kColumnHeight = 1,
    kRowHeight = 2,
    kArrayDirection = 3,
    kColumnDirection = 4,
    kColumnDefect = 5,
    kRowDefect = 6,
    kColumnDefectDirection = 7,
    kRowDefectDirection = 8,
};

/// A uniform multiple of 2^-53 as a standard normal number.
double normalFrom(double uniform) { return probit(uniform + 0x1p-54); }

/// Place of line `index` of `count` between the edges -1/2 and 1/2.
double placeOf(std::uint64_t index, std::uint64_t count) {
    return (static_cast<double>(index) + 0.5) / static_cast<double>(count) - 0.5;
}

}  // namespace

SpatialLines::SpatialLines(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip)
    : recipe_(recipe),
      parameters_(*recipe.spatial),
      geometry_(geometry),
      chip_(chip),
      across_(parameters_.across(geometry)),
      arrayScale_(std::sqrt(parameters_.arrayShare)),
      columnScale_(std::sqrt(parameters_.columnShare)),
      rowScale_(std::sqrt(parameters_.rowShare)),
      cellScale_(std::sqrt(parameters_.cellShare())),
      directionArrayScale_(std::sqrt(parameters_.directionArrayShare)),
      directionColumnScale_(std::sqrt(parameters_.directionColumnShare)),
      directionCellScale_(std::sqrt(
          std::max(0.0, 1 - parameters_.directionArrayShare - parameters_.directionColumnShare))),
      intermittentShift_(
          probit(parameters_.intermittentMean) *
          std::sqrt(1 + parameters_.intermittentSpread * parameters_.intermittentSpread)) {}

double SpatialLines::uniform(std::uint32_t component, std::uint32_t line) const {
    return uniformAt(recipe_.seed, RandomDomain::kRecipeSpread, chip_, component, line);
}

double SpatialLines::normal(std::uint32_t component, std::uint32_t line) const {
    return normalFrom(uniform(component, line));
}

std::uint32_t SpatialLines::columnLine(std::uint32_t array, std::uint32_t column) const {
    return array * geometry_.columns + column;
}

std::uint32_t SpatialLines::rowLine(std::uint32_t array, std::uint32_t row) const {
    return array * geometry_.rows + row;
}

double SpatialLines::array(std::uint32_t array) const {
    return arrayScale_ > 0 ? arrayScale_ * normal(kArrayHeight, array) : 0;
}

double SpatialLines::column(std::uint32_t array, std::uint32_t column) const {
    double height =
        columnScale_ > 0 ? columnScale_ * normal(kColumnHeight, columnLine(array, column)) : 0;
    if (parameters_.gradientX != 0) {
        const std::uint64_t left = std::uint64_t{array % across_} * geometry_.columns;
        height += parameters_.gradientX *
                  placeOf(left + column, std::uint64_t{across_} * geometry_.columns);
    }
    return height;
}

double SpatialLines::row(std::uint32_t array, std::uint32_t row) const {
    double height = rowScale_ > 0 ? rowScale_ * normal(kRowHeight, rowLine(array, row)) : 0;
    if (parameters_.gradientY != 0) {
        const std::uint64_t down = (std::uint64_t{geometry_.arrays} + across_ - 1) / across_;
        const std::uint64_t top = std::uint64_t{array / across_} * geometry_.rows;
        height += parameters_.gradientY * placeOf(top + row, down * geometry_.rows);
    }
    return height;
}

Behaviour SpatialLines::direction(double u, float probability) const {
    // Cells that do either stand between the two directions: they are what lines of mixed direction
    // have.
    const BehaviourShares& shares = recipe_.shares;
    if (u < shares.stuckAt1) return {probability, 0.F};
    if (u < shares.stuckAt1 + shares.flipping) return {probability, probability};
    return {0.F, probability};
}

std::optional<Behaviour> SpatialLines::columnDefect(std::uint32_t array,
                                                    std::uint32_t column) const {
    const std::uint32_t line = columnLine(array, column);
    if (!(uniform(kColumnDefect, line) < parameters_.columnDefectRate)) return std::nullopt;
    return direction(uniform(kColumnDefectDirection, line), 1.F);
}

std::optional<Behaviour> SpatialLines::rowDefect(std::uint32_t array, std::uint32_t row) const {
    const std::uint32_t line = rowLine(array, row);
    if (!(uniform(kRowDefect, line) < parameters_.rowDefectRate)) return std::nullopt;
    return direction(uniform(kRowDefectDirection, line), 1.F);
}

Behaviour SpatialLines::behaviour(std::uint32_t array, std::uint32_t column,
                                  std::uint32_t cell) const {
    RandomStream stream(recipe_.seed, RandomDomain::kCellDirection, chip_, cell);
    double u = stream.uniform();
    if (directionArrayScale_ > 0 || directionColumnScale_ > 0) {
        double g = directionCellScale_ * normalFrom(u);
        if (directionArrayScale_ > 0) g += directionArrayScale_ * normal(kArrayDirection, array);
        if (directionColumnScale_ > 0) {
            g += directionColumnScale_ * normal(kColumnDirection, columnLine(array, column));
        }
        u = normalDistribution(g);
    }
    float probability = 1.F;
    if (!(stream.uniform() < parameters_.persistentShare)) {
        const double g = normalFrom(stream.uniform());
        const double q =
            normalDistribution(intermittentShift_ + parameters_.intermittentSpread * g);
        // Below one in a million it would be a cell that doesn't fail.
        probability = static_cast<float>(std::clamp(q, 1e-6, 1.0));
    }
    return direction(u, probability);
}

}  // namespace brownout
