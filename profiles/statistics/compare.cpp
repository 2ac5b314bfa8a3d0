#include "profiles/statistics/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "profiles/statistics/gaussian_pairs.h"
#include "profiles/statistics/permutation_test.h"

namespace brownout {
namespace {

constexpr std::size_t kMostVoltages = 5;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// A statistic of a block at one voltage; NaN where it isn't defined.
struct Statistic {
    const char* name;
    bool ofLines;  ///< depends on the size of the arrays
    double (*of)(const FaultSums& sums);
};

double ratio(double part, double whole) { return whole > 0 ? part / whole : kMissing; }

/// Variance of the counts of lines over that of independent cells, as a logarithm: it is skewed. In
/// terms of pairs: how often two cells of a line fail together, over the square of the rate.
double overdispersion(const FaultSums& sums, const PairSums::Pairs& pairs, double cellsOfALine) {
    const double rate = sums.pairs.rate();
    if (!(rate > 0 && rate < 1) || pairs.all <= 0) return kMissing;
    const double excess = pairs.rate() - rate * rate;
    return std::log1p(std::max(-0.99, (cellsOfALine - 1) * excess / (rate * (1 - rate))));
}

/// Cells of a line, from its pairs: every cell is in cellsOfALine - 1 of them.
double cellsOfALine(const FaultSums& sums, const PairSums::Pairs& pairs) {
    return 2 * pairs.all / sums.pairs.cells + 1;
}

double correlation(const FaultSums& sums, const PairSums::Pairs& pairs) {
    if (!sums.pairs.tellOfCorrelation(pairs)) return kMissing;
    return correlationOf(sums.pairs.rate(), pairs.rate());
}

/// Share of failing pairs that share a line, over that of uniform faults, as a logarithm.
double pairShare(const FaultSums& sums, double seen, double uniform) {
    const PairSums& p = sums.pairs;
    const double pairs = p.column.failing + p.row.failing + p.apart.failing;
    if (pairs <= 0 || uniform <= 0) return kMissing;
    return std::log((seen + 0.5 / pairs) / uniform);
}

const std::vector<Statistic>& statisticsToCompare() {
    static const std::vector<Statistic> statistics{
        {"bit error rate", false, [](const FaultSums& s) { return s.bitErrorRate(); }},
        {"share 0->1", false, [](const FaultSums& s) { return ratio(s[Sum::kMass01], s.mass()); }},
        {"share of cells that do either", false,
         [](const FaultSums& s) { return ratio(s[Sum::kBoth], s.pairs.failing); }},
        {"mean probability of a failing cell", false,
         [](const FaultSums& s) { return ratio(s[Sum::kChance], s.pairs.failing); }},
        {"persistent share", false,
         [](const FaultSums& s) { return ratio(s[Sum::kPersistent], s.pairs.failing); }},
        {"column overdispersion (log)", true,
         [](const FaultSums& s) {
             return overdispersion(s, s.pairs.column, cellsOfALine(s, s.pairs.column));
         }},
        {"row overdispersion (log)", true,
         [](const FaultSums& s) {
             return overdispersion(s, s.pairs.row, cellsOfALine(s, s.pairs.row));
         }},
        {"array overdispersion (log)", true,
         [](const FaultSums& s) {
             if (s[Sum::kArrays] < 2) return kMissing;
             PairSums::Pairs all;
             for (const auto* one : {&s.pairs.column, &s.pairs.row, &s.pairs.apart}) {
                 all.all += one->all;
                 all.failing += one->failing;
             }
             return overdispersion(s, all, cellsOfALine(s, all));
         }},
        {"share of the 5 worst columns", true,
         [](const FaultSums& s) { return ratio(s[Sum::kWorst5], s.mass()); }},
        {"share of the 10 worst columns", true,
         [](const FaultSums& s) { return ratio(s[Sum::kWorst10], s.mass()); }},
        {"same-column pairs against uniform (log)", true,
         [](const FaultSums& s) {
             return pairShare(s, s.pairs.sharedColumn(), s.pairs.sharedColumnIfUniform());
         }},
        {"same-row pairs against uniform (log)", true,
         [](const FaultSums& s) {
             return pairShare(s, s.pairs.sharedRow(), s.pairs.sharedRowIfUniform());
         }},
        {"share of clean arrays", true,
         [](const FaultSums& s) {
             // Of a block that is one array: whether it is clean.
             return s[Sum::kArrays] < 1 ? kMissing : s[Sum::kCleanArrays] / s[Sum::kArrays];
         }},
        {"correlation within a column", false,
         [](const FaultSums& s) { return correlation(s, s.pairs.column); }},
        {"correlation within a row", false,
         [](const FaultSums& s) { return correlation(s, s.pairs.row); }},
        {"correlation within an array", false,
         [](const FaultSums& s) {
             return s[Sum::kArrays] < 2 ? kMissing : correlation(s, s.pairs.apart);
         }},
    };
    return statistics;
}

/// `voltage` of one profile in the unit of the other.
double convert(const Profile& from, const Profile& to, double voltage) {
    const VoltageUnit unit = to.device().unit;
    const bool known = from.device().vminV.has_value();
    return voltageIn(unit, known ? from.device() : to.device(), {voltage, from.device().unit});
}

/// The voltages to compare at, in the units of both, ascending.
struct SharedVoltages {
    std::vector<double> a, b;
};

bool speaksAbout(const Profile& profile, double voltage) {
    try {
        profile.supplies().supply({voltage, profile.device().unit});
        return true;
    } catch (const Error&) {
        return false;
    }
}

SharedVoltages sharedVoltages(const Profile& a, const Profile& b) {
    SharedVoltages shared;
    const auto offer = [&](double inA, double inB) {
        if (!speaksAbout(a, inA) || !speaksAbout(b, inB)) return;
        for (const double known : shared.a) {
            if (std::fabs(known - inA) < 1e-6) return;
        }
        shared.a.push_back(inA);
        shared.b.push_back(inB);
    };
    for (const double v : a.referenceVoltages()) offer(v, convert(a, b, v));
    if (shared.a.size() < 3) {
        for (const double v : b.referenceVoltages()) offer(convert(b, a, v), v);
    }
    if (shared.a.empty()) {
        throw Error(b.path().string(), "speaks about none of the voltages of " + a.path().string());
    }
    std::sort(shared.a.begin(), shared.a.end());
    std::sort(shared.b.begin(), shared.b.end());
    shared.a.resize(std::min(shared.a.size(), kMostVoltages));
    shared.b.resize(shared.a.size());
    return shared;
}

std::uint32_t chipsOf(const Profile& profile, const CompareSettings& settings) {
    return std::min(profile.chipCount(), settings.chips);
}

void chooseBlocks(const Profile& a, const Profile& b, const CompareSettings& settings,
                  ProfileComparison& result) {
    for (const BlockKind kind : {BlockKind::kChip, BlockKind::kArray, BlockKind::kColumns}) {
        result.blocks = kind;
        result.blocksA = result.chipsA * blocksOf(kind, a.device().geometry);
        result.blocksB = result.chipsB * blocksOf(kind, b.device().geometry);
        result.smallestP = smallestP(result.blocksA, result.blocksB, settings.divisions);
        if (std::min(result.blocksA, result.blocksB) >= 2 && result.smallestP <= settings.alpha) {
            return;
        }
    }
    throw Error(a.path().string(), "has too few chips, arrays and columns to be compared with " +
                                       b.path().string() + " at level " +
                                       std::to_string(settings.alpha));
}

Observations observe(const BlockSums& blocks, const std::vector<const Statistic*>& statistics) {
    Observations rows;
    for (const auto& block : blocks) {
        rows.emplace_back();
        for (const FaultSums& at : block) {
            for (const Statistic* one : statistics) rows.back().push_back(one->of(at));
        }
    }
    return rows;
}

/// How often what fails at a voltage fails at the next lower one: of counts only, because the other
/// encodings are nested by nature.
void addNestedness(const BlockSums& blocks, Observations& rows) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        for (std::size_t v = 1; v < blocks[i].size(); ++v) {
            rows[i].push_back(ratio(blocks[i][v][Sum::kNested], blocks[i][v].pairs.failing));
        }
    }
}

