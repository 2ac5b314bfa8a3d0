#include "profiles/statistics/population_fit.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "base/error.h"
#include "profiles/generator/normal.h"
#include "profiles/statistics/gaussian_pairs.h"
#include "profiles/statistics/likelihood/likeliest_shares.h"
#include "profiles/statistics/threshold_estimate.h"

namespace brownout {
namespace {

constexpr double kFewestCells = 100;
constexpr double kLevel = 0.01;  ///< of the test of a gradient

/// What the jackknife runs over, in this order.
enum Figure : std::size_t {
    kMean,
    kSigma,
    kRow,
    kGradientX,
    kGradientY,
    kTurn01,
    kTurn10,
    kDirectionColumn,
    kDirectionArray,
    kPersistent,
    kIntermittentMean,
    kIntermittentSpread,
    kFigures
};

/// Which correlations all chips together tell of, at each voltage.
struct TellingPairs {
    explicit TellingPairs(const std::vector<FaultSums>& all) {
        for (const FaultSums& at : all) {
            const PairSums& pairs = at.pairs;
            const bool enough = pairs.failing >= kFewestCells;
            column.push_back(enough && pairs.tellOfCorrelation(pairs.column));
            row.push_back(enough && pairs.tellOfCorrelation(pairs.row));
            array.push_back(enough && pairs.tellOfCorrelation(pairs.apart));
        }
    }
    static bool any(const std::vector<bool>& telling) {
        return std::find(telling.begin(), telling.end(), true) != telling.end();
    }

