#include "profiles/statistics/likelihood/likeliest_shares.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "profiles/generator/calibration_curve.h"

namespace brownout {
namespace {

constexpr double kMostVariance = 49;  // with which other cells say nearly all of a cell
constexpr std::uint32_t kFewestBlocks = 4;
constexpr int kMostSteps = 50;
constexpr double kLeastGain = 1e-6;  // of ln likelihood, in a step that is followed by another

using Vector3 = Eigen::Vector3d;
using Matrix3 = Eigen::Matrix3d;

Vector3 toVector(const ColumnModel& m) { return {m.arrayVariance, m.columnVariance, m.threshold}; }
ColumnModel toModel(const Vector3& v) {
    return {std::clamp(v[0], kLeastVariance, kMostVariance),
            std::clamp(v[1], kLeastVariance, kMostVariance), v[2]};
}

/// ln of the likelihood of all arrays, and the slopes of each.
struct Scores {
    double log = 0;
    Eigen::Matrix3Xd each;

    explicit Scores(const std::vector<ArrayLikelihood>& arrays)
        : each(3, static_cast<Eigen::Index>(arrays.size())) {
        Eigen::Index column = 0;
        for (const ArrayLikelihood& array : arrays) {
            log += array.log;
            each.col(column++) = Eigen::Map<const Vector3>(array.slopes.data());
        }
    }
    Vector3 slope() const { return each.rowwise().sum(); }
};

/// The model under which cells fail as often, and pairs of them together as often, as they did.
ColumnModel modelBy(const PairSums& pairs, std::uint32_t rows) {
    const PairCorrelations found = correlationsOf(pairs);
    const double array = std::clamp(found.array, 0.0, 0.9);
    const double column = std::clamp(found.column, array, 0.9);
    const double own = 1 - column;
    const double least = 0.01 / rows;
    const double rate = std::clamp(pairs.rate(), 1e-12, 1 - 1e-12);
    return {std::max(least, array / own), std::max(least, (column - array) / own),
            -probit(rate) / std::sqrt(own)};
}

/// Minus the second derivatives of ln likelihood, from differences that are small against the
/// parameters and against how well the counts tell them.
Matrix3 curvatureAt(const ColumnModel& model, const Vector3& slope,
                    const ColumnLikelihood& likelihood) {
    const double array = model.arrayVariance + likelihood.arrayNoise(model.columnVariance);
    const double column = model.columnVariance + likelihood.columnNoise();
    const Vector3 steps = 1e-3 * Vector3(array, column, std::sqrt(array));
    Matrix3 result;
    for (int p = 0; p < 3; ++p) {
        Vector3 beside = toVector(model);
        beside[p] += steps[p];
        result.col(p) = (slope - Scores(likelihood.at(toModel(beside))).slope()) / steps[p];
    }
    return (result + result.transpose()) / 2;
}

/// Newton's step, with the outer products of the arrays' scores for curvature where that has no
/// maximum. Variances at the least or the most stay there unless the likelihood rises the other
/// way.
Vector3 newtonStep(const ColumnModel& model, const Scores& here,
                   const ColumnLikelihood& likelihood) {
    Vector3 slope = here.slope();
    Matrix3 newton = curvatureAt(model, slope, likelihood);
    Matrix3 products = here.each * here.each.transpose();
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

/// The most likely model: by Newton's steps from `start`, halved until they gain.
ColumnModel mostLikely(const ColumnModel& start, const ColumnLikelihood& likelihood) {
    ColumnModel model = start;
    Scores here(likelihood.at(model));
    for (int i = 0; i < kMostSteps; ++i) {
        const Vector3 step = newtonStep(model, here, likelihood);
        const double before = here.log;
        for (double part = 1; part > 1e-6; part /= 2) {
            const ColumnModel next = toModel(toVector(model) + part * step);
            Scores there(likelihood.at(next));
            if (!(there.log > before)) continue;
            model = next;
            here = std::move(there);
            break;
        }
        if (here.log - before < kLeastGain) break;
    }
    return model;
}

}  // namespace

LineShares likeliestShares(const std::vector<ArrayColumns>& arrays, std::uint32_t rows,
                           const PairSums& pairs) {
    const ColumnLikelihood likelihood(arrays, rows);
    const ColumnModel model = mostLikely(modelBy(pairs, rows), likelihood);
    const auto none = [](double value) { return value <= kLeastVariance ? 0 : value; };
    const double variance = 1 + model.arrayVariance + model.columnVariance;
    LineShares shares;
    shares.array.value = none(model.arrayVariance) / variance;
    shares.column.value = none(model.columnVariance) / variance;

    const Scores scores(likelihood.at(model));
    std::map<std::uint32_t, Vector3> ofBlock;
    for (std::size_t u = 0; u < arrays.size(); ++u) {
        const auto [at, isNew] = ofBlock.try_emplace(arrays[u].block, Vector3::Zero());
        at->second += scores.each.col(static_cast<Eigen::Index>(u));
    }
    if (ofBlock.size() < kFewestBlocks) return shares;
    const auto blocks = static_cast<double>(ofBlock.size());
    const Vector3 slope = scores.slope();  // not zero where a variance is
    const Vector3 mean = slope / blocks;
    Matrix3 products = Matrix3::Zero();
    for (const auto& [block, score] : ofBlock) {
        products += (score - mean) * (score - mean).transpose();
    }
    const Eigen::LDLT<Matrix3> curvature(curvatureAt(model, slope, likelihood));
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
