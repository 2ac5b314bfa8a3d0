#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "profiles/generator/recipe.h"
#include "profiles/statistics/jackknife.h"

namespace brownout {

/// The parameters of a spatial recipe as measured chips show them, with standard errors.
///
/// Method: a Gaussian copula, which needs only the cells that fail in the range that was measured.
/// `mean` and `sigma` are the least-squares line of probit(share of failing cells) against the
/// voltage, weighted by its binomial information. The shares of array and column are those under
/// which the failing cells of all columns at the lowest voltage are the most likely
/// (column_likelihood.h): pairs of cells would tell them, too, but most pairs lie in the few worst
/// columns, and what they say scatters and is too low more often than not. The share of a row comes
/// from the correlations at which pairs of cells of a row and elsewhere in an array fail together
/// as often as they do (gaussian_pairs.h), averaged over the voltages by their failing cells.
/// Direction: the same with pairs of failing cells of a column, and elsewhere, that turn the same
/// way. Intermittent cells: mean and mean square of q. Of counts with read noise the lowest voltage
/// serves only to know how often cells fail that fail at the next ones, too: nothing tells a cell
/// that fails sometimes from one that is near its critical voltage there. A gradient, the
/// regression of failing on the place, is taken into the recipe where it differs from zero at the 1
/// % level.
struct PopulationFit {
    BlockKind blocks = BlockKind::kChip;  ///< blocks that the errors count as independent
    std::uint32_t blockCount = 0;
    std::uint32_t chips = 0;
    std::vector<double> voltages;  ///< voltages where cells fail, ascending
    std::vector<double> rates;     ///< share of cells that fail there

    Estimated mean, sigma;  ///< mean and sigma of critical voltages, unit of the profile
    /// Shares of the variance; absent, and 0 in the recipe, where hardly any pair fails, nor would
    /// if cells were independent.
    std::optional<Estimated> arrayShare, columnShare, rowShare;
    Estimated gradientX, gradientY;
    bool gradientXIsSignificant = false, gradientYIsSignificant = false;
    Estimated turn01, turn10, flip;  ///< shares of the failing cells, BehaviourShares
    Estimated directionArrayShare, directionColumnShare;
    Estimated persistentShare, intermittentMean, intermittentSpread;
    double readNoise = 0;  ///< noise that the profile states, or its counts show

    SramGeometry geometry;
    std::optional<double> noFailuresAt;  ///< the lowest voltage measured at which nothing failed
    double lowestVoltage = 0;            ///< lowest voltage that the profiles speak about
    double highestVoltage = 0;
};

/// Returns the recipe from which any number of similar chips are drawn, in the order of `seed`: at
/// least 16.
Recipe recipeOf(const PopulationFit& fit, std::uint64_t seed);

/// Fits all chips of the profiles, which must have geometry and unit in common. `chipDone` is
/// called after each chip. Throws Error naming the file if a chip is damaged or the profiles
/// differ, or if fewer than 100 cells fail or fewer than two voltages have failing cells.
PopulationFit fitPopulation(
    const std::vector<Profile>& profiles, const std::function<void()>& chipDone = [] {});

/// The Gaussian of critical voltages.
struct ProbitLine {
    double mean = 0;
    double sigma = 0;
};
/// Returns mean and sigma of critical voltages from shares of failing cells at two voltages or
/// more.
std::optional<ProbitLine> probitLine(const std::vector<double>& voltages,
                                     const std::vector<FaultSums>& sums);

}  // namespace brownout
