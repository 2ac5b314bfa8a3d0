#include "profiles/statistics/column_likelihood.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "profiles/generator/calibration_curve.h"
#include "profiles/generator/normal.h"
#include "profiles/statistics/gaussian_pairs.h"

namespace brownout {
namespace {

constexpr double kReach = 7;              // standard deviations that sums go to
constexpr double kNegligible = 35;        // of ln of a term, below the largest
constexpr double kLeastVariance = 1e-12;  // stands for none
constexpr double kMostVariance = 49;      // with which other cells say nearly all of a cell
constexpr std::uint32_t kFewestBlocks = 4;
constexpr int kMostSteps = 50;
constexpr double kLeastGain = 1e-6;  // of ln likelihood, in a step that is followed by another

using Vector3 = Eigen::Vector3d;
using Matrix3 = Eigen::Matrix3d;

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

/// What was counted: the different counts, ascending, and how many columns of each array have
/// which.
struct CountTable {
    std::uint32_t rows;
    double columns = 1;  ///< of the largest array
    std::vector<std::uint32_t> counts;
    std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> arrays;  ///< index, columns

    CountTable(const std::vector<ArrayColumns>& all, std::uint32_t rowsOfAColumn)
        : rows(rowsOfAColumn) {
        std::map<std::uint32_t, std::uint32_t> index;
        for (const ArrayColumns& array : all) {
            columns = std::max(columns, static_cast<double>(array.failing.size()));
            for (const std::uint32_t n : array.failing) index[n] = 0;
        }
        for (auto& [n, i] : index) {
            i = static_cast<std::uint32_t>(counts.size());
            counts.push_back(n);
        }
        for (const ArrayColumns& array : all) {
            std::map<std::uint32_t, std::uint32_t> ofArray;
            for (const std::uint32_t n : array.failing) ++ofArray[index[n]];
            arrays.emplace_back(ofArray.begin(), ofArray.end());
        }
    }

