#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emulation/berzad.h"
#include "emulation/campaign_spec.h"
#include "emulation/measure.h"
#include "emulation/measured_value.h"
#include "emulation/statistics.h"
#include "emulation/trial_counts.h"

namespace brownout {

/// The thing that the statistics count as one observation: a chip, its error being the mean over
/// its layout offsets; or the offset, where a campaign has a single chip and several offsets.
enum class Replication { kChip, kOffset };

/// Returns "chip" or "offset".
const char* toString(Replication replication);

/// How precise a row of an adaptive campaign is, after its last complete round.
struct RowPrecision {
    std::optional<double> target;       ///< half-width of the 95 % interval that was asked
    std::optional<double> halfWidth;    ///< half-width that there is
    bool finished = false;              ///< no further round follows
    bool reached = false;               ///< it is as narrow as asked
    std::uint64_t imageInferences = 0;  ///< inferences that this took
    std::uint64_t exactInferences = 0;  ///< inferences with all images of each chip, see PointState
};

/// One network at one point.
struct SummaryRow {
    std::uint32_t network = 0;            ///< index into the campaign's networks
    std::uint32_t point = 0;              ///< index into the campaign's points
    std::uint64_t trials = 0;             ///< finished trials; 0 leaves every result below absent
    std::uint64_t chips = 0;              ///< chips with a finished trial
    std::uint64_t units = 0;              ///< units of replication: n of the estimates
    TrialCounts sum;                      ///< counts of all finished trials
    std::optional<double> berObserved;    ///< wrong bits / bits read, in all trials
    std::optional<double> activationBer;  ///< the same of activations; absent where none fail
    std::optional<double> sumBer;         ///< the same of partial sums
    std::vector<MeasuredValue> values;    ///< values of Summary::measures
    /// Energy of the reads and writes of one inference, J. A word with check bits costs as many
    /// times the energy of one without as it has times its cells.
    std::optional<double> energyPerInferenceJ;
    /// Read energy of a word, check bits included, as a share of that of one without check bits at
    /// the reference supply (Vmin): protection shows its price.
    std::optional<double> energyRelative;

    std::optional<RowPrecision> precision;  ///< of adaptive campaigns

    /// Returns the value of the task's first measure: for classifiers, the error.
    const MeasuredValue& main() const { return values.front(); }
};

/// Network `a` against network `b` on the same chips at the same point, by the task's first
/// measure.
struct Comparison {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t point = 0;
    std::uint64_t units = 0;
    Estimate difference;       ///< difference with faults, a - b, paired by unit
    bool fewDominate = false;  ///< a few units decide it, see fewDominate()

    /// Tells whether the interval excludes zero.
    bool decided() const {
        return difference.ci95 && (difference.ci95->low > 0 || difference.ci95->high < 0);
    }
};

/// The results of a campaign, finished or not.
struct Summary {
    CampaignSpec campaign;
    std::vector<Measure> measures;  ///< measures of the campaign's task
    Replication replication = Replication::kChip;
    std::uint64_t trials = 0;      ///< finished trials
    bool finished = false;         ///< every trial that belongs to the campaign is finished
    std::vector<SummaryRow> rows;  ///< network by network, each in the order of the points
    std::vector<Comparison>
        comparisons;  ///< pairs of networks (a < b), each in order of the points; none of a search
    std::vector<Berzad> berzads;  ///< by network; none unless the campaign wants them

    const SummaryRow& row(std::uint32_t network, std::uint32_t point) const;
    /// Tells whether a row is to be shown: a search leaves most of its grid out.
    bool isShown(const SummaryRow& row) const { return row.trials > 0 || !isSearched(campaign); }
    bool complete() const { return finished; }
};

/// Computes the statistics of the trials, whose order doesn't matter. Throws Error if a trial is
/// outside the campaign or appears twice.
Summary summarize(const CampaignSpec& campaign, std::vector<TrialResult> trials);

}  // namespace brownout
