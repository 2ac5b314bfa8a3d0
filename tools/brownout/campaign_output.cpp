#include "tools/brownout/campaign_output.h"

#include <unistd.h>

#include <cmath>
#include <iostream>

#include "profiles/profile_chips.h"
#include "tools/brownout/output.h"
#include "tools/brownout/tried_files.h"
#include "tools/report/gnuplot.h"
#include "tools/report/report.h"
#include "tools/report/table.h"
#include "tools/results/export.h"

namespace brownout {
namespace {

/// The point whose picture says most: failing cells nearest to 1 %, on a logarithmic scale.
const PointSpec* pointToDraw(const CampaignSpec& spec) {
    const PointSpec* best = nullptr;
    const auto distance = [](const PointSpec& point) {
        return std::abs(std::log(*point.berExpected / 0.01));
    };
    for (const PointSpec& point : spec.points) {
        if (!point.voltage || point.berExpected.value_or(0) <= 0) continue;
        if (best == nullptr || distance(point) < distance(*best)) best = &point;
    }
    return best;
}

}  // namespace

std::string commandLine(const std::string& command, const std::vector<std::string>& arguments) {
    std::string line = "brownout " + command;
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

std::optional<Profile> profileOf(const CampaignSpec& spec) {
    if (!spec.profile) return std::nullopt;
    try {
        Profile profile = openProfile(spec.profile->path);
        if (profile.chipsFingerprint(spec.chips) == spec.profile->fingerprint) return profile;
        std::cerr << "brownout: " << spec.profile->path
                  << " is not the profile of these results any more; the page has no fault map\n";
    } catch (const Error& error) {
        std::cerr << "brownout: " << error.what() << "; the page has no fault map\n";
    }
    return std::nullopt;
}

void warnWithoutGnuplot() {
    if (gnuplotExists()) return;
    std::cerr << "warning: there will be no page, because gnuplot is not there (--no-report for "
                 "none)\n";
}

void printResults(const Summary& summary, const CommonOptions& common) {
    if (common.json) {
        std::cout << resultsJson(summary) << std::flush;
        return;
    }
    const bool bold = ::isatty(STDOUT_FILENO) == 1;
    terminalOutput() << (isOfParts(summary.campaign) ? berzadText(summary, bold)
                                                     : summaryTable(summary, bold))
                     << std::flush;
}

void writeReportPage(const ResultsStore& store, const Summary& summary,
                     const std::optional<Profile>& profile) {
    ReportExtras extras;
    extras.command = store.note(kCommandNote).value_or("");
    extras.shard = store.shard();
    const PointSpec* point = pointToDraw(summary.campaign);
    if (profile && point != nullptr) {
        extras.faultMap =
            FaultMapFigure{profile->device().geometry,
                           ProfileChips(*profile)
                               .faults(0, {*point->voltage, summary.campaign.profile->temperatureC})
                               ->cells(),
                           0, point->label};
    }
    writeReport(store.path().parent_path() / "report.html", summary, extras);
}

ExitStatus putOut(const ResultsStore& store, const Summary& summary,
                  const std::vector<TrialResult>& trials, const std::optional<Profile>& profile,
                  const CommonOptions& common, bool page) {
    const auto folder = store.path().parent_path();
    std::optional<Error> problem;
    try {
        writeExports(folder, summary, trials);
    } catch (const Error& error) {
        problem = error;
    }
    printResults(summary, common);
    if (problem) throw *problem;
    if (!page) return ExitStatus::kSuccess;
    try {
        writeReportPage(store, summary, profile);
    } catch (const Error& error) {
        std::cerr << "warning: there is no page: " << error.what() << "\n";
        return ExitStatus::kBadInput;
    }
    if (!common.quiet) std::cerr << "page: " << (folder / "report.html").string() << "\n";
    return ExitStatus::kSuccess;
}

}  // namespace brownout
