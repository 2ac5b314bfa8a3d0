#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "profiles/generator/recipe.h"

namespace brownout {

/// p01 and p10 of a failing cell.
using Behaviour = std::pair<float, float>;

/// The contributions of the arrays, columns and rows of one chip of a spatial recipe to their
/// cells, and the behaviour of a cell that fails. Each answer is a pure function of (seed, chip,
/// line or cell).
class SpatialLines {
 public:
    SpatialLines(const Recipe& recipe, const SramGeometry& geometry, std::uint32_t chip);

    /// Returns the contribution of an array to the height z of its cells. The height is the sum of
    /// this, column(), row(), and cellScale() times a standard normal number of the cell's own.
    double array(std::uint32_t array) const;
    /// Returns the contribution of a column, with that of the gradient from left to right.
    double column(std::uint32_t array, std::uint32_t column) const;
    /// Returns the contribution of a row, with that of the gradient from top to bottom.
    double row(std::uint32_t array, std::uint32_t row) const;
    /// Returns the standard deviation of a cell's own contribution.
    double cellScale() const { return cellScale_; }

    /// Returns whether row() differs from zero anywhere.
    bool rowsDiffer() const { return rowScale_ > 0 || parameters_.gradientY != 0; }

    /// Returns the behaviour of the cells of a broken column; nothing if the column isn't broken.
    std::optional<Behaviour> columnDefect(std::uint32_t array, std::uint32_t column) const;
    /// Returns the behaviour of the cells of a broken row; nothing if the row isn't broken.
    std::optional<Behaviour> rowDefect(std::uint32_t array, std::uint32_t row) const;

    /// Returns the behaviour of a failing cell that is in no broken line.
    Behaviour behaviour(std::uint32_t array, std::uint32_t column, std::uint32_t cell) const;

 private:
    double uniform(std::uint32_t component, std::uint32_t line) const;
    double normal(std::uint32_t component, std::uint32_t line) const;
    std::uint32_t columnLine(std::uint32_t array, std::uint32_t column) const;
    std::uint32_t rowLine(std::uint32_t array, std::uint32_t row) const;
    Behaviour direction(double u, float probability) const;

    const Recipe& recipe_;
    const SpatialParameters& parameters_;
    SramGeometry geometry_;
    std::uint32_t chip_;
    std::uint32_t across_;
    double arrayScale_, columnScale_, rowScale_, cellScale_;
    double directionArrayScale_, directionColumnScale_, directionCellScale_;
    double intermittentShift_;  ///< m of SpatialParameters
};

}  // namespace brownout
