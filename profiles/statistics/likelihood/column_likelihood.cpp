#include "profiles/statistics/likelihood/column_likelihood.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "profiles/generator/normal.h"

namespace brownout {
namespace {

constexpr double kReach = 7;        // standard deviations that sums go to
constexpr double kNegligible = 35;  // of ln of a term, below the largest

/// ln of the normal distribution function.
double logNormalDistribution(double z) {
    if (z > -30) return std::log(normalDistribution(z));
    return std::log(normalDensity(0)) - z * z / 2 - std::log(-z) - 1 / (z * z);
}

/// Points of a standard normal number and ln of their weights, `spacing` apart.
struct NormalPoints {
    std::vector<double> at, logWeight;

    explicit NormalPoints(double spacing) {
        const auto half = static_cast<int>(std::ceil(kReach / spacing));
        double sum = 0;
        for (int i = -half; i <= half; ++i) {
            at.push_back(i * spacing);
            sum += std::exp(-at.back() * at.back() / 2);
        }
        for (const double x : at) logWeight.push_back(-x * x / 2 - std::log(sum));
    }
};

/// Spacing, in standard deviations of a number of `variance`, at which a sum over it is as good as
/// the integral where other information tells it to `noise` (a variance): the standard deviation of
/// what both together leave.
double spacingFor(double variance, double noise) { return 1 / std::sqrt(1 + variance / noise); }

/// ln of a likelihood, and its derivatives by the height and by the variance of the columns.
struct OfColumn {
    double log = 0, byHeight = 0, byVariance = 0;
};

/// Likelihoods of columns whose cells have mean height `height` above the threshold, for each
/// different count.
std::vector<OfColumn> columnsAt(double height, double variance, const NormalPoints& points,
                                const std::vector<std::uint32_t>& counts, std::uint32_t rows) {
    const double scale = std::sqrt(variance);
    const std::size_t count = points.at.size();
    // ln of the chance that a cell fails, that it holds, and their derivatives by the height.
    std::vector<double> fails(count), holds(count), failsRise(count), holdsRise(count);
    for (std::size_t k = 0; k < count; ++k) {
        const double z = height + scale * points.at[k];
        fails[k] = logNormalDistribution(z);
        holds[k] = logNormalDistribution(-z);
        const double logDensity = std::log(normalDensity(0)) - z * z / 2;
        failsRise[k] = std::exp(logDensity - fails[k]);
        holdsRise[k] = -std::exp(logDensity - holds[k]);
    }
    std::vector<OfColumn> result;
    std::size_t peak = 0;
    for (const std::uint32_t n : counts) {
        const double failing = n;
        const double holding = rows - n;
        const auto term = [&](std::size_t k) {
            return failing * fails[k] + holding * holds[k] + points.logWeight[k];
        };
        // Terms have one peak, which for a larger count is further up.
        double most = term(peak);
        while (peak + 1 < count && term(peak + 1) > most) most = term(++peak);
        double sum = 0, rise = 0, spread = 0;
        const auto add = [&](std::size_t k) {
            const double below = term(k) - most;
            if (below < -kNegligible) return false;
            const double weight = std::exp(below);
            const double slope = failing * failsRise[k] + holding * holdsRise[k];
            sum += weight;
            rise += weight * slope;
            spread += weight * slope * points.at[k];
            return true;
        };
        for (std::size_t k = peak + 1; k-- > 0 && add(k);) {
        }
        for (std::size_t k = peak + 1; k < count && add(k); ++k) {
        }
        result.push_back({most + std::log(sum), rise / sum, spread / sum / (2 * scale)});
    }
    return result;
}

/// Sums over the points of an array's height, relative to the largest term so far.
struct OfArray {
    double most = -HUGE_VAL, sum = 0;
    std::array<double, 3> slopes{};

    void add(double log, const std::array<double, 3>& slopesHere) {
        if (log > most) {
            const double shrink = std::exp(most - log);
            sum *= shrink;
            for (double& slope : slopes) slope *= shrink;
            most = log;
        }
        const double weight = std::exp(log - most);
        sum += weight;
        for (std::size_t p = 0; p < 3; ++p) slopes[p] += weight * slopesHere[p];
    }

    ArrayLikelihood likelihood() const {
        return {most + std::log(sum), {slopes[0] / sum, slopes[1] / sum, slopes[2] / sum}};
    }
};

}  // namespace

ColumnLikelihood::ColumnLikelihood(const std::vector<ArrayColumns>& arrays, std::uint32_t rows)
    : rows_(rows) {
    std::map<std::uint32_t, std::uint32_t> index;
    for (const ArrayColumns& array : arrays) {
        columns_ = std::max(columns_, static_cast<double>(array.failing.size()));
        for (const std::uint32_t n : array.failing) index[n] = 0;
    }
    for (auto& [n, i] : index) {
        i = static_cast<std::uint32_t>(counts_.size());
        counts_.push_back(n);
    }
    for (const ArrayColumns& array : arrays) {
        std::map<std::uint32_t, std::uint32_t> ofArray;
        for (const std::uint32_t n : array.failing) ++ofArray[index[n]];
        arrays_.emplace_back(ofArray.begin(), ofArray.end());
    }
}

std::vector<ArrayLikelihood> ColumnLikelihood::at(const ColumnModel& model) const {
    const double arrayVariance = std::max(kLeastVariance, model.arrayVariance);
    const double columnVariance = std::max(kLeastVariance, model.columnVariance);
    const NormalPoints columnPoints(spacingFor(columnVariance, columnNoise()));
    const NormalPoints arrayPoints(spacingFor(arrayVariance, arrayNoise(columnVariance)));
    const double scale = std::sqrt(arrayVariance);
    std::vector<OfArray> sums(arrays_.size());
    for (std::size_t i = 0; i < arrayPoints.at.size(); ++i) {
        const double at = arrayPoints.at[i];
        const auto columns =
            columnsAt(scale * at - model.threshold, columnVariance, columnPoints, counts_, rows_);
        for (std::size_t u = 0; u < arrays_.size(); ++u) {
            double log = arrayPoints.logWeight[i], rise = 0, byVariance = 0;
            for (const auto& [index, number] : arrays_[u]) {
                log += number * columns[index].log;
                rise += number * columns[index].byHeight;
                byVariance += number * columns[index].byVariance;
            }
            sums[u].add(log, {rise * at / (2 * scale), byVariance, -rise});
        }
    }
    std::vector<ArrayLikelihood> result;
    for (const OfArray& sum : sums) result.push_back(sum.likelihood());
    return result;
}

}  // namespace brownout
