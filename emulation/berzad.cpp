#include "emulation/berzad.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "emulation/mean_bound.h"
#include "emulation/statistics.h"
#include "emulation/tolerable_point.h"
#include "profiles/statistics/binomial_interval.h"

namespace brownout {
namespace {

constexpr std::uint32_t kRoundChips = 20;

using Trials = Span<const TrialResult>;

std::uint64_t cellsOf(const NetworkSpec& network) {
    return network.selection ? network.selection->cells : network.storedBits;
}

/// How many images of a trial are right, by the top classes where the campaign counts those.
struct RightImages {
    double images = 0, clean = 0, faulty = 0;

    /// Drop of accuracy, a share of the images.
    double drop() const { return (clean - faulty) / images; }
    /// Tells whether more than half of the accuracy without faults is lost.
    bool isDead() const { return clean - faulty > clean / 2; }
};

RightImages rightImages(const TrialCounts& counts) {
    const auto& clean = counts.wrongCleanTop ? counts.wrongCleanTop : counts.wrongClean;
    const auto& faulty =
        counts.wrongPerturbedTop ? counts.wrongPerturbedTop : counts.wrongPerturbed;
    if (!clean || !faulty || counts.images == 0) {
        throw Error("berzad", "needs a task that counts wrong images");
    }
    return {static_cast<double>(counts.images), static_cast<double>(counts.images - *clean),
            static_cast<double>(counts.images - *faulty)};
}

/// Returns the trials of a point, as many as there are of consecutive chips from the first.
Trials trialsAt(Trials trials, std::uint32_t point) {
    const auto begin = std::find_if(trials.begin(), trials.end(),
                                    [&](const TrialResult& t) { return t.key.point == point; });
    auto end = begin;
    while (end != trials.end() && end->key.point == point &&
           end->key.chip == static_cast<std::uint32_t>(end - begin)) {
        ++end;
    }
    return Trials(begin, static_cast<std::size_t>(end - begin));
}

std::vector<double> dropsOf(Trials trials) {
    std::vector<double> drops;
    for (const TrialResult& trial : trials) drops.push_back(rightImages(trial.counts).drop());
    return drops;
}

/// Returns how far below the accuracy without faults its own 95 % interval reaches, over as many
/// images as a map has.
double cleanMarginOf(Trials trials) {
    double images = 0, clean = 0;
    for (const TrialResult& trial : trials) {
        const RightImages right = rightImages(trial.counts);
        images += right.images;
        clean += right.clean;
    }
    const auto maps = static_cast<double>(trials.size());
    return clean / images - binomialInterval(clean / maps, images / maps).low;
}

/// Returns the decision about a rate from trials of which there is at least one.
RateDecision decide(const BerzadSearch& search, std::uint32_t point, Trials trials) {
    const double allowed = search.drop;
    const std::vector<double> drops = dropsOf(trials);
    RateDecision decision;
    decision.point = point;
    decision.maps = static_cast<std::uint32_t>(drops.size());
    const auto n = static_cast<double>(drops.size());
    for (const double drop : drops) decision.drop += drop / n;
    decision.noDrop = decision.drop <= 0;
    if (drops.size() > 1) {
        double squares = 0;
        for (const double drop : drops) squares += std::pow(drop - decision.drop, 2);
        const double variance = squares / (n - 1);
        const double half = studentT(0.975, drops.size() - 1) * std::sqrt(variance / n);
        decision.ci95 = Interval{decision.drop - half, decision.drop + half};
        decision.noDrop = decision.ci95->low <= 0;
    }
    if (search.protocol == "dft2021") {
        decision.cleanMargin = cleanMarginOf(trials);
        decision.noDrop = decision.drop <= *decision.cleanMargin;
    }
    decision.upperBound = upperBoundOf(drops);
    decision.dropIsSmall = shownBelow(drops, allowed).has_value();
    for (const TrialResult& trial : trials) {
        decision.deadShare += rightImages(trial.counts).isDead() ? 1 / n : 0;
    }
    return decision;
}

/// The decision about a point or, before it, the trials that are to come.
struct PointProgress {
    std::optional<RateDecision> decision;
    std::optional<SearchRound> next;
};

/// Returns how far a point is whose chips are all run.
PointProgress wholePoint(const CampaignSpec& campaign, std::uint32_t point, Trials trials) {
    if (trials.size() < campaign.chips) {
        return {{}, SearchRound{point, static_cast<std::uint32_t>(trials.size()), campaign.chips}};
    }
    return {decide(*campaign.search, point, trials), {}};
}

/// Returns how far a point is that takes chips until it is shown that the drop is small, that it is
/// not, or that the chips left cannot show it.
PointProgress growingPoint(const CampaignSpec& campaign, std::uint32_t point, Trials trials) {
    const double allowed = campaign.search->drop;
    const auto there = static_cast<std::uint32_t>(trials.size());
    const std::uint32_t chips = there == campaign.chips ? there : there / kRoundChips * kRoundChips;
    const Trials complete = trials.first(chips);
    const std::vector<double> drops = dropsOf(complete);
    const bool ends = chips == campaign.chips || shownBelow(drops, allowed) ||
                      shownAbove(drops, allowed) ||
                      !couldShowBelow(drops, allowed, campaign.chips - chips);
    if (ends) return {decide(*campaign.search, point, complete), {}};
    const std::uint32_t end = std::min(chips + kRoundChips, campaign.chips);
    return {{}, SearchRound{point, chips, end}};
}

bool isPowerOfTen(double rate) {
    const double digits = std::log10(rate);
    return std::abs(digits - std::round(digits)) < 1e-9;
}

/// Sorts the decisions by rate and fills in the two figures.
void fillIn(const CampaignSpec& campaign, Berzad& result) {
    std::sort(result.decisions.begin(), result.decisions.end(),
              [&](const RateDecision& a, const RateDecision& b) {
                  return *campaign.points[a.point].ber < *campaign.points[b.point].ber;
              });
    bool going = true, goingD = true;
    for (const RateDecision& decision : result.decisions) {
        const double rate = *campaign.points[decision.point].ber;
        going = going && decision.noDrop;
        goingD = goingD && decision.dropIsSmall;
        if (going) result.berzad = rate;
        if (goingD) result.berzadD = rate;
    }
    result.berzadIsLast = going && !result.decisions.empty();
    result.berzadDIsLast = goingD && !result.decisions.empty();
}

/// Goes upwards until the drop isn't small; the rates below one expected fault are left out.
void goUp(const CampaignSpec& campaign, Trials trials, const std::vector<std::uint32_t>& points,
          double lowest, SearchState& state) {
    for (const std::uint32_t point : points) {
        if (*campaign.points[point].ber < lowest) continue;
        const PointProgress progress = growingPoint(campaign, point, trialsAt(trials, point));
        state.next = progress.next;
        if (state.next) return;
        state.result.decisions.push_back(*progress.decision);
        if (!progress.decision->dropIsSmall) return;
    }
}

/// Goes up by powers of ten until accuracy drops, then upwards through the rates between the last
/// two.
void goUpByTens(const CampaignSpec& campaign, Trials trials,
                const std::vector<std::uint32_t>& points, SearchState& state) {
    const auto take = [&](std::uint32_t point) {
        const PointProgress progress = wholePoint(campaign, point, trialsAt(trials, point));
        state.next = progress.next;
        if (state.next) return false;
        state.result.decisions.push_back(*progress.decision);
        return progress.decision->noDrop;
    };
    std::size_t passed = 0, failed = points.size();
    for (std::size_t i = 0; i < points.size() && failed == points.size(); ++i) {
        if (!isPowerOfTen(*campaign.points[points[i]].ber)) continue;
        if (take(points[i])) {
            passed = i;
        } else if (state.next) {
            return;
        } else {
            failed = i;
        }
    }
    if (failed == 0) return;
    for (std::size_t i = passed + 1; i < failed; ++i) {
        if (!take(points[i])) return;
    }
}

void countTrials(Trials trials, Berzad& result) {
    for (const TrialResult& trial : trials) {
        ++result.trials;
        const bool faultless = trial.counts.bitsWrong.value_or(1) == 0;
        result.faultlessTrials += faultless ? 1 : 0;
        result.imageInferences += faultless ? 0 : trial.counts.images;
    }
}

}  // namespace

SearchState searchState(const CampaignSpec& campaign, std::uint32_t network,
                        Span<const TrialResult> trials) {
    const std::vector<std::uint32_t> points = pointsMildestFirst(campaign);
    SearchState state;
    state.result.network = network;
    countTrials(trials, state.result);
    if (campaign.search->protocol == "dft2021") {
        goUpByTens(campaign, trials, points, state);
    } else {
        const auto cells = static_cast<double>(cellsOf(campaign.networks[network]));
        goUp(campaign, trials, points, 1 / cells, state);
    }
    state.result.finished = !state.next;
    fillIn(campaign, state.result);
    return state;
}

std::vector<Berzad> berzadsOf(const CampaignSpec& campaign, std::vector<TrialResult> trials) {
    std::sort(trials.begin(), trials.end(),
              [](const TrialResult& a, const TrialResult& b) { return a.key < b.key; });
    std::vector<Berzad> all;
    auto begin = trials.begin();
    for (std::uint32_t network = 0; network < campaign.networks.size(); ++network) {
        const auto end = std::find_if(begin, trials.end(), [&](const TrialResult& trial) {
            return trial.key.network != network;
        });
        const Trials own(trials.data() + (begin - trials.begin()),
                         static_cast<std::size_t>(end - begin));
        begin = end;
        if (isSearched(campaign)) {
            all.push_back(searchState(campaign, network, own).result);
            continue;
        }
        Berzad result;
        result.network = network;
        countTrials(own, result);
        result.finished = true;
        for (const std::uint32_t point : pointsMildestFirst(campaign)) {
            const Trials there = trialsAt(own, point);
            result.finished = result.finished && there.size() == campaign.chips;
            if (there.size() < campaign.chips) break;
            result.decisions.push_back(decide(*campaign.search, point, there));
        }
        fillIn(campaign, result);
        all.push_back(std::move(result));
    }
    return all;
}

std::uint32_t usualMaps(const std::string& protocol) { return protocol == "dft2021" ? 20 : 1000; }

std::vector<double> searchRates(const std::string& protocol, std::uint64_t cells) {
    std::vector<double> rates;
    const auto add = [&](int digit, int exponent) {
        // The rate is read from text, so that it is the number that "5e-8" on a command line is.
        rates.push_back(std::stod(std::to_string(digit) + "e" + std::to_string(exponent)));
    };
    if (protocol == "dft2021") {
        for (int exponent = -9; exponent < 0; ++exponent) {
            for (int digit = 1; digit < 10; ++digit) add(digit, exponent);
        }
        return rates;
    }
    if (protocol != "brownout") {
        throw UsageError("protocol", "'" + protocol + "'; expected brownout or dft2021");
    }
    for (int exponent = -18; exponent < 0; ++exponent) {
        for (const int digit : {1, 2, 5}) {
            add(digit, exponent);
            if (rates.back() * static_cast<double>(cells) < 1) rates.pop_back();
        }
    }
    return rates;
}

}  // namespace brownout
