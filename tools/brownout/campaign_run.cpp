#include "tools/brownout/campaign_run.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <set>

#include "tools/brownout/campaign_output.h"
#include "tools/brownout/interrupts.h"
#include "tools/brownout/output.h"
#include "tools/report/progress.h"
#include "tools/results/results_store.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

/// Results of a run without an output folder.
class ResultsInMemory {
 public:
    void record(const TrialResult& trial) {
        const std::lock_guard<std::mutex> lock(mutex_);
        trials_.push_back(trial);
    }
    const std::vector<TrialResult>& all() const { return trials_; }

 private:
    std::mutex mutex_;
    std::vector<TrialResult> trials_;
};

void printWarnings(const std::vector<std::string>& warnings) {
    for (const std::string& warning : warnings) std::cerr << "warning: " << warning << "\n";
}

/// Runs the trials of the shard that `store` (if any) doesn't hold yet, and returns all.
std::vector<TrialResult> runTrials(const Campaign& campaign, const Shard& shard,
                                   const CommonOptions& common, ResultsStore* store) {
    const std::vector<TrialResult> finished =
        store != nullptr ? store->all() : std::vector<TrialResult>();
    std::set<TrialKey> keys;
    for (const TrialResult& trial : finished) keys.insert(trial.key);
    const bool adaptive = campaign.spec().precision || isSearched(campaign.spec());
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, common.quiet),
                             "trials", trialCount(campaign.spec(), shard), finished.size());
    if (adaptive) progress.totalIsABound();
    ResultsInMemory memory;
    const auto keep = [&](const TrialResult& trial) {
        if (store != nullptr) {
            store->record(trial);
        } else {
            memory.record(trial);
        }
        progress.advance();
    };
    const auto isDone = [&](const TrialKey& key) {
        return shardOf(campaign.spec(), key, shard.count) != shard || keys.count(key) > 0;
    };
    const unsigned missing = adaptive ? campaign.runAdaptive(common.threads, finished, keep)
                                      : campaign.run(common.threads, isDone, keep);
    progress.finish();
    if (missing > 0) {
        std::cerr << "warning: " << missing << " of the " << common.threads
                  << " threads could not be started\n";
    }
    return store != nullptr ? store->all() : memory.all();
}

}  // namespace

void addRunOptions(CommandLine& line) {
    line.options().add_options()  //
        ("out,o", po::value<std::string>()->value_name("FOLDER"),
         "keep the results there, and go on with those that are there")  //
        ("no-report", po::bool_switch(), "don't draw the page");
}

std::optional<ResultsStore> openStore(const Campaign& campaign, const Shard& shard,
                                      const CommandLine& line, const std::string& command,
                                      const std::vector<std::string>& arguments) {
    if (!line.has("out")) return std::nullopt;
    const fs::path folder = line.get<std::string>("out");
    sayIfInterrupted(folder.string() +
                     " keeps what is finished, and the same command goes on from there");
    ResultsStore store = ResultsStore::createOrResume(folder, campaign.spec(), shard);
    store.setNote(kCommandNote, commandLine(command, arguments));
    return store;
}

CampaignResults runWithProgress(const Campaign& campaign, const Shard& shard,
                                const CommonOptions& common, ResultsStore* store) {
    printWarnings(campaign.warnings());
    CampaignResults results{runTrials(campaign, shard, common, store), {}};
    results.summary = summarize(campaign.spec(), results.trials);
    printWarnings(campaign.warningsAbout(results.summary));
    return results;
}

ExitStatus runAndPutOut(const Campaign& campaign, const Shard& shard, const CommandLine& line,
                        const std::string& command, const std::vector<std::string>& arguments) {
    const bool page = !line.get<bool>("no-report");
    auto store = openStore(campaign, shard, line, command, arguments);
    if (store && page) warnWithoutGnuplot();
    const CampaignResults results =
        runWithProgress(campaign, shard, line.common(), store ? &*store : nullptr);
    if (store) {
        return putOut(*store, results.summary, results.trials, campaign.profile(), line.common(),
                      page);
    }
    printResults(results.summary, line.common());
    return ExitStatus::kSuccess;
}

}  // namespace brownout