double meanOf(const Observations& rows, std::size_t column) {
    double sum = 0, count = 0;
    for (const auto& row : rows) {
        if (std::isnan(row[column])) continue;
        sum += row[column];
        ++count;
    }
    return count > 0 ? sum / count : kMissing;
}

bool isMeasured(const Profile& profile) { return profile.encoding() == Encoding::kCounts; }

/// Returns the statistics that can be compared, and notes those that can't.
std::vector<const Statistic*> statisticsFor(const Profile& a, const Profile& b,
                                            ProfileComparison& result) {
    const SramGeometry& shapeA = a.device().geometry;
    const SramGeometry& shapeB = b.device().geometry;
    const bool sameArrays = shapeA.rows == shapeB.rows && shapeA.columns == shapeB.columns;
    std::vector<const Statistic*> statistics;
    for (const Statistic& one : statisticsToCompare()) {
        if (sameArrays || !one.ofLines) statistics.push_back(&one);
    }
    if (!sameArrays) {
        result.notes.emplace_back(
            "The arrays differ in size, so counts by line and shares of columns are not compared.");
    }
    return statistics;
}

/// Returns which cells count as failing: if one profile holds counts, the other is measured, too.
FailingCells cellsToCount(const Profile& a, const Profile& b, ProfileComparison& result) {
    if (isMeasured(a) != isMeasured(b)) {
        result.notes.emplace_back(
            "One profile holds counts, so the other is read 100 times by simulation, too.");
    }
    return isMeasured(a) || isMeasured(b) ? FailingCells::kAsMeasured : MeasurePlan{}.cells;
}

