#include <unistd.h>

#include <iostream>
#include <optional>

#include "profiles/profile.h"
#include "profiles/statistics/measured_share.h"
#include "profiles/statistics/spatial_statistics.h"
#include "profiles/statistics/statistics.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/output.h"
#include "tools/brownout/profile_commands.h"
#include "tools/brownout/profile_info_output.h"
#include "tools/brownout/tried_files.h"
#include "tools/report/profile_page.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

}  // namespace

ExitStatus runProfileInfo(const std::vector<std::string>& arguments) {
    CommandLine line("profile info FILE [options]",
                     "Shows what a profile says of itself, how many cells of its chips fail at the "
                     "voltages it was made at,\n"
                     "which way, and how they lie: by column, row and array. Reads every chip.\n\n"
                     "--plots draws it: the fault map of a chip, columns and rows by their failing "
                     "cells, and the share of\n"
                     "failing cells against the voltage, each as a file and all on one page, "
                     "profile.html, that needs no other\n"
                     "file. Needs gnuplot.",
                     "  brownout profile info profiles/14nm.h5\n"
                     "  brownout profile info profiles/28nm-column.h5 --plots pictures/\n"
                     "  brownout profile info profiles/14nm.h5 --json");
    line.options().add_options()                                               //
        ("file", po::value<std::string>()->value_name("FILE"), "the profile")  //
        ("temperature", po::value<std::string>()->value_name("T"),
         "degrees Celsius, where the profile has several")  //
        ("plots", po::value<std::string>()->value_name("DIR"), "folder for pictures");
    line.positional("file", 1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("file", "the profile to show");
    const Profile profile = openProfile(line.get<std::string>("file"));
    std::optional<double> temperatureC;
    if (line.has("temperature")) {
        temperatureC = parseNumber("--temperature", line.get<std::string>("temperature"));
    }
    temperatureC = profile.supplies().temperature(temperatureC);
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, line.common().quiet),
                             "readings of a chip", 2 * std::uint64_t{profile.chipCount()});
    const auto rows = describeProfile(profile, profile.referenceVoltages(), {}, temperatureC);
    progress.advance(profile.chipCount());
    const auto spatial = describeSpatially(
        profile, [&] { progress.advance(); }, temperatureC);
    progress.finish();
    printInfo(profile, rows, spatial, measuredShares(profile, temperatureC), line.common().json);
    if (line.has("plots")) {
        const std::filesystem::path folder = line.get<std::string>("plots");
        writeProfilePage(folder, profile, rows, spatial, temperatureC);
        if (!line.common().quiet) std::cerr << (folder / "profile.html").string() << "\n";
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
