#include "emulation/optimizer/optimizer.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <set>
#include <tuple>

#include "base/error.h"
#include "emulation/campaign.h"
#include "emulation/points.h"
#include "profiles/statistics/binomial_interval.h"

namespace brownout {
namespace {

/// Chips of the first rounds of a setting.
constexpr std::uint32_t kRounds[] = {2, 8};

/// Rounding of shares of whole numbers.
constexpr double kTiny = 1e-9;

/// Returns how many of `chips` chips may fail at a yield.
std::uint32_t mayFail(double yield, std::uint32_t chips) {
    return static_cast<std::uint32_t>(std::floor((1 - yield) * chips + kTiny));
}

std::uint32_t failed(const YieldCount& yield) { return yield.chips - yield.passed; }

/// A number format under a protection.
struct Variant {
    std::shared_ptr<const NumberFormat> format;
    std::string protection;
};

void check(const OptimizeRequest& request) {
    const CampaignRequest& campaign = request.campaign;
    if (campaign.networks.size() != 1) throw UsageError("model", "expected one network");
    if (campaign.task != "top1") throw UsageError("task", "optimize goes with top1");
    if (!campaign.memory.profile) throw UsageError("profile", "is missing: the chips");
    if (request.domains.empty()) throw UsageError("domains", "expected at least one");
    if (!(request.drop > 0 && request.drop < 1)) {
        throw UsageError("accuracy-drop", "expected more than 0 and less than 100 points");
    }
    if (!(request.yield > 0 && request.yield <= 1)) {
        throw UsageError("yield", "expected more than 0 and at most 1");
    }
    std::set<std::string> taken;
    for (const OptimizedDomain& domain : request.domains) {
        for (const std::string& member : domain.members) {
            if (!taken.insert(member).second) {
                throw UsageError("domains", "'" + member + "' appears twice");
            }
        }
    }
}

/// The campaigns of an optimisation.
class Optimizer {
 public:
    Optimizer(const OptimizeRequest& request, unsigned threads,
              const std::function<void(const OptimizedSetting&)>& tell)
        : request_(request), threads_(threads), tell_(tell) {
        check(request);
        const CampaignRequest& campaign = request.campaign;
        const Profile& profile = *campaign.memory.profile;
        supplies_ = suppliesOf(profile, request.supplies, campaign.memory.temperatureC);
        std::sort(
            supplies_.begin(), supplies_.end(),
            [](const LabelledSupply& a, const LabelledSupply& b) { return a.supply > b.supply; });
        chips_ = campaign.chips.value_or(std::max(1U, profile.chipCount() - request.testChips));
        if (std::uint64_t{chips_} + request.testChips > profile.chipCount()) {
            throw UsageError("chips", std::to_string(chips_) + " to choose on and " +
                                          std::to_string(request.testChips) + " to test on; " +
                                          profile.path().string() + " has " +
                                          std::to_string(profile.chipCount()));
        }
        for (const auto& format : campaign.networks[0].formats) {
            for (const std::string& protection : campaign.memory.protections) {
                variants_.push_back({format, protection});
            }
        }
        space_.variants = variants_.size();
        space_.levels.assign(request.domains.size(), supplies_.size());
        space_.size();  // throws where there are too many
        workOutEnergies();
        findReference();
    }

    Optimized run() {
        Optimized result;
        const CheapestSetting found = cheapest(
            space_, [&](const Setting& setting) { return energy(setting); },
            [&](const Setting& setting) {
                result.tried.push_back(tryOn(setting, 0, chips_));
                if (tell_) tell_(result.tried.back());
                return result.tried.back().good;
            });
        for (const OptimizedSetting& tried : result.tried) {
            if (found.best && tried.setting == *found.best) result.best = tried;
        }
        if (found.best && !result.best) result.best = tryOn(*found.best, 0, chips_);
        if (result.best && request_.testChips > 0) {
            result.test = tryOn(*found.best, chips_, chips_ + request_.testChips, true);
        }
        result.nominal = described({0, std::vector<std::size_t>(space_.levels.size(), 0)});
        result.referenceError = reference_;
        result.settings = found.settings;
        result.trials = trials_;
        result.allTrials = found.settings * chips_;
        result.chips = chips_;
        return result;
    }