BlockSums measure(const Profile& profile, const std::vector<double>& voltages, std::uint32_t chips,
                  FailingCells cells, BlockKind blocks, const CompareSettings& settings) {
    MeasurePlan plan;
    plan.voltages = voltages;
    plan.chips = chips;
    plan.blocks = blocks;
    plan.cells = cells;
    plan.chipDone = settings.chipDone;
    return measureBlocks(profile, plan);
}

/// Fills in means and p; drops statistics of which no block has a value.
void test(const Observations& rowsA, const Observations& rowsB, const CompareSettings& settings,
          ProfileComparison& result) {
    const auto tests = permutationTest(rowsA, rowsB, settings.divisions, settings.seed);
    std::vector<ComparedStatistic> tested;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        if (!tests[i].tested) continue;
        ComparedStatistic one = result.statistics[i];
        one.meanA = meanOf(rowsA, i);
        one.meanB = meanOf(rowsB, i);
        one.p = tests[i].p;
        one.adjusted = tests[i].adjusted;
        tested.push_back(one);
    }
    result.statistics = std::move(tested);
}

}  // namespace

bool ProfileComparison::differ() const {
    return std::any_of(statistics.begin(), statistics.end(),
                       [&](const ComparedStatistic& one) { return one.adjusted <= alpha; });
}

std::uint32_t chipsToRead(const Profile& a, const Profile& b, const CompareSettings& settings) {
    return chipsOf(a, settings) + chipsOf(b, settings);
}

ProfileComparison compareProfiles(const Profile& a, const Profile& b,
                                  const CompareSettings& settings) {
    ProfileComparison result;
    result.alpha = settings.alpha;
    result.chipsA = chipsOf(a, settings);
    result.chipsB = chipsOf(b, settings);
    const SharedVoltages voltages = sharedVoltages(a, b);
    result.voltages = voltages.a;
    chooseBlocks(a, b, settings, result);
    const std::vector<const Statistic*> statistics = statisticsFor(a, b, result);
    const FailingCells cells = cellsToCount(a, b, result);
    const BlockSums blocksA = measure(a, voltages.a, result.chipsA, cells, result.blocks, settings);
    const BlockSums blocksB = measure(b, voltages.b, result.chipsB, cells, result.blocks, settings);
    Observations rowsA = observe(blocksA, statistics);
    Observations rowsB = observe(blocksB, statistics);
    for (const double v : result.voltages) {
        for (const Statistic* one : statistics) result.statistics.push_back({one->name, v});
    }
    if (isMeasured(a) && isMeasured(b)) {
        addNestedness(blocksA, rowsA);
        addNestedness(blocksB, rowsB);
        for (std::size_t v = 1; v < result.voltages.size(); ++v) {
            result.statistics.push_back({"nestedness", result.voltages[v]});
        }
    } else {
        result.notes.emplace_back(
            "Nestedness is not compared: only counts can fail at one voltage and not at a lower "
            "one.");
    }
    test(rowsA, rowsB, settings, result);
    return result;
}

}  // namespace brownout
