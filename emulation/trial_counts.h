#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace brownout {

/// The key of one trial of a campaign: indices into its networks and points, the number of the
/// chip, and the index into its layout offsets.
struct TrialKey {
    std::uint32_t network = 0;
    std::uint32_t point = 0;
    std::uint32_t chip = 0;
    std::uint32_t offset = 0;
};

/// Results of one trial. They are integers only, so that merging trials is exact in any order.
/// Counts that a trial can't know, or wasn't asked for, are absent, not zero.
struct TrialCounts {
    std::uint64_t images = 0;
    // Images that a classifier gets wrong without faults, with faults, and with or without (robust
    // error).
    std::optional<std::uint64_t> wrongClean = {};
    std::optional<std::uint64_t> wrongPerturbed = {};
    std::optional<std::uint64_t> wrongEither = {};
    std::uint64_t bitsRead = 0;  ///< cells of the network that were read, check bits included
    std::optional<std::uint64_t> bitsWrong = 0;     ///< cells among those read that read wrong
    std::optional<std::uint64_t> failingCells = 0;  ///< cells among those read that can fail here
    std::uint64_t wordsRead = 0;
    std::uint64_t wordsCorrected = 0;     ///< words that the protection corrected, rightly
    std::uint64_t wordsDetected = 0;      ///< words with an error seen that can't be corrected
    std::uint64_t wordsMiscorrected = 0;  ///< words "corrected" to other data than were written
    std::uint64_t wordsSilent = 0;  ///< wrong words that the protection, if any, took for right
    // Images whose class is not among the top of the campaign (5, say), where it is to count them.
    std::optional<std::uint64_t> wrongCleanTop = {};
    std::optional<std::uint64_t> wrongPerturbedTop = {};
    std::optional<std::uint64_t> wrongEitherTop = {};
    // Images whose outputs or scores are not finite, where a task takes means of them.
    std::optional<std::uint64_t> notFiniteClean = {};
    std::optional<std::uint64_t> notFinite = {};
    // Sums of the squared errors of all other images, each the mean over its outputs: whole part,
    // and the rest in units of 2^-40.
    std::optional<std::uint64_t> squaredErrorClean = {};
    std::optional<std::uint64_t> squaredErrorCleanFraction = {};
    std::optional<std::uint64_t> squaredError = {};
    std::optional<std::uint64_t> squaredErrorFraction = {};
    // Twice the number of pairs of an anomaly and a normal image, and how much of that is in order:
    // 2 a pair, 1 where both have one score.
    std::optional<std::uint64_t> aucPairs = {};
    std::optional<std::uint64_t> aucOrderedClean = {};
    std::optional<std::uint64_t> aucOrdered = {};
    // Where a trial took some of the campaign's images only (strata.h): all images, those of them
    // that are wrong without faults, and estimates of how many of all are wrong with faults, and
    // with or without; whole part, and the rest in units of 2^-40.
    std::optional<std::uint64_t> imagesInAll = {};
    std::optional<std::uint64_t> wrongCleanInAll = {};
    std::optional<std::uint64_t> wrongEstimate = {};
    std::optional<std::uint64_t> wrongEstimateFraction = {};
    std::optional<std::uint64_t> wrongEitherEstimate = {};
    std::optional<std::uint64_t> wrongEitherEstimateFraction = {};
    // Activations that lay in a memory, over all images: cells that were read, check bits included,
    // those among them that can fail and those that read wrong, and words. Absent where activations
    // aren't stored, or don't fail.
    std::optional<std::uint64_t> activationBitsRead = {};
    std::optional<std::uint64_t> activationBitsWrong = {};
    std::optional<std::uint64_t> activationFailingCells = {};
    std::optional<std::uint64_t> activationWordsCorrected = {};
    std::optional<std::uint64_t> activationWordsDetected = {};
    std::optional<std::uint64_t> activationWordsSilent = {};
    // The same of partial sums, each as often as it was written and read.
    std::optional<std::uint64_t> sumBitsRead = {};
    std::optional<std::uint64_t> sumBitsWrong = {};
    std::optional<std::uint64_t> sumFailingCells = {};
    std::optional<std::uint64_t> sumWordsCorrected = {};
    std::optional<std::uint64_t> sumWordsDetected = {};
    std::optional<std::uint64_t> sumWordsSilent = {};
    // Sum of the supplies that were measured while words were read, µV, and how many they are; for
    // memories with a real supply.
    std::optional<std::uint64_t> supplyMicrovolts = {};
    std::optional<std::uint64_t> supplyReadings = {};
};

