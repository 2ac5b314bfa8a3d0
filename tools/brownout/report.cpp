#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/summary.h"
#include "profiles/profile.h"
#include "tools/brownout/campaign_output.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/commands.h"
#include "tools/report/joint_report.h"
#include "tools/results/export.h"
#include "tools/results/json_values.h"
#include "tools/results/results_store.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// What to call each campaign: by its chips, and by its folder where that is not enough.
std::vector<NamedSummary> readCampaigns(const std::vector<std::string>& folders) {
    std::vector<NamedSummary> campaigns;
    for (const std::string& folder : folders) {
        const ResultsStore store = ResultsStore::openReadOnly(folder);
        campaigns.push_back({"", summarize(store.campaign(), store.all())});
        const auto& profile = campaigns.back().summary.campaign.profile;
        campaigns.back().name = profile ? profile->name : "uniform errors";
    }
    for (std::size_t i = 0; i < campaigns.size(); ++i) {
        bool twice = false;
        for (std::size_t k = 0; k < i; ++k) twice |= campaigns[k].name == campaigns[i].name;
        if (twice) campaigns[i].name += " (" + folders[i] + ")";
    }
    return campaigns;
}

ExitStatus reportTogether(const CommandLine& line, const std::vector<std::string>& folders) {
    const std::vector<NamedSummary> campaigns = readCampaigns(folders);
    if (line.common().json) {
        nlohmann::json all = {{"campaigns", nlohmann::json::array()},
                              {"at_the_same_rate", nlohmann::json::array()}};
        for (const NamedSummary& one : campaigns) {
            all["campaigns"].push_back(nlohmann::json::parse(resultsJson(one.summary)));
            all["campaigns"].back()["name"] = one.name;
        }
        const std::string& key = campaigns.front().summary.measures.front().key;
        for (const SameRate& one : atTheSameRate(campaigns)) {
            all["at_the_same_rate"].push_back(
                {{"network", one.network},
                 {"a", campaigns[one.a].name},
                 {"b", campaigns[one.b].name},
                 {"ber_a", *one.rowA.berObserved},
                 {"ber_b", *one.rowB.berObserved},
                 {key + "_a", one.rowA.main().faulty->mean},
                 {key + "_b", one.rowB.main().faulty->mean},
                 {"std_a", orNull(one.rowA.main().faulty->std)},
                 {"std_b", orNull(one.rowB.main().faulty->std)},
                 {"difference",
                  {{"mean", one.difference.mean}, {"ci95", intervalJson(one.difference.ci95)}}}});
        }
        std::cout << jsonText(all) << "\n";
        return ExitStatus::kSuccess;
    }
    line.require("out", "the page about several folders");
    const std::filesystem::path out = line.get<std::string>("out");
    writeAtomically(out, jointReportHtml(campaigns));
    std::cout << out.string() << "\n";
    return ExitStatus::kSuccess;
}

}  // namespace

ExitStatus runReport(const std::vector<std::string>& arguments) {
    CommandLine line(
        "report FOLDER... [options]",
        "Draws the results of a sweep, finished or still running, as one HTML page, "
        "FOLDER/report.html,\n"
        "that needs no other file: error against voltage with 95 % intervals, energy, "
        "the fault map of a\n"
        "chip, the figures in tables, and how to run it again. Needs gnuplot. With "
        "--json, prints what\n"
        "sweep --json printed instead.\n\n"
        "Of several folders, one page about all of them, --out: error against the bits "
        "that were read wrong, and\n"
        "what the same rate of errors costs on different chips.",
        "  brownout report results/\n"
        "  brownout report columns/ uniform/ --out columns-or-uniform.html");
    line.options().add_options()  //
        ("folder", po::value<std::vector<std::string>>()->value_name("FOLDER"),
         "the --out folder of a sweep; several for one page about all")  //
        ("out,o", po::value<std::string>()->value_name("FILE"), "the page about several folders");
    line.positional("folder", -1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("folder", "the --out folder of a sweep");

    const auto& folders = line.get<std::vector<std::string>>("folder");
    if (folders.size() > 1) return reportTogether(line, folders);
    if (line.has("out")) throw UsageError("--out", "is for several folders");
    const std::filesystem::path folder = folders.front();
    const ResultsStore store = ResultsStore::openReadOnly(folder);
    const Summary summary = summarize(store.campaign(), store.all());
    if (line.common().json) {
        std::cout << resultsJson(summary);
        return ExitStatus::kSuccess;
    }
    writeReportPage(store, summary, profileOf(store.campaign()));
    std::cout << (folder / "report.html").string() << "\n";
    return ExitStatus::kSuccess;
}

}  // namespace brownout
