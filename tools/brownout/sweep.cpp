#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/campaign.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/interrupts.h"
#include "tools/brownout/report_page.h"
#include "tools/brownout/sweep_request.h"
#include "tools/report/progress.h"
#include "tools/report/table.h"
#include "tools/results/export.h"
#include "tools/results/results_store.h"
#include "tools/results/summary_output.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

/// Results of a run without an output folder.
class ResultsInMemory {
 public:
    void record(const TrialKey& key, const TrialCounts& counts) {
        const std::lock_guard<std::mutex> lock(mutex_);
        trials_.push_back({key, counts});
    }
    const std::vector<TrialResult>& all() const { return trials_; }

 private:
    std::mutex mutex_;
    std::vector<TrialResult> trials_;
};

/// Runs the trials that `store` (if any) doesn't hold yet, and returns all.
std::vector<TrialResult> runTrials(const Campaign& campaign, const CommonOptions& common,
                                   ResultsStore* store) {
    std::set<TrialKey> finished;
    if (store != nullptr) {
        const auto keys = store->finishedKeys();
        finished.insert(keys.begin(), keys.end());
    }
    ProgressDisplay progress(std::cerr, progressStyleFor(STDERR_FILENO, common.quiet), "trials",
                             trialCount(campaign.spec()), finished.size());
    ResultsInMemory memory;
    const unsigned missing = campaign.run(
        common.threads, [&](const TrialKey& key) { return finished.count(key) > 0; },
        [&](const TrialKey& key, const TrialCounts& counts) {
            if (store != nullptr) {
                store->record(key, counts);
            } else {
                memory.record(key, counts);
            }
            progress.advance();
        });
    progress.finish();
    if (missing > 0) {
        std::cerr << "warning: " << missing << " of the " << common.threads
                  << " threads could not be started\n";
    }
    return store != nullptr ? store->all() : memory.all();
}

/// The command line as a shell takes it.
std::string commandLine(const std::vector<std::string>& arguments) {
    std::string line = "brownout sweep";
    for (const std::string& argument : arguments) {
        const bool plain =
            !argument.empty() && argument.find_first_not_of(
                                     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_=+.,/:%@") == std::string::npos;
        if (plain) {
            line += " " + argument;
            continue;
        }
        line += " '";
        for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
        line += "'";
    }
    return line;
}

}  // namespace

ExitStatus runSweep(const std::vector<std::string>& arguments) {
    CommandLine line(
        "sweep --model FILE... --data DATA (--profile FILE [--voltages LIST] | --ber LIST) "
        "[options]",
        "Lays each network's quantised weights out in the SRAM of each chip, lowers the supply, "
        "reads the\n"
        "weights back as the failing cells give them, and classifies the images: error and energy "
        "against\n"
        "voltage, with 95 % intervals over chips. With --ber, errors are uniform and there is no "
        "energy.\n\n"
        "A network carries the bits, quantiser and store it was trained for in its metadata\n"
        "(brownout.bits, brownout.quantizer, brownout.store); the options override them.\n\n"
        "With --protection, words carry check bits, which live in arrays of the same chip and fail "
        "like\n"
        "any other cell. The results then say which share of words was corrected, detected, "
        "miscorrected\n"
        "(\"corrected\" to wrong data) and silent (wrong, and nobody knew). Energy is relative to "
        "an access\n"
        "without check bits at Vmin, so that protection shows its price.\n\n"
        "With --out, every trial is on the disk before the next begins: interrupt the sweep as you "
        "like, and\n"
        "the same command goes on where it stopped. The folder then holds results.sqlite, "
        "report.html,\n"
        "summary.csv, trials.csv and sweep.json. Memory: for each thread a copy of the weights of "
        "every\n"
        "network (4 bytes a weight) and one chip (16 bytes a failing cell).",
        "  brownout sweep -m inference/zoo/fashion-rquant.onnx -d fashion-mnist -p "
        "profiles/14nm.h5\n"
        "  brownout sweep -m a.onnx -m b.onnx -d images.h5 --ber 1e-4,1e-3,1e-2 --chips 50 --out "
        "results/\n"
        "  brownout sweep -m a.onnx -d cifar-10-batches-bin -p chip.h5 -v 0.60V:0.50V:0.01 "
        "--offsets 16\n"
        "  brownout sweep -m inference/zoo/fashion-rquant.onnx -d fashion-mnist -p "
        "profiles/14nm.h5 "
        "--protection none,parity-byte,secded");
    addSweepOptions(line);
    line.options().add_options()  //
        ("out,o", po::value<std::string>()->value_name("FOLDER"),
         "keep the results there, and go on with those that are there")  //
        ("memory", po::value<std::string>()->value_name("WHAT"),
         "put every word through a memory model: functional, systemc or rtl. All give the same "
         "results; without it, only faulty words are looked at, which is far faster")  //
        ("no-report", po::bool_switch(), "don't draw the page");
    if (!line.parse(arguments)) return ExitStatus::kSuccess;

    Campaign campaign = line.named([&] { return Campaign(sweepRequest(line)); });
    for (const std::string& warning : campaign.warnings()) {
        std::cerr << "warning: " << warning << "\n";
    }
    if (line.has("memory")) {
        const auto& name = line.get<std::string>("memory");
        line.named([&] { campaign.putThrough(name); });
    }
    std::optional<ResultsStore> store;
    fs::path folder;
    if (line.has("out")) {
        folder = line.get<std::string>("out");
        sayIfInterrupted(folder.string() +
                         " keeps what is finished, and the same command goes on from there");
        store = ResultsStore::createOrResume(folder, campaign.spec());
        store->setNote(kCommandNote, commandLine(arguments));
    }
    const auto trials = runTrials(campaign, line.common(), store ? &*store : nullptr);
    const Summary summary = summarize(campaign.spec(), trials);
    const std::string json = summaryJson(summary);
    if (store) {
        writeAtomically(folder / "sweep.json", json);
        writeAtomically(folder / "summary.csv", summaryCsv(summary));
        writeAtomically(folder / "trials.csv", trialsCsv(campaign.spec(), trials));
        if (!line.get<bool>("no-report")) {
            writeReportPage(folder, summary, campaign.profile(), commandLine(arguments));
            if (!line.common().quiet) {
                std::cerr << "page: " << (folder / "report.html").string() << "\n";
            }
        }
    }
    std::cout << (line.common().json ? json : summaryTable(summary, ::isatty(STDOUT_FILENO) == 1));
    return ExitStatus::kSuccess;
}

}  // namespace brownout
