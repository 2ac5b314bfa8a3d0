#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "profiles/profile.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/report_page.h"
#include "tools/campaign/results_store.h"
#include "tools/campaign/summary.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// The profile of a campaign, if it is still where it was and still the same.
std::optional<Profile> profileOf(const CampaignSpec& spec) {
    if (!spec.profile) return std::nullopt;
    try {
        Profile profile = Profile::open(spec.profile->path);
        if (profile.fingerprint() == spec.profile->fingerprint) return profile;
        std::cerr << "brownout: " << spec.profile->path
                  << " is not the profile of these results any more; the page has no fault map\n";
    } catch (const Error& error) {
        std::cerr << "brownout: " << error.what() << "; the page has no fault map\n";
    }
    return std::nullopt;
}

}  // namespace

ExitStatus runReport(const std::vector<std::string>& arguments) {
    CommandLine line("report FOLDER [options]",
                     "Draws the results of a sweep, finished or still running, as one HTML page, "
                     "FOLDER/report.html,\n"
                     "that needs no other file: error against voltage with 95 % intervals, energy, "
                     "the fault map of a\n"
                     "chip, the figures in tables, and how to run it again. Needs gnuplot. With "
                     "--json, prints what\n"
                     "sweep --json printed instead.",
                     "  brownout report results/");
    line.options().add_options()("folder", po::value<std::string>()->value_name("FOLDER"),
                                 "the --out folder of a sweep");
    line.positional("folder", 1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("folder", "the --out folder of a sweep");

    const std::filesystem::path folder = line.get<std::string>("folder");
    const ResultsStore store = ResultsStore::openReadOnly(folder);
    const Summary summary = summarize(store.campaign(), store.all());
    if (line.common().json) {
        std::cout << summaryJson(summary);
        return ExitStatus::kSuccess;
    }
    writeReportPage(folder, summary, profileOf(store.campaign()),
                    store.note(kCommandNote).value_or(""));
    std::cout << (folder / "report.html").string() << "\n";
    return ExitStatus::kSuccess;
}

}  // namespace brownout