/// Images of one stratum (strata.h): all, those that a trial took, and those of them that were
/// wrong with faults.
struct StratumCount {
    std::uint32_t images = 0;
    std::uint32_t drawn = 0;
    std::uint32_t wrong = 0;
};

/// The counts of all strata of a trial; none where the trial took all images.
using StratumCounts = std::vector<StratumCount>;

/// One finished trial.
struct TrialResult {
    TrialKey key;
    TrialCounts counts;
    StratumCounts strata = {};
};

/// One member of TrialCounts and its name in every file: a column of trials.csv and of the results
/// store, a key of trials.json.
class Counter {
 public:
    using Always = std::uint64_t TrialCounts::*;
    using Maybe = std::optional<std::uint64_t> TrialCounts::*;

    /// Describes a count that every trial has. It is never larger than the count `limit`, if given.
    constexpr Counter(const char* name, Always member, Always limit = nullptr)
        : name_(name), always_(member), limit_(limit) {}

    /// Describes a count that may be absent.
    constexpr Counter(const char* name, Maybe member, Always limit = nullptr)
        : name_(name), maybe_(member), limit_(limit) {}

    constexpr const char* name() const { return name_; }
    constexpr bool mayBeAbsent() const { return maybe_ != nullptr; }

    /// Returns the count, or nothing where it is absent.
    std::optional<std::uint64_t> of(const TrialCounts& counts) const;

    /// Sets the count. Throws Error if it would make a count absent that every trial has.
    void set(TrialCounts& counts, std::optional<std::uint64_t> value) const;

    /// Returns the count that this one can't exceed, or nothing if there is none.
    std::optional<std::uint64_t> limitOf(const TrialCounts& counts) const;

 private:
    const char* name_;
    Always always_ = nullptr;
    Maybe maybe_ = nullptr;
    Always limit_;
};

/// All counters, in the order of files. A new counter needs its member above and its line here, at
/// the end, and may be absent: stores and files of older campaigns lack it.
inline constexpr std::array<Counter, 44> kCounters = {{
    {"images", &TrialCounts::images},
    {"wrong_clean", &TrialCounts::wrongClean, &TrialCounts::images},
    {"wrong_perturbed", &TrialCounts::wrongPerturbed, &TrialCounts::images},
    {"wrong_either", &TrialCounts::wrongEither, &TrialCounts::images},
    {"bits_read", &TrialCounts::bitsRead},
    {"bits_wrong", &TrialCounts::bitsWrong, &TrialCounts::bitsRead},
    {"failing_cells", &TrialCounts::failingCells},
    {"words_read", &TrialCounts::wordsRead},
    {"words_corrected", &TrialCounts::wordsCorrected, &TrialCounts::wordsRead},
    {"words_detected", &TrialCounts::wordsDetected, &TrialCounts::wordsRead},
    {"words_miscorrected", &TrialCounts::wordsMiscorrected, &TrialCounts::wordsRead},
    {"words_silent", &TrialCounts::wordsSilent, &TrialCounts::wordsRead},
    {"wrong_clean_top", &TrialCounts::wrongCleanTop, &TrialCounts::images},
    {"wrong_perturbed_top", &TrialCounts::wrongPerturbedTop, &TrialCounts::images},
    {"wrong_either_top", &TrialCounts::wrongEitherTop, &TrialCounts::images},
    {"not_finite_clean", &TrialCounts::notFiniteClean, &TrialCounts::images},
    {"not_finite", &TrialCounts::notFinite, &TrialCounts::images},
    {"squared_error_clean", &TrialCounts::squaredErrorClean},
    {"squared_error_clean_fraction", &TrialCounts::squaredErrorCleanFraction},
    {"squared_error", &TrialCounts::squaredError},
    {"squared_error_fraction", &TrialCounts::squaredErrorFraction},
    {"auc_pairs", &TrialCounts::aucPairs},
    {"auc_ordered_clean", &TrialCounts::aucOrderedClean},
    {"auc_ordered", &TrialCounts::aucOrdered},
    {"images_in_all", &TrialCounts::imagesInAll},
    {"wrong_clean_in_all", &TrialCounts::wrongCleanInAll},
    {"wrong_estimate", &TrialCounts::wrongEstimate},
    {"wrong_estimate_fraction", &TrialCounts::wrongEstimateFraction},
    {"wrong_either_estimate", &TrialCounts::wrongEitherEstimate},
    {"wrong_either_estimate_fraction", &TrialCounts::wrongEitherEstimateFraction},
    {"activation_bits_read", &TrialCounts::activationBitsRead},
    {"activation_bits_wrong", &TrialCounts::activationBitsWrong},
    {"activation_failing_cells", &TrialCounts::activationFailingCells},
    {"activation_words_corrected", &TrialCounts::activationWordsCorrected},
    {"activation_words_detected", &TrialCounts::activationWordsDetected},
    {"activation_words_silent", &TrialCounts::activationWordsSilent},
    {"supply_microvolts", &TrialCounts::supplyMicrovolts},
    {"supply_readings", &TrialCounts::supplyReadings},
    {"sum_bits_read", &TrialCounts::sumBitsRead},
    {"sum_bits_wrong", &TrialCounts::sumBitsWrong},
    {"sum_failing_cells", &TrialCounts::sumFailingCells},
    {"sum_words_corrected", &TrialCounts::sumWordsCorrected},
    {"sum_words_detected", &TrialCounts::sumWordsDetected},
    {"sum_words_silent", &TrialCounts::sumWordsSilent},
}};

