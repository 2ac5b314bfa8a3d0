#include "emulation/measured_value.h"

#include <algorithm>
#include <cmath>

namespace brownout {
namespace {

/// The amounts of the units that have something to take a mean of.
struct Amounts {
    std::vector<Amount> faulty;
    std::vector<Unit> units;
};

/// Returns the amounts of the units, none at all where one lacks the counts for the measure.
Amounts amountsOf(const Measure& measure, Span<const Unit> units) {
    Amounts amounts;
    for (const Unit& unit : units) {
        const std::optional<Amount> amount = measure.faulty(unit.counts);
        if (!amount) return {};
        if (amount->over == 0) continue;
        amounts.faulty.push_back(*amount);
        amounts.units.push_back(unit);
    }
    return amounts;
}

/// Returns the value without faults of some trials; exact where it is a share of images.
std::optional<double> cleanValue(const Measure& measure, const TrialCounts& counts) {
    const auto clean = measure.clean != nullptr ? measure.clean(counts) : std::nullopt;
    if (!clean || clean->over == 0) return std::nullopt;
    if (clean->fraction != 0) return static_cast<double>(clean->mean());
    return static_cast<double>(clean->sum) / static_cast<double>(clean->over);
}

/// Returns how far faults moved a unit: what they harmed, where the measure counts that, and else
/// the distance from the value without faults.
double harmTo(const Measure& measure, const Unit& unit, const Amount& faulty) {
    const auto harm = measure.harm != nullptr ? measure.harm(unit.counts) : std::nullopt;
    if (harm && harm->over > 0) return static_cast<double>(harm->mean());
    const auto clean = measure.clean != nullptr ? measure.clean(unit.counts) : std::nullopt;
    if (!clean || clean->over == 0) return 0;
    return static_cast<double>(std::fabs(faulty.mean() - clean->mean()));
}

HarmScale scaleOf(const Measure& measure, const Amounts& amounts, bool canFail) {
    HarmScale scale;
    scale.side = measure.higherIsBetter ? HarmSide::kDown : HarmSide::kUp;
    const auto n = static_cast<double>(amounts.units.size());
    TrialCounts sum;
    for (std::size_t i = 0; i < amounts.units.size(); ++i) {
        scale.harm += harmTo(measure, amounts.units[i], amounts.faulty[i]) / n;
        sum += amounts.units[i].counts;
    }
    if (!canFail || sum.images == 0) return scale;
    const double size = measure.lossIsRelative ? cleanValue(measure, sum).value_or(0) : 1;
    scale.grain = size * n / static_cast<double>(sum.images);
    return scale;
}

double medianOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Adds what stands beside the mean: the median, the worst unit, and the share of dead ones.
void describeUnits(const Measure& measure, const Amounts& amounts, MeasuredValue& value) {
    std::vector<double> values;
    for (const Amount& amount : amounts.faulty) {
        values.push_back(static_cast<double>(amount.mean()));
    }
    value.median = medianOf(values);
    const auto worst = measure.higherIsBetter ? std::min_element(values.begin(), values.end())
                                              : std::max_element(values.begin(), values.end());
    value.worst =
        WorstUnit{amounts.units[static_cast<std::size_t>(worst - values.begin())].number, *worst};
    if (!measure.worthless || !value.clean) return;
    const double halfWay = (*value.clean + *measure.worthless) / 2;
    const auto dead = std::count_if(values.begin(), values.end(), [&](double one) {
        return measure.higherIsBetter ? one < halfWay : one > halfWay;
    });
    value.dead = static_cast<double>(dead) / static_cast<double>(values.size());
}

}  // namespace

MeasuredValue measuredValue(const Measure& measure, Span<const Unit> units, bool canFail) {
    MeasuredValue value;
    TrialCounts sum;
    for (const Unit& unit : units) sum += unit.counts;
    value.clean = cleanValue(measure, sum);
    const Amounts amounts = amountsOf(measure, units);
    value.units = amounts.units.size();
    if (amounts.units.empty()) return value;
    const HarmScale scale = scaleOf(measure, amounts, canFail);
    value.faulty = meanOf(amounts.faulty, scale, measure.possible);
    value.fewDominate = fewDominate(value.faulty->std.value_or(0), value.units, scale);
    describeUnits(measure, amounts, value);
    return value;
}

MeasuredValue measuredDifference(const Measure& measure, Span<const Unit> a, Span<const Unit> b,
                                 bool canFail) {
    Amounts pairs[2];
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto amountA = measure.faulty(a[i].counts);
        const auto amountB = measure.faulty(b[i].counts);
        if (!amountA || !amountB) return {};
        if (amountA->over == 0 || amountB->over == 0) continue;
        pairs[0].faulty.push_back(*amountA);
        pairs[1].faulty.push_back(*amountB);
        pairs[0].units.push_back(a[i]);
        pairs[1].units.push_back(b[i]);
    }
    MeasuredValue value;
    value.units = pairs[0].units.size();
    if (value.units == 0) return value;
    const HarmScale scaleA = scaleOf(measure, pairs[0], canFail);
    const HarmScale scaleB = scaleOf(measure, pairs[1], canFail);
    const HarmScale scale{scaleA.harm + scaleB.harm, std::max(scaleA.grain, scaleB.grain),
                          HarmSide::kEither};
    value.faulty =
        meanPairedDifference(pairs[0].faulty, pairs[1].faulty, scale, measure.possibleDifference());
    value.fewDominate = fewDominate(value.faulty->std.value_or(0), value.units, scale);
    return value;
}

}  // namespace brownout
