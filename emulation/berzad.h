#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/span.h"
#include "emulation/campaign_spec.h"
#include "emulation/trial_counts.h"

namespace brownout {

// BERZAD, the bit error rate with zero accuracy drop (Sabbagh et al., ICESSE 2019), by two rules:
//
// *BERZAD*, the published one: the largest rate at which accuracy doesn't drop, at 95 % confidence.
// By the protocol dft2021 a rate passes while the mean accuracy over 20 fault maps lies within the
// 95 % interval (Clopper and Pearson) that the accuracy without faults has over the images of a
// map, or above it: Burel et al. don't write their test down, but choose the images of a map by how
// far the accuracy without faults varies over them. Elsewhere a rate passes while the two-sided
// 95 % interval (Student) of the mean paired drop over fault maps reaches 0. That a test doesn't
// reject is no proof: the fewer maps and images, the larger the figure.
//
// *BERZAD_d*: the largest rate such that at it and at every tested rate below, the mean drop is
// shown to be below d with 95 % confidence, whatever the distribution over maps (mean_bound.h).
//
// Both go upwards and stop at the first rate that fails. Drops are paired: accuracy of a map's
// images without faults minus with them.

/// Decision about one rate.
struct RateDecision {
    std::uint32_t point = 0;       ///< index into the campaign's points
    std::uint32_t maps = 0;        ///< fault maps (chips) that it rests on
    double drop = 0;               ///< mean paired drop of accuracy, a share
    std::optional<Interval> ci95;  ///< Student's interval of the mean drop; absent for one map
    /// Mean drop up to which the accuracy is within the interval of that without faults; absent
    /// but by the protocol dft2021.
    std::optional<double> cleanMargin;
    double upperBound = 1;     ///< bound that the mean drop is below with 95 % confidence
    bool noDrop = false;       ///< passes for BERZAD
    bool dropIsSmall = false;  ///< passes for BERZAD_d
    double deadShare = 0;      ///< share of maps that lost more than half of their accuracy
};

/// The figures of one network, or of a part of one, and what they rest on.
struct Berzad {
    std::uint32_t network = 0;      ///< index into the campaign's networks
    std::optional<double> berzad;   ///< absent where the lowest rate fails
    std::optional<double> berzadD;  ///< absent where the lowest rate fails
    bool berzadIsLast = false;      ///< no tested rate failed: the figure may be larger
    bool berzadDIsLast = false;     ///< the same for BERZAD_d
    bool finished = false;          ///< no further trial follows
    std::uint64_t trials = 0;
    std::uint64_t faultlessTrials = 0;    ///< trials in which every cell read right
    std::uint64_t imageInferences = 0;    ///< images of all other trials
    std::vector<RateDecision> decisions;  ///< by rising rate
};

/// Trials that a search asks for next: those of chips [firstChip, endChip) at a point.
struct SearchRound {
    std::uint32_t point = 0;
    std::uint32_t firstChip = 0;
    std::uint32_t endChip = 0;
};

/// The state of the search of one network.
struct SearchState {
    Berzad result;
    std::optional<SearchRound> next;  ///< absent where it is finished
};

/// Returns the state of the search of `network` from its finished trials, ascending by key. A
/// function of the trials of complete rounds. The protocol "brownout" leaves out rates at which
/// less than one of the cells that may fail is expected to.
SearchState searchState(const CampaignSpec& campaign, std::uint32_t network,
                        Span<const TrialResult> trials);

/// Returns the figures of every network of a campaign with a search, from its trials in any order.
/// Throws Error unless its task counts wrong images.
std::vector<Berzad> berzadsOf(const CampaignSpec& campaign, std::vector<TrialResult> trials);

/// Returns the most maps that a protocol takes at a rate: 20 of "dft2021", 1,000 of "brownout",
/// which stops before where the decision is clear.
std::uint32_t usualMaps(const std::string& protocol);

/// Returns the rates of a search by `protocol`, ascending, for networks of which the one with most
/// cells that may fail has `cells`: "dft2021" 1e-9 to 9e-1 in steps of 1, "brownout" from the
/// first of 1, 2, 5, 10, ... that expects a fault to 0.5. Throws UsageError for another protocol.
std::vector<double> searchRates(const std::string& protocol, std::uint64_t cells);

}  // namespace brownout