    /// Variance with which a column tells its height, at best, a cell giving no more than one that
    /// fails against all odds, 1; and with which an array does.
    double columnNoise() const { return 1.0 / rows; }
    double arrayNoise(double columnVariance) const {
        return (columnVariance + columnNoise()) / columns;
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
                                const CountTable& counted) {
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
    for (const std::uint32_t n : counted.counts) {
        const double failing = n;
        const double holding = counted.rows - n;
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

/// ln of the likelihood of each array, and its derivatives by the three parameters of the model.
struct Likelihoods {
    std::vector<double> logs;
    Eigen::Matrix3Xd scores;

    Vector3 slope() const { return scores.rowwise().sum(); }
    double total() const {
        double sum = 0;
        for (const double one : logs) sum += one;
        return sum;
    }
};

Likelihoods likelihoodsOf(const ColumnModel& given, const CountTable& counted) {
    ColumnModel model = given;
    model.arrayVariance = std::max(kLeastVariance, model.arrayVariance);
    model.columnVariance = std::max(kLeastVariance, model.columnVariance);
    const NormalPoints columnPoints(spacingFor(model.columnVariance, counted.columnNoise()));
    const NormalPoints arrayPoints(
        spacingFor(model.arrayVariance, counted.arrayNoise(model.columnVariance)));
    const double scale = std::sqrt(model.arrayVariance);
    const std::size_t arrays = counted.arrays.size();
    // Sums over the points of an array, relative to the largest term so far.
    std::vector<double> most(arrays, -HUGE_VAL), sum(arrays, 0);
    Eigen::Matrix3Xd slopes = Eigen::Matrix3Xd::Zero(3, static_cast<Eigen::Index>(arrays));
    for (std::size_t i = 0; i < arrayPoints.at.size(); ++i) {
        const double at = arrayPoints.at[i];
        const auto columns =
            columnsAt(scale * at - model.threshold, model.columnVariance, columnPoints, counted);
        for (std::size_t u = 0; u < arrays; ++u) {
            double log = arrayPoints.logWeight[i], rise = 0, byVariance = 0;
            for (const auto& [index, number] : counted.arrays[u]) {
                log += number * columns[index].log;
                rise += number * columns[index].byHeight;
                byVariance += number * columns[index].byVariance;
            }
            auto slope = slopes.col(static_cast<Eigen::Index>(u));
            if (log > most[u]) {
                const double shrink = std::exp(most[u] - log);
                sum[u] *= shrink;
                slope *= shrink;
                most[u] = log;
            }
            const double weight = std::exp(log - most[u]);
            sum[u] += weight;
            slope += weight * Vector3(rise * at / (2 * scale), byVariance, -rise);
        }
    }
    Likelihoods result;
    for (std::size_t u = 0; u < arrays; ++u) {
        result.logs.push_back(most[u] + std::log(sum[u]));
        slopes.col(static_cast<Eigen::Index>(u)) /= sum[u];
    }
    result.scores = std::move(slopes);
    return result;
}

Vector3 toVector(const ColumnModel& m) { return {m.arrayVariance, m.columnVariance, m.threshold}; }
ColumnModel toModel(const Vector3& v) {
    return {std::clamp(v[0], kLeastVariance, kMostVariance),
            std::clamp(v[1], kLeastVariance, kMostVariance), v[2]};
}

/// The model under which cells fail as often, and pairs of them together as often, as was counted.
ColumnModel byPairs(const CountTable& counted) {
    double cells = 0, failing = 0, ofColumn = 0, ofArray = 0, columnPairs = 0, arrayPairs = 0;
    const auto pairs = [](double n) { return n * (n - 1) / 2; };
    for (const auto& array : counted.arrays) {
        double ofThis = 0, columns = 0;
        for (const auto& [index, number] : array) {
            ofThis += static_cast<double>(number) * counted.counts[index];
            columns += number;
            ofColumn += number * pairs(counted.counts[index]);
        }
        failing += ofThis;
        cells += columns * counted.rows;
        ofArray += pairs(ofThis);
        columnPairs += columns * pairs(counted.rows);
        arrayPairs += pairs(columns * counted.rows);
    }
    const double rate = std::clamp(failing / cells, 1e-12, 1 - 1e-12);
    const auto correlation = [&](double together, double all) {
        return all > 0 ? std::clamp(correlationOf(rate, together / all), 0.0, 0.9) : 0;
    };
    const double array = correlation(ofArray - ofColumn, arrayPairs - columnPairs);
    const double column = std::max(correlation(ofColumn, columnPairs), array);
    const double own = 1 - column;
    const double least = 0.01 / counted.rows;
    return {std::max(least, array / own), std::max(least, (column - array) / own),
            -probit(rate) / std::sqrt(own)};
}

/// Minus the second derivatives of ln likelihood, from differences that are small against the
/// parameters and against how well the counts tell them.
Matrix3 curvatureAt(const ColumnModel& model, const Vector3& slope, const CountTable& counted) {
    const double array = model.arrayVariance + counted.arrayNoise(model.columnVariance);
    const double column = model.columnVariance + counted.columnNoise();
    const Vector3 steps = 1e-3 * Vector3(array, column, std::sqrt(array));
    Matrix3 result;
    for (int p = 0; p < 3; ++p) {
        Vector3 beside = toVector(model);
        beside[p] += steps[p];
        result.col(p) = (slope - likelihoodsOf(toModel(beside), counted).slope()) / steps[p];
    }
    return (result + result.transpose()) / 2;
}

/// Newton's step, with the outer products of the arrays' scores for curvature where that has no
/// maximum. Variances at the least or the most stay there unless the likelihood rises the other
/// way.
Vector3 newtonStep(const ColumnModel& model, const Likelihoods& here, const CountTable& counted) {
    Vector3 slope = here.slope();
    Matrix3 newton = curvatureAt(model, slope, counted);
    Matrix3 products = here.scores * here.scores.transpose();
    for (int p = 0; p < 2; ++p) {
        const double at = toVector(model)[p];
        const bool stays = slope[p] > 0 ? at >= kMostVariance : at <= kLeastVariance;
        if (!stays) continue;
        slope[p] = 0;
        for (Matrix3* matrix : {&newton, &products}) {
            matrix->row(p).setZero();
            matrix->col(p).setZero();
            (*matrix)(p, p) = 1;
        }
    }
    for (const Matrix3& matrix : {newton, products}) {
        if (!(matrix.diagonal().minCoeff() > 0)) continue;
        const Vector3 scale = matrix.diagonal().cwiseSqrt().cwiseInverse();
        const Eigen::LLT<Matrix3> root(scale.asDiagonal() * matrix * scale.asDiagonal());
        if (root.info() != Eigen::Success) continue;
        const Vector3 step = scale.asDiagonal() * root.solve(Vector3(scale.asDiagonal() * slope));
        if (step.allFinite()) return step;
    }
    return slope.normalized() * 1e-3;
}

/// The most likely model: by Newton's steps, halved until they gain.
ColumnModel mostLikely(const CountTable& counted) {
    ColumnModel model = byPairs(counted);
    Likelihoods here = likelihoodsOf(model, counted);
    for (int i = 0; i < kMostSteps; ++i) {
        const Vector3 step = newtonStep(model, here, counted);
        const double before = here.total();
        for (double part = 1; part > 1e-6; part /= 2) {
            const ColumnModel next = toModel(toVector(model) + part * step);
            Likelihoods there = likelihoodsOf(next, counted);
            if (!(there.total() > before)) continue;
            model = next;
            here = std::move(there);
            break;
        }
        if (here.total() - before < kLeastGain) break;
    }
    return model;
}

}  // namespace

std::vector<ArrayLikelihood> columnLikelihoods(const ColumnModel& model,
                                               const std::vector<ArrayColumns>& arrays,
                                               std::uint32_t rows) {
    const Likelihoods all = likelihoodsOf(model, CountTable(arrays, rows));
    std::vector<ArrayLikelihood> result;
    for (std::size_t u = 0; u < arrays.size(); ++u) {
        const auto slopes = all.scores.col(static_cast<Eigen::Index>(u));
        result.push_back({all.logs[u], {slopes[0], slopes[1], slopes[2]}});
    }
    return result;
}

LineShares likeliestShares(const std::vector<ArrayColumns>& arrays, std::uint32_t rows) {
    const CountTable counted(arrays, rows);
    const ColumnModel model = mostLikely(counted);
    const auto none = [](double value) { return value <= kLeastVariance ? 0 : value; };
    const double variance = 1 + model.arrayVariance + model.columnVariance;
    LineShares shares;
    shares.array.value = none(model.arrayVariance) / variance;
    shares.column.value = none(model.columnVariance) / variance;

    const Likelihoods likelihoods = likelihoodsOf(model, counted);
    std::map<std::uint32_t, Vector3> ofBlock;
    for (std::size_t u = 0; u < arrays.size(); ++u) {
        const auto [at, isNew] = ofBlock.try_emplace(arrays[u].block, Vector3::Zero());
        at->second += likelihoods.scores.col(static_cast<Eigen::Index>(u));
    }
    if (ofBlock.size() < kFewestBlocks) return shares;
    const auto blocks = static_cast<double>(ofBlock.size());
    const Vector3 slope = likelihoods.slope();  // not zero where a variance is
    const Vector3 mean = slope / blocks;
    Matrix3 products = Matrix3::Zero();
    for (const auto& [block, score] : ofBlock) {
        products += (score - mean) * (score - mean).transpose();
    }
    const Eigen::LDLT<Matrix3> curvature(curvatureAt(model, slope, counted));
    if (curvature.info() != Eigen::Success || !curvature.isPositive()) return shares;
    const Matrix3 covariance =
        blocks / (blocks - 1) * curvature.solve(curvature.solve(products).transpose());
    const double square = variance * variance;
    const Vector3 byArray((1 + model.columnVariance) / square, -model.arrayVariance / square, 0);
    const Vector3 byColumn(-model.columnVariance / square, (1 + model.arrayVariance) / square, 0);
    shares.array.error = std::sqrt(std::max(0.0, byArray.dot(covariance * byArray)));
    shares.column.error = std::sqrt(std::max(0.0, byColumn.dot(covariance * byColumn)));
    return shares;
}

}  // namespace brownout
