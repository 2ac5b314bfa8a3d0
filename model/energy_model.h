#pragma once

#include <optional>
#include <string>
#include <vector>

namespace brownout {

/// Energy of one array at one supply.
struct EnergyPoint {
    double supply = 0;               ///< supply, unit of the profile, ascending from point to point
    double readJ = 0;                ///< energy of one read access of one word, J
    double writeJ = 0;               ///< energy of one write access of one word, J
    std::optional<double> leakageW;  ///< leakage of one array, W; absent where no source gives it
};

/// Access energy and leakage of the arrays against supply, interpolated between the points of a
/// table.
///
/// Access energy is linear in V^2 between points, which is exact for dynamic energy C V^2
/// (REFERENCE 1); leakage is exponential in V between points (REFERENCE 7). Nothing is
/// extrapolated.
class EnergyModel {
 public:
    /// Takes a table. `reference` is the supply that relative figures are relative to (Vmin).
    /// `source` says where the figures come from. Throws Error if the table is empty, not
    /// ascending, negative or not finite, if only some points have leakage, or if it doesn't cover
    /// the reference.
    EnergyModel(std::vector<EnergyPoint> points, double reference, std::string source);

    /// Returns the energy of a read access of one word, J.
    double readJ(double supply) const;
    /// Returns the energy of a write access of one word, J.
    double writeJ(double supply) const;
    /// Returns the leakage of one array, W; absent if the table has none.
    std::optional<double> leakageW(double supply) const;
    /// Returns the read energy as a share of that at the reference supply.
    double relative(double supply) const;
    /// Returns whether `supply` lies inside the table.
    bool covers(double supply) const;

    const std::vector<EnergyPoint>& points() const { return points_; }
    double reference() const { return reference_; }
    const std::string& source() const { return source_; }

 private:
    std::vector<EnergyPoint> points_;
    double reference_;
    std::string source_;
};

}  // namespace brownout
