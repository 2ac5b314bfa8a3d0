#include "tools/results/merge.h"

#include <map>
#include <optional>

#include "base/error.h"
#include "tools/results/campaign_identity.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kMostNamed = 8;  // shards in one line

/// A trial and the folder that it was found in first.
struct Found {
    TrialResult trial;
    std::size_t folder = 0;
};

/// Returns N if the shards of all folders are of N each, otherwise nothing.
std::optional<std::uint32_t> divisionOf(const std::vector<fs::path>& folders) {
    std::optional<std::uint32_t> count;
    for (const auto& folder : folders) {
        const Shard shard = ResultsStore::openReadOnly(folder).shard();
        if (shard.isWhole() || (count && *count != shard.count)) return std::nullopt;
        count = shard.count;
    }
    return count;
}

}  // namespace

ResultsStore mergeStores(const std::vector<fs::path>& folders, const fs::path& out) {
    std::optional<CampaignSpec> campaign;
    std::map<TrialKey, Found> found;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        std::error_code ignored;
        if (fs::equivalent(folders[i], out, ignored)) {
            throw Error(out.string(), "is one of the folders to merge; expected another one");
        }
        const auto store = ResultsStore::openReadOnly(folders[i]);
        if (!campaign) campaign = store.campaign();
        if (campaign->precision) {
            throw Error(store.path().string(),
                        "is of a sweep with --precision, which is run in one piece; there is "
                        "nothing to merge");
        }
        if (const auto difference = firstDifference(*campaign, store.campaign(), "here")) {
            throw Error(store.path().string(), "is not of the campaign in " +
                                                   folders.front().string() + ": " + *difference);
        }
        for (const TrialResult& trial : store.all()) {
            const auto [at, isNew] = found.insert({trial.key, {trial, i}});
            if (isNew || at->second.trial == trial) continue;
            throw Error(store.path().string(), describe(trial.key) + " has other counts than in " +
                                                   folders[at->second.folder].string() +
                                                   "; the same trial must give the same counts");
        }
    }
    std::vector<TrialResult> trials;
    for (const auto& [key, one] : found) trials.push_back(one.trial);
    auto store = ResultsStore::createOrResume(out, campaign.value());
    store.recordAll(trials);
    return store;
}

std::string describeMissing(const CampaignSpec& campaign, const std::vector<TrialResult>& trials,
                            const std::vector<fs::path>& folders) {
    const auto all = trialCount(campaign);
    if (trials.size() == all) return "";
    std::string text =
        std::to_string(all - trials.size()) + " of " + std::to_string(all) + " trials are missing";
    const auto count = divisionOf(folders);
    if (!count) return text;
    std::vector<std::uint64_t> there(*count);
    for (const auto& trial : trials) ++there[shardOf(campaign, trial.key, *count).index];
    std::string shards;
    std::uint32_t named = 0;
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto missing = trialCount(campaign, Shard{i, *count}) - there[i];
        if (missing == 0) continue;
        if (++named > kMostNamed) return text + shards + ", ...";
        shards += (named == 1 ? ": " : ", ") + std::to_string(missing) + " of shard " +
                  toString(Shard{i, *count});
    }
    return text + shards;
}

}  // namespace brownout