/// The counters of one kind of values that lie in a memory, see TrialCounts.
struct ValueCounters {
    Counter::Maybe bitsRead, bitsWrong, failingCells;
    Counter::Maybe wordsCorrected, wordsDetected, wordsSilent;
};
inline constexpr ValueCounters kActivationCounters = {
    &TrialCounts::activationBitsRead,      &TrialCounts::activationBitsWrong,
    &TrialCounts::activationFailingCells,  &TrialCounts::activationWordsCorrected,
    &TrialCounts::activationWordsDetected, &TrialCounts::activationWordsSilent};
inline constexpr ValueCounters kSumCounters = {
    &TrialCounts::sumBitsRead,       &TrialCounts::sumBitsWrong,     &TrialCounts::sumFailingCells,
    &TrialCounts::sumWordsCorrected, &TrialCounts::sumWordsDetected, &TrialCounts::sumWordsSilent};

/// Returns the members in their order, for comparisons.
inline auto fields(const TrialKey& k) { return std::tie(k.network, k.point, k.chip, k.offset); }

inline bool operator==(const TrialKey& a, const TrialKey& b) { return fields(a) == fields(b); }
inline bool operator!=(const TrialKey& a, const TrialKey& b) { return fields(a) != fields(b); }
inline bool operator<(const TrialKey& a, const TrialKey& b) { return fields(a) < fields(b); }
bool operator==(const TrialCounts& a, const TrialCounts& b);
inline bool operator!=(const TrialCounts& a, const TrialCounts& b) { return !(a == b); }
inline bool operator==(const StratumCount& a, const StratumCount& b) {
    return a.images == b.images && a.drawn == b.drawn && a.wrong == b.wrong;
}
inline bool operator==(const TrialResult& a, const TrialResult& b) {
    return a.key == b.key && a.counts == b.counts && a.strata == b.strata;
}

/// Adds the counts of `more` to `sum`. A count that either lacks is absent from the sum, unless
/// `sum` is of no images yet: it then becomes `more`.
TrialCounts& operator+=(TrialCounts& sum, const TrialCounts& more);

/// Returns the mean of the supplies that were measured, V; absent where none was.
std::optional<double> measuredSupplyV(const TrialCounts& counts);

/// Returns "the trial (network 0, point 3, chip 1, offset 0)".
std::string describe(const TrialKey& key);

/// Returns what is impossible about the counts of a trial ("has more wrong images than images"), or
/// nothing.
std::optional<std::string> problemWith(const TrialCounts& counts);

/// Returns what is impossible about the strata of a trial beside its counts, or nothing.
std::optional<std::string> problemWith(const StratumCounts& strata, const TrialCounts& counts);

}  // namespace brownout
