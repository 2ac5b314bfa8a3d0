// From the parameters found to a recipe.

#include <algorithm>
#include <cmath>

#include "profiles/generator/normal.h"
#include "profiles/statistics/population_fit.h"
#include "profiles/statistics/threshold_estimate.h"

namespace brownout {
namespace {

/// The rate of a cell in the middle of the chip, where the mean over the gradient is `mean`.
double rateInTheMiddle(double mean, double gradientX, double gradientY) {
    if (mean <= 0 || (gradientX == 0 && gradientY == 0)) return mean;
    double low = -40, high = probit(mean);
    const auto meanAt = [&](double z) {
        constexpr int kSteps = 32;
        double sum = 0;
        for (int i = 0; i < kSteps; ++i) {
            for (int j = 0; j < kSteps; ++j) {
                sum += normalDistribution(z + gradientX * ((i + 0.5) / kSteps - 0.5) +
                                          gradientY * ((j + 0.5) / kSteps - 0.5));
            }
        }
        return sum / (kSteps * kSteps);
    };
    while (meanAt(high) < mean) high += 1;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (meanAt(middle) < mean ? low : high) = middle;
    }
    return normalDistribution((low + high) / 2);
}

/// Through the measured rates, down to zero where nothing failed or one more step up.
CalibrationCurve curveOf(const PopulationFit& fit, double gradientX, double gradientY) {
    std::vector<CurvePoint> points;
    // With read noise, cells below the lowest voltage fail there now and then: go on as a Gaussian.
    const double lowest = fit.lowestVoltage - 1.05 * kReadNoiseReach * fit.readNoise;
    if (lowest < fit.voltages.front()) {
        const double z = probit(rateInTheMiddle(fit.rates.front(), gradientX, gradientY)) +
                         (fit.voltages.front() - lowest) / fit.sigma.value;
        points.push_back({lowest, std::min(normalDistribution(z), 1 - 1e-9)});
    }
    for (std::size_t i = 0; i < fit.voltages.size(); ++i) {
        const double rate = std::min(rateInTheMiddle(fit.rates[i], gradientX, gradientY), 1 - 1e-9);
        points.push_back(
            {fit.voltages[i], points.empty() ? rate : std::min(rate, points.back().rate)});
    }
    const double last = fit.voltages.back();
    const double step =
        fit.voltages.size() > 1 ? last - fit.voltages[fit.voltages.size() - 2] : fit.sigma.value;
    points.push_back({fit.noFailuresAt.value_or(last + step), 0});
    if (fit.highestVoltage > points.back().voltage * 1.00001) {
        points.push_back({fit.highestVoltage, 0});
    }
    return CalibrationCurve(points);
}

double share(const std::optional<Estimated>& figure) {
    return figure ? std::clamp(figure->value, 0.0, 1.0) : 0;
}

}  // namespace

// Estimates are put where they may be, and the gradient's part is taken from the shares.
Recipe recipeOf(const PopulationFit& fit, std::uint64_t seed) {
    const SramGeometry& geometry = fit.geometry;
    SpatialParameters spatial;
    if (fit.gradientXIsSignificant) spatial.gradientX = fit.gradientX.value;
    if (fit.gradientYIsSignificant) spatial.gradientY = fit.gradientY.value;
    // The variance of the gradient over the chip, and over one array.
    const double across = spatial.across(geometry);
    const double down = std::ceil(geometry.arrays / across);
    const double x = spatial.gradientX * spatial.gradientX / 12;
    const double y = spatial.gradientY * spatial.gradientY / 12;
    const double total = 1 + x + y;
    const double inX = x / (across * across);
    const double inY = y / (down * down);
    spatial.arrayShare = std::max(0.0, share(fit.arrayShare) * total - (x - inX) - (y - inY));
    spatial.columnShare = std::max(0.0, share(fit.columnShare) * total - inX);
    spatial.rowShare = std::max(0.0, share(fit.rowShare) * total - inY);
    const double lines = spatial.arrayShare + spatial.columnShare + spatial.rowShare;
    if (const double most = 0.99; lines > most) {
        spatial.arrayShare *= most / lines;
        spatial.columnShare *= most / lines;
        spatial.rowShare *= most / lines;
    }
    spatial.directionArrayShare = share(fit.directionArrayShare);
    spatial.directionColumnShare =
        std::min(share(fit.directionColumnShare), 1 - spatial.directionArrayShare);
    spatial.persistentShare = share(fit.persistentShare);
    spatial.intermittentMean = std::clamp(fit.intermittentMean.value, 1e-6, 1 - 1e-6);
    spatial.intermittentSpread = std::clamp(fit.intermittentSpread.value, 0.0, 10.0);

    spatial.readNoise = fit.readNoise;

    Recipe recipe{"spatial",
                  "",
                  seed,
                  std::max<std::uint32_t>(fit.chips, 16),
                  curveOf(fit, spatial.gradientX, spatial.gradientY),
                  {},
                  spatial};
    recipe.shares = {1 - share(fit.turn01) - share(fit.turn10), share(fit.turn10),
                     share(fit.turn01)};
    recipe.shares.flipping = std::max(0.0, recipe.shares.flipping);
    recipe.validate();
    return recipe;
}

}  // namespace brownout
