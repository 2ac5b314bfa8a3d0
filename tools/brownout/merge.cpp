#include "tools/results/merge.h"

#include <filesystem>
#include <iostream>

#include "tools/brownout/campaign_output.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/commands.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

/// Returns the command lines that made the stores, and the one that merges them, a line each.
std::string commandsOf(const std::vector<fs::path>& folders, const std::string& merge) {
    std::string commands;
    for (const auto& folder : folders) {
        const auto command = ResultsStore::openReadOnly(folder).note(kCommandNote);
        if (command) commands += *command + "\n";
    }
    return commands + merge;
}

}  // namespace

ExitStatus runMerge(const std::vector<std::string>& arguments) {
    CommandLine line(
        "merge FOLDER... --out FOLDER [options]",
        "Joins the folders of 'brownout sweep --shard', in any order, into one. Its sweep.json, "
        "summary.csv,\n"
        "trials.csv and page are those of one run, to the byte, but for the commands that the page "
        "shows.\n"
        "Refuses folders that aren't of one campaign, and the same trial with other counts. Where "
        "trials are\n"
        "missing, it puts out what there is, says which shards they are of, and ends with status "
        "1.",
        "  brownout merge shard-0/ shard-1/ shard-2/ --out results/");
    line.options().add_options()  //
        ("folder", po::value<std::vector<std::string>>()->value_name("FOLDER"),
         "the --out folders of the shards")                                                //
        ("out,o", po::value<std::string>()->value_name("FOLDER"), "keep the whole there")  //
        ("no-report", po::bool_switch(), "don't draw the page");
    line.positional("folder", -1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("folder", "the --out folders of the shards");
    line.require("out", "the folder of the whole");

    const bool page = !line.get<bool>("no-report");
    if (page) warnWithoutGnuplot();
    std::vector<fs::path> folders;
    for (const auto& folder : line.get<std::vector<std::string>>("folder")) {
        folders.emplace_back(folder);
    }
    auto store = mergeStores(folders, line.get<std::string>("out"));
    store.setNote(kCommandNote, commandsOf(folders, commandLine("merge", arguments)));
    const auto trials = store.all();
    const Summary summary = summarize(store.campaign(), trials);
    const ExitStatus status =
        putOut(store, summary, trials, profileOf(store.campaign()), line.common(), page);
    const auto missing = describeMissing(store.campaign(), trials, folders);
    if (missing.empty()) return status;
    std::cerr << "brownout: " << missing << "\n";
    return ExitStatus::kBadInput;
}

}  // namespace brownout
