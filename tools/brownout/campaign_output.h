#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "emulation/summary.h"
#include "profiles/profile.h"
#include "tools/brownout/command_line.h"
#include "tools/results/results_store.h"

// How the results of a campaign leave the program: printed, as exports, as a page. For the commands
// sweep, merge and report.

namespace brownout {

/// Name of the store's note that holds the command line that made it.
constexpr char kCommandNote[] = "command";

/// Returns a command line as a shell takes it: `command` is "sweep".
std::string commandLine(const std::string& command, const std::vector<std::string>& arguments);

/// Opens the profile of a campaign if it is still where it was and still the same; otherwise warns
/// that the page has no fault map.
std::optional<Profile> profileOf(const CampaignSpec& spec);

/// Warns if there is no gnuplot, so that a long run isn't the way to learn that it ends without a
/// page.
void warnWithoutGnuplot();

/// Prints the results to standard output, as JSON or as tables.
void printResults(const Summary& summary, const CommonOptions& common);

/// Writes report.html beside a store: the page of its campaign, with the fault map of the profile's
/// first chip if the profile is at hand. Throws Error.
void writeReportPage(const ResultsStore& store, const Summary& summary,
                     const std::optional<Profile>& profile);

/// Puts the results of a store out: the exports in its folder, printed, and the page if `page`.
/// They are printed even if an export can't be written, in which case Error is thrown afterwards. A
/// page that can't be drawn is a warning and the status kBadInput.
ExitStatus putOut(const ResultsStore& store, const Summary& summary,
                  const std::vector<TrialResult>& trials, const std::optional<Profile>& profile,
                  const CommonOptions& common, bool page);

}  // namespace brownout
