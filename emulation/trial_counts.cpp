#include "emulation/trial_counts.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::size_t bytesOfCounters() {
    std::size_t bytes = 0;
    for (const Counter& counter : kCounters) {
        bytes +=
            counter.mayBeAbsent() ? sizeof(std::optional<std::uint64_t>) : sizeof(std::uint64_t);
    }
    return bytes;
}
static_assert(sizeof(TrialCounts) == bytesOfCounters(), "a member of TrialCounts has no counter");

/// Tells whether no set of images can have these counts without faults, with faults and with
/// either.
bool contradict(const std::optional<std::uint64_t>& clean,
                const std::optional<std::uint64_t>& perturbed,
                const std::optional<std::uint64_t>& either) {
    if (!clean || !perturbed || !either) return false;
    return *either < std::max(*clean, *perturbed) || *either > *clean + *perturbed;
}

}  // namespace

std::optional<std::uint64_t> Counter::of(const TrialCounts& counts) const {
    if (maybe_ != nullptr) return counts.*maybe_;
    return counts.*always_;
}

void Counter::set(TrialCounts& counts, std::optional<std::uint64_t> value) const {
    if (maybe_ != nullptr) {
        counts.*maybe_ = value;
        return;
    }
    if (!value) throw Error("counts of a trial", std::string("lack ") + name_);
    counts.*always_ = *value;
}

std::optional<std::uint64_t> Counter::limitOf(const TrialCounts& counts) const {
    if (limit_ == nullptr) return std::nullopt;
    return counts.*limit_;
}

bool operator==(const TrialCounts& a, const TrialCounts& b) {
    return std::all_of(kCounters.begin(), kCounters.end(),
                       [&](const Counter& counter) { return counter.of(a) == counter.of(b); });
}

TrialCounts& operator+=(TrialCounts& sum, const TrialCounts& more) {
    if (sum.images == 0) return sum = more;
    for (const Counter& counter : kCounters) {
        const auto a = counter.of(sum);
        const auto b = counter.of(more);
        counter.set(sum, a && b ? std::optional(*a + *b) : std::nullopt);
    }
    return sum;
}

std::optional<double> measuredSupplyV(const TrialCounts& counts) {
    if (counts.supplyReadings.value_or(0) == 0 || !counts.supplyMicrovolts) return std::nullopt;
    return static_cast<double>(*counts.supplyMicrovolts) /
           static_cast<double>(*counts.supplyReadings) / 1e6;
}

std::string describe(const TrialKey& key) {
    return "the trial (network " + std::to_string(key.network) + ", point " +
           std::to_string(key.point) + ", chip " + std::to_string(key.chip) + ", offset " +
           std::to_string(key.offset) + ")";
}

std::optional<std::string> problemWith(const TrialCounts& counts) {
    for (const Counter& counter : kCounters) {
        const auto count = counter.of(counts);
        const auto limit = counter.limitOf(counts);
        if (count && limit && *count > *limit) {
            return std::string("counts ") + counter.name() + " " + std::to_string(*count) +
                   "; expected at most " + std::to_string(*limit);
        }
        if (count.value_or(0) >> 63 != 0) {
            return std::string("counts ") + counter.name() + " 2^63 or more";
        }
    }
    if (contradict(counts.wrongClean, counts.wrongPerturbed, counts.wrongEither) ||
        contradict(counts.wrongCleanTop, counts.wrongPerturbedTop, counts.wrongEitherTop)) {
        return "has counts of wrong images that contradict each other";
    }
    for (const auto& fraction :
         {counts.squaredErrorCleanFraction, counts.squaredErrorFraction,
          counts.wrongEstimateFraction, counts.wrongEitherEstimateFraction}) {
        if (fraction.value_or(0) >> 40 != 0) return "has a fraction above 1";
    }
    if (std::max(counts.aucOrderedClean, counts.aucOrdered) > counts.aucPairs) {
        return "has more ordered pairs than pairs";
    }
    if (counts.wordsCorrected + counts.wordsDetected + counts.wordsMiscorrected +
            counts.wordsSilent >
        counts.wordsRead) {
        return "has more words with errors than words read";
    }
    return std::nullopt;
}

std::optional<std::string> problemWith(const StratumCounts& strata, const TrialCounts& counts) {
    if (strata.empty() != !counts.imagesInAll)
        return "has estimates without strata, or the reverse";
    if (strata.empty()) return std::nullopt;
    std::uint64_t images = 0;
    std::uint64_t drawn = 0;
    std::uint64_t wrong = 0;
    for (const StratumCount& count : strata) {
        if (count.wrong > count.drawn || count.drawn > count.images) {
            return "has a stratum with more wrong images than drawn, or more drawn than there are";
        }
        images += count.images;
        drawn += count.drawn;
        wrong += count.wrong;
    }
    if (images != counts.imagesInAll || drawn != counts.images || wrong != counts.wrongPerturbed) {
        return "has strata that don't add up to its counts";
    }
    return std::nullopt;
}

}  // namespace brownout