    std::vector<bool> column, row, array;
};

/// How much more correlated pairs of a row are than others of an array: each mean over the voltages
/// that tell of it, each counting as its failing cells; 0 if none does.
double rowShareOf(const std::vector<FaultSums>& sums, const TellingPairs& telling) {
    PairCorrelations mean, weights;
    const auto add = [](double correlation, double weight, double& sum, double& weightSum) {
        sum += weight * correlation;
        weightSum += weight;
    };
    for (std::size_t v = 0; v < sums.size(); ++v) {
        const double weight = sums[v].pairs.failing;
        const PairCorrelations here = correlationsOf(sums[v].pairs);
        if (telling.row[v]) add(here.row, weight, mean.row, weights.row);
        if (telling.array[v]) add(here.array, weight, mean.array, weights.array);
    }
    const auto ratio = [](double sum, double weight) { return weight > 0 ? sum / weight : 0; };
    return ratio(mean.row, weights.row) - ratio(mean.array, weights.array);
}

/// Rise of z from edge to edge: covariance of failing and place over that of the place, in units of
/// the density of z at the threshold. Mean over voltages as above.
double gradient(const std::vector<FaultSums>& sums, Sum place, Sum square, Sum failingPlace) {
    double mean = 0, weights = 0;
    for (const FaultSums& at : sums) {
        const double rate = at.pairs.rate();
        const double spread = at[square] - at[place] * at[place] / at.pairs.cells;
        if (at.pairs.failing < kFewestCells || rate >= 1 || !(spread > 0)) continue;
        const double slope = (at[failingPlace] - rate * at[place]) / spread;
        mean += at.pairs.failing * slope / normalDensity(probit(rate));
        weights += at.pairs.failing;
    }
    return weights > 0 ? mean / weights : 0;
}

/// Correlation of directions from pairs that turn the same way, of the rarer direction that isn't
/// too rare.
double directionCorrelation(const FaultSums& at, Sum pairs, Sum pairs01, Sum pairs10) {
    if (at[pairs] <= 0) return 0;
    const double turn01 = at.share(Sum::kOnly01);
    const double turn10 = at.share(Sum::kOnly10);
    const auto usable = [](double share) { return std::min(share, 1 - share); };
    const bool by01 = usable(turn01) >= usable(turn10);
    const double share = by01 ? turn01 : turn10;
    if (usable(share) < 0.005) return 0;
    return correlationOf(share, at[by01 ? pairs01 : pairs10] / at[pairs]);
}

struct Intermittents {
    double persistent = 1, mean = 0.5, spread = 1;
};

Intermittents intermittents(const FaultSums& at) {
    Intermittents result;
    result.persistent = at.share(Sum::kPersistent);
    const double cells = at.pairs.failing - at[Sum::kPersistent];
    if (cells < 1) return result;
    result.mean = std::clamp((at[Sum::kChance] - at[Sum::kPersistent]) / cells, 1e-6, 1 - 1e-6);
    // q = Phi(m + s g) and q' = Phi(m + s g') of the same g are two numbers above a height
    // together: E q^2 = bothAbove(E q, rho), rho = s^2 / (1 + s^2).
    const double square = (at[Sum::kChanceSquare] - at[Sum::kPersistent]) / cells;
    const double rho = std::clamp(correlationOf(result.mean, square), 0.0, 0.99);
    result.spread = std::sqrt(rho / (1 - rho));
    return result;
}

/// `beyondNoise` is the voltage where cells fail that read noise doesn't make uncertain.
std::vector<double> figuresOf(const std::vector<double>& voltages,
                              const std::vector<FaultSums>& sums, const TellingPairs& telling,
                              std::size_t beyondNoise) {
    std::vector<double> figures(kFigures);
    const auto line = probitLine(voltages, sums).value_or(ProbitLine{});
    const FaultSums& most = sums.front();  // at the lowest voltage, where the most cells fail
    figures[kMean] = line.mean;
    figures[kSigma] = line.sigma;
    figures[kRow] = rowShareOf(sums, telling);
    figures[kGradientX] = gradient(sums, Sum::kX, Sum::kX2, Sum::kFailingX);
    figures[kGradientY] = gradient(sums, Sum::kY, Sum::kY2, Sum::kFailingY);
    figures[kTurn01] = most.share(Sum::kOnly01);
    figures[kTurn10] = most.share(Sum::kOnly10);
    figures[kDirectionArray] =
        directionCorrelation(most, Sum::kApartPairs, Sum::kApartPairs01, Sum::kApartPairs10);
    figures[kDirectionColumn] =
        directionCorrelation(most, Sum::kColumnPairs, Sum::kColumnPairs01, Sum::kColumnPairs10) -
        figures[kDirectionArray];
    const Intermittents some = intermittents(sums[beyondNoise]);
    figures[kPersistent] = some.persistent;
    figures[kIntermittentMean] = some.mean;
    figures[kIntermittentSpread] = some.spread;
    return figures;
}

void addColumns(std::size_t block, const LineCounts& lines, std::vector<ArrayColumns>& all) {
    const auto columns = static_cast<std::ptrdiff_t>(lines.geometry.columns);
    for (auto first = lines.ofColumn.begin(); first != lines.ofColumn.end(); first += columns) {
        all.push_back({static_cast<std::uint32_t>(block), {first, first + columns}});
    }
}

void checkAlike(const std::vector<Profile>& profiles) {
    const Device& first = profiles.front().device();
    for (const Profile& one : profiles) {
        if (one.device().geometry != first.geometry || one.device().unit != first.unit) {
            throw Error(one.path().string(), "has another geometry or voltage unit than " +
                                                 profiles.front().path().string());
        }
        if (one.referenceVoltages() != profiles.front().referenceVoltages()) {
            throw Error(one.path().string(),
                        "was made at other voltages than " + profiles.front().path().string());
        }
    }
}

/// The noise that the profiles state, or their counts show; 0 if neither.
double readNoiseOf(const std::vector<Profile>& profiles) {
    double sum = 0;
    for (const Profile& one : profiles) {
        if (one.encoding() != Encoding::kCounts) {
            sum += one.supplies().shifts().readNoise;
        } else if (const auto seen = estimateReadNoise(one)) {
            sum += seen->noise;
        }
    }
    return sum / static_cast<double>(profiles.size());
}

}  // namespace

std::optional<ProbitLine> probitLine(const std::vector<double>& voltages,
                                     const std::vector<FaultSums>& sums) {
    double w = 0, wv = 0, wz = 0, wvv = 0, wvz = 0;
    int points = 0;
    for (std::size_t i = 0; i < voltages.size(); ++i) {
        const double rate = sums[i].pairs.rate();
        if (!(rate > 0 && rate < 1)) continue;
        const double z = probit(rate);
        const double density = normalDensity(z);
        const double weight = sums[i].pairs.cells * density * density / (rate * (1 - rate));
        w += weight;
        wv += weight * voltages[i];
        wz += weight * z;
        wvv += weight * voltages[i] * voltages[i];
        wvz += weight * voltages[i] * z;
        ++points;
    }
    if (points < 2) return std::nullopt;
    const double slope = (w * wvz - wv * wz) / (w * wvv - wv * wv);
    if (!(slope < 0)) return std::nullopt;
    const double sigma = -1 / slope;
    return ProbitLine{(wv + sigma * wz) / w, sigma};
}

PopulationFit fitPopulation(const std::vector<Profile>& profiles,
                            const std::function<void()>& chipDone) {
    checkAlike(profiles);
    const Profile& first = profiles.front();
    const SramGeometry& geometry = first.device().geometry;
    PopulationFit fit;
    fit.geometry = geometry;
    for (const Profile& one : profiles) fit.chips += one.chipCount();
    fit.blocks = blocksForErrors(fit.chips, geometry);
    BlockSums blocks;
    // At the voltages that may come to be the lowest used.
    std::array<std::vector<ArrayColumns>, 2> columns;
    for (const Profile& one : profiles) {
        MeasurePlan plan;
        plan.voltages = one.referenceVoltages();
        plan.chips = one.chipCount();
        plan.blocks = fit.blocks;
        plan.cells = FailingCells::kByMedian;
        plan.chipDone = chipDone;
        plan.linesDone = [&, before = blocks.size()](std::size_t block, std::size_t v,
                                                     const LineCounts& lines) {
            if (v < columns.size()) addColumns(before + block, lines, columns[v]);
        };
        for (auto& block : measureBlocks(one, plan)) blocks.push_back(std::move(block));
    }
    fit.blockCount = static_cast<std::uint32_t>(blocks.size());

    // Voltages above the highest at which anything failed say only that.
    std::vector<FaultSums> all = pooled(blocks);
    std::size_t used = 0;
    for (std::size_t v = 0; v < all.size(); ++v) {
        if (all[v].pairs.failing > 0) used = v + 1;
    }
    fit.lowestVoltage = first.referenceVoltages().front();
    fit.readNoise = readNoiseOf(profiles);
    const std::size_t from =
        first.encoding() == Encoding::kCounts && fit.readNoise > 0 && used >= 3 ? 1 : 0;
    for (std::size_t v = from; v < used; ++v) {
        fit.voltages.push_back(first.referenceVoltages()[v]);
        fit.rates.push_back(all[v].pairs.rate());
    }
    const auto cut = [&](std::vector<FaultSums>& sums) {
        sums.resize(used);
        sums.erase(sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(from));
    };
    cut(all);
    for (auto& block : blocks) cut(block);
    if (fit.voltages.size() < 2 || all.front().pairs.failing < kFewestCells ||
        !probitLine(fit.voltages, all)) {
        throw Error(first.path().string(),
                    "has too few failing cells to fit: expected at least 100, more at lower "
                    "voltages, and two voltages at which cells fail");
    }
    fit.highestVoltage = first.supplies().highest();
    if (used < first.referenceVoltages().size()) {
        fit.noFailuresAt = first.referenceVoltages()[used];
    }

    // Cells that fail well above the lowest voltage fail there as often as they ever do.
    std::size_t beyondNoise = 0;
    while (beyondNoise + 1 < all.size() &&
           fit.voltages[beyondNoise] - fit.lowestVoltage <
               kReadNoiseReach * fit.readNoise * (1 - 1e-6) &&
           all[beyondNoise + 1].pairs.failing >= kFewestCells) {
        ++beyondNoise;
    }

    const TellingPairs telling(all);
    const auto figures = jackknife(blocks, [&](const std::vector<FaultSums>& sums) {
        return figuresOf(fit.voltages, sums, telling, beyondNoise);
    });
    fit.mean = figures[kMean];
    fit.sigma = figures[kSigma];
    const bool ofArrays = TellingPairs::any(telling.array);
    const bool ofColumns = TellingPairs::any(telling.column);
    if (ofArrays || ofColumns) {
        const LineShares shares =
            likeliestShares(columns.at(from), geometry.rows, all.front().pairs);
        if (ofArrays) fit.arrayShare = shares.array;
        if (ofColumns) fit.columnShare = shares.column;
    }
    if (TellingPairs::any(telling.row)) fit.rowShare = figures[kRow];
    fit.gradientX = figures[kGradientX];
    fit.gradientY = figures[kGradientY];
    fit.turn01 = figures[kTurn01];
    fit.turn10 = figures[kTurn10];
    fit.flip = {1 - fit.turn01.value - fit.turn10.value};
    fit.directionArrayShare = figures[kDirectionArray];
    fit.directionColumnShare = figures[kDirectionColumn];
    fit.persistentShare = figures[kPersistent];
    fit.intermittentMean = figures[kIntermittentMean];
    fit.intermittentSpread = figures[kIntermittentSpread];
    if (fit.blockCount > 2) {
        const double least = quantile(boost::math::students_t(fit.blockCount - 1), 1 - kLevel / 2);
        const auto significant = [&](const Estimated& slope) {
            return slope.error && std::fabs(slope.value) > least * *slope.error;
        };
        fit.gradientXIsSignificant = significant(fit.gradientX);
        fit.gradientYIsSignificant = significant(fit.gradientY);
    }
    return fit;
}

}  // namespace brownout