 private:
    /// The campaign of a setting.
    CampaignRequest campaignOf(const Setting& setting) const {
        CampaignRequest campaign = request_.campaign;
        const Variant& variant = variants_[setting.variant];
        campaign.networks[0].formats = {variant.format};
        campaign.memory.protections = {variant.protection};
        const VoltageUnit unit = campaign.memory.profile->device().unit;
        // Weights and memories that no domain names are at the highest supply.
        campaign.supplies = {{{supplies_[0].supply, unit}, supplies_[0].label}};
        for (std::size_t d = 0; d < setting.levels.size(); ++d) {
            const Voltage voltage{supplies_[setting.levels[d]].supply, unit};
            for (const std::string& member : request_.domains[d].members) {
                if (member == "rest") {
                    campaign.supplies = {{voltage, supplies_[setting.levels[d]].label}};
                } else {
                    campaign.fixedSupplies.push_back({member, voltage});
                }
            }
        }
        return campaign;
    }

    /// Returns the energy that the campaign of a setting states.
    double statedEnergy(const Setting& setting) const {
        CampaignRequest campaign = campaignOf(setting);
        campaign.chips = 1;
        campaign.data = campaign.data->take(1);
        const Campaign made(std::move(campaign));
        const auto joules = summarize(made.spec(), {}).rows.at(0).energyPerInferenceJ;
        if (!joules) {
            throw Error(request_.campaign.memory.profile->path().string(),
                        "gives no energy of an access; expected a profile with energies, or an "
                        "accelerator");
        }
        return *joules;
    }

    void workOutEnergies() {
        Setting setting{0, std::vector<std::size_t>(space_.levels.size(), 0)};
        for (std::size_t v = 0; v < space_.variants; ++v) {
            setting.variant = v;
            base_.push_back(statedEnergy(setting));
            saved_.emplace_back();
            for (std::size_t d = 0; d < space_.levels.size(); ++d) {
                saved_[v].emplace_back();
                for (std::size_t level = 0; level < space_.levels[d]; ++level) {
                    setting.levels[d] = level;
                    saved_[v][d].push_back(level == 0 ? 0 : base_[v] - statedEnergy(setting));
                }
                setting.levels[d] = 0;
            }
        }
    }

    double energy(const Setting& setting) const {
        double joules = base_[setting.variant];
        for (std::size_t d = 0; d < setting.levels.size(); ++d) {
            joules -= saved_[setting.variant][d][setting.levels[d]];
        }
        return joules;
    }

    /// Takes the least error without faults of all variants as that which drops are from.
    void findReference() {
        for (std::size_t v = 0; v < space_.variants; ++v) {
            const Setting highest{v, std::vector<std::size_t>(space_.levels.size(), 0)};
            CampaignRequest campaign = campaignOf(highest);
            campaign.chips = 1;
            const double clean =
                *Campaign(std::move(campaign)).run(threads_).rows.at(0).main().clean;
            reference_ = v == 0 ? clean : std::min(reference_, clean);
            ++trials_;
        }
    }

    OptimizedSetting described(const Setting& setting) const {
        OptimizedSetting result;
        result.setting = setting;
        result.format = variants_[setting.variant].format->name();
        result.protection = variants_[setting.variant].protection;
        for (const std::size_t level : setting.levels) {
            result.supplies.push_back(supplies_[level].label);
            result.voltages.push_back(
                {supplies_[level].supply, request_.campaign.memory.profile->device().unit});
        }
        result.joules = energy(setting);
        return result;
    }

