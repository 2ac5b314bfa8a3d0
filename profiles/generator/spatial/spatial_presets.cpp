#include "profiles/generator/spatial/spatial_presets.h"

#include "profiles/generator/normal.h"

namespace brownout {
namespace {

/// A Gaussian of critical voltages from `lowest` up to `last`, and nothing from `end` on: between
/// those two the rate falls to zero in a straight line, because a Gaussian never does.
CalibrationCurve gaussianCurve(double mean, double sigma, double lowest, double last, double end) {
    const auto rate = [=](double v) { return normalDistribution((mean - v) / sigma); };
    return CalibrationCurve({{lowest, rate(lowest)}, {last, rate(last)}, {end, 0}});
}

/// Dynamic energy falls with V^2; for want of a figure for 28 nm block RAM the absolute one is of a
/// similar array at the nominal supply (REFERENCE 7).
EnergyModel energyOf28nm() {
    constexpr double kReadJ = 1.81e-12;
    constexpr double kWriteJ = 3.22e-12;
    std::vector<EnergyPoint> points;
    for (const double v : {0.45, 0.6, 0.8, 1.0}) {
        points.push_back({v, kReadJ * v * v, kWriteJ * v * v, std::nullopt});
    }
    return EnergyModel(std::move(points), 1.0,
                       "Relative to the nominal 1.0 V: V^2, dynamic energy C V^2. Absolute: CACTI "
                       "7, 4 KB array with a 64-bit port, 32 nm hp, 300 K: read 1.81 pJ, write "
                       "3.22 pJ, taken as those at 1.0 V for want of a figure for 28 nm block RAM "
                       "and its 8-bit words. No leakage.");
}

}  // namespace

RecipePreset preset28nmColumn(const SramGeometry& geometry) {
    // REFERENCE 2, KC705-B: 2274 of 890 x 16 kbit fail at 0.53 V, none at 0.60 V; sigma 40 mV. The
    // arrays have half the bits, because the dumps hold every bit twice.
    constexpr double kSigma = 0.04;
    const double mean = 0.53 + kSigma * probit(2274 / (890.0 * 16384));
    Recipe recipe{
        "spatial", "28nm-column", 2018, 16, gaussianCurve(mean, kSigma, 0.45, 0.595, 0.6), {}, {}};
    recipe.shares = {0, 1, 0};  // only 1 -> 0 was looked for
    SpatialParameters spatial;
    spatial.arrayShare = 0.05;
    spatial.columnShare = 0.45;
    spatial.readNoise = 0.004;
    recipe.spatial = spatial;
    return {
        "28nm-column",
        "28 nm block RAM that fails along columns, as one KC705 board did (Salami et al., MICRO "
        "2018): variance 5 % array, 45 % column, 50 % cell, sigma 40 mV, 1->0, read noise 4 mV; "
        "below 0.53 V extrapolated",
        {geometry, "28 nm", VoltageUnit::kVolt, 0.6},
        {0.53, 0.54, 0.55, 0.56, 0.57, 0.58, 0.59, 0.6},
        energyOf28nm(),
        std::move(recipe)};
}

RecipePreset preset14nmColumns(const SramGeometry& geometry) {
    // REFERENCE 1 for the curve of failing cells; REFERENCE 2, chip 2, for the rest. The shares are
    // chosen so that the column statistics come out, see the test of the presets.
    constexpr double kMean = 0.7056;
    constexpr double kSigma = 0.0552;
    Recipe recipe{
        "spatial", "14nm-columns", 2021, 16, gaussianCurve(kMean, kSigma, 0.72, 0.98, 1.0), {}, {}};
    recipe.shares = {0.03, 0.17, 0.8};
    SpatialParameters spatial;
    spatial.columnShare = 0.65;
    spatial.directionColumnShare = 0.3;
    spatial.persistentShare = 0.12;
    spatial.intermittentMean = 0.557;
    spatial.intermittentSpread = 1;
    recipe.spatial = spatial;
    std::vector<double> voltages;
    for (const double mass : {4.707e-2, 1.01e-2, 1.36e-3}) {
        voltages.push_back(kMean - kSigma * probit(mass / 0.61));
    }
    return {
        "14nm-columns",
        "14 nm SRAM that fails along columns, like chip 2 of Stutz et al., MLSys 2021: "
        "mean probability of a failing cell, directions and the shares of the worst columns are "
        "that chip's; how its figures change with the voltage isn't known",
        {geometry, "14 nm", VoltageUnit::kVmin, std::nullopt},
        voltages,
        energyOf14nm(geometry),
        std::move(recipe)};
}

}  // namespace brownout