    /// Runs a setting on chips [first, end), all of them if `whole`, else until it is clear that
    /// too many fail.
    OptimizedSetting tryOn(const Setting& setting, std::uint32_t first, std::uint32_t end,
                           bool whole = false) {
        OptimizedSetting result = described(setting);
        CampaignRequest request = campaignOf(setting);
        request.chips = end;
        const Campaign campaign(std::move(request));
        std::vector<TrialResult> trials;
        const std::uint32_t chips = end - first;
        for (std::uint32_t done = 0; done < chips;) {
            const std::uint32_t next = whole ? chips : endOfRound(done, chips);
            std::mutex mutex;
            campaign.run(
                threads_,
                [&](const TrialKey& key) {
                    return key.chip < first + done || key.chip >= first + next;
                },
                [&](const TrialResult& trial) {
                    const std::lock_guard<std::mutex> lock(mutex);
                    trials.push_back(trial);
                });
            done = next;
            result.yield = yieldOf(trials);
            if (!whole && failed(result.yield) > mayFail(request_.yield, chips)) break;
        }
        trials_ += trials.size();
        result.whole = trials.size() == chips;
        const Summary summary = summarize(campaign.spec(), trials);
        result.error = summary.rows.at(0).main().faulty;
        result.good = result.whole && result.error &&
                      isGood(result.yield, request_.yield, *result.error, mostError());
        return result;
    }

    static std::uint32_t endOfRound(std::uint32_t done, std::uint32_t chips) {
        for (const std::uint32_t round : kRounds) {
            if (done < round) return std::min(round, chips);
        }
        return chips;
    }

    /// Returns the largest error with which a chip passes.
    double mostError() const { return reference_ + request_.drop + kTiny; }

    YieldCount yieldOf(const std::vector<TrialResult>& trials) const {
        YieldCount yield;
        for (const TrialResult& trial : trials) {
            const double error = static_cast<double>(*trial.counts.wrongPerturbed) /
                                 static_cast<double>(trial.counts.images);
            yield.passed += error <= mostError() ? 1 : 0;
            ++yield.chips;
        }
        return yield;
    }

    const OptimizeRequest& request_;
    unsigned threads_;
    const std::function<void(const OptimizedSetting&)>& tell_;
    std::vector<LabelledSupply> supplies_;  ///< highest first
    std::uint32_t chips_ = 0;
    std::vector<Variant> variants_;
    SettingSpace space_;
    std::vector<double> base_;  ///< energy of each variant at the highest supplies
    std::vector<std::vector<std::vector<double>>> saved_;  ///< by variant, domain and level
    double reference_ = 0;
    std::uint64_t trials_ = 0;
};

}  // namespace

Interval YieldCount::interval() const {
    const RateInterval interval = binomialInterval(passed, chips);
    return {interval.low, interval.high};
}

bool isGood(const YieldCount& chips, double yield, const Estimate& error, double most) {
    return failed(chips) <= mayFail(yield, chips.chips) &&
           (error.ci95 ? error.ci95->high : error.mean) <= most;
}

std::vector<OptimizedSetting> paretoFront(const std::vector<OptimizedSetting>& settings) {
    std::vector<OptimizedSetting> front;
    for (const OptimizedSetting& setting : settings) {
        if (setting.whole && setting.error) front.push_back(setting);
    }
    std::stable_sort(
        front.begin(), front.end(), [](const OptimizedSetting& a, const OptimizedSetting& b) {
            return std::tie(a.joules, a.error->mean) < std::tie(b.joules, b.error->mean);
        });
    std::vector<OptimizedSetting> best;
    for (const OptimizedSetting& setting : front) {
        if (best.empty() || setting.error->mean < best.back().error->mean) best.push_back(setting);
    }
    return best;
}

Optimized optimize(const OptimizeRequest& request, unsigned threads,
                   const std::function<void(const OptimizedSetting&)>& tell) {
    return Optimizer(request, threads, tell).run();
}

}  // namespace brownout
