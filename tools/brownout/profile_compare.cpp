#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "profiles/statistics/compare.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/output.h"
#include "tools/brownout/profile_commands.h"
#include "tools/brownout/tried_files.h"
#include "tools/report/progress.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

void printJson(const ProfileComparison& result, const Profile& a, const Profile& b) {
    json statistics = json::array();
    for (const ComparedStatistic& one : result.statistics) {
        statistics.push_back({{"name", one.name},
                              {"voltage", one.voltage},
                              {"mean_a", one.meanA},
                              {"mean_b", one.meanB},
                              {"p", one.p},
                              {"p_adjusted", one.adjusted},
                              {"differs", one.adjusted <= result.alpha}});
    }
    std::cout << jsonText(json({{"a", a.path().string()},
                                {"b", b.path().string()},
                                {"unit", nameOf(a.device().unit)},
                                {"replication", nameOf(result.blocks)},
                                {"blocks_a", result.blocksA},
                                {"blocks_b", result.blocksB},
                                {"alpha", result.alpha},
                                {"smallest_p", result.smallestP},
                                {"notes", result.notes},
                                {"statistics", statistics},
                                {"differ", result.differ()}}))
              << "\n";
}

std::string right(const std::string& text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

void print(const ProfileComparison& result, const Profile& a, const Profile& b) {
    const auto blocks = [&](std::uint32_t count) {
        return std::to_string(count) + " " + nameOf(result.blocks) + (count == 1 ? "" : "s");
    };
    std::cout << "A: " << a.path().string() << ", " << blocks(result.blocksA)
              << "\nB: " << b.path().string() << ", " << blocks(result.blocksB) << "\n\n"
              << std::string(44, ' ') << "voltage           A           B          p   adjusted\n";
    for (const ComparedStatistic& one : result.statistics) {
        std::cout << "  " << one.name
                  << std::string(one.name.size() < 40 ? 40 - one.name.size() : 1, ' ')
                  << right(humanNumber(one.voltage, 4), 9) << right(humanNumber(one.meanA, 4), 12)
                  << right(humanNumber(one.meanB, 4), 12) << right(humanNumber(one.p, 3), 11)
                  << right(humanNumber(one.adjusted, 3), 11)
                  << (one.adjusted <= result.alpha ? "  differs" : "") << "\n";
    }
    std::cout << "\n";
    for (const std::string& note : result.notes) std::cout << note << "\n";
    std::cout << "Permutation test of Welch's t over " << nameOf(result.blocks)
              << "s, adjusted for all statistics together (Westfall and Young, step-down): two "
                 "samples of one "
                 "population\nare called different with a probability of at most "
              << humanNumber(100 * result.alpha, 3) << " %. The smallest p of so many "
              << nameOf(result.blocks) << "s is " << humanNumber(result.smallestP, 2) << ".\n\n";
    const auto differing =
        std::count_if(result.statistics.begin(), result.statistics.end(),
                      [&](const ComparedStatistic& one) { return one.adjusted <= result.alpha; });
    if (differing == 0) {
        std::cout << "No statistic differs at the " << humanNumber(100 * result.alpha, 3)
                  << " % level.\n";
    } else {
        std::cout << "The profiles differ: " << differing << " of " << result.statistics.size()
                  << " statistics.\n";
    }
}

}  // namespace

ExitStatus runProfileCompare(const std::vector<std::string>& arguments) {
    CommandLine line(
        "profile compare A B [options]",
        "Shows whether the chips of two profiles agree, statistic by statistic, at the voltages "
        "that both speak about:\n"
        "bit error rate, directions, persistence, how faults gather in columns, rows and arrays. "
        "Exit status 3 if they\n"
        "differ.\n\n"
        "One observation is a chip; with few chips an array, with few arrays a sixteenth of the "
        "columns of an array. The\n"
        "test permutes them, and corrects for the number of statistics: if both profiles are "
        "samples of one population,\n"
        "the chance that it says otherwise is at most --alpha.",
        "  brownout profile compare measured.h5 population.h5\n"
        "  brownout profile compare profiles/14nm.h5 profiles/28nm-column.h5");
    line.options().add_options()                                                                 //
        ("file", po::value<std::vector<std::string>>()->value_name("FILE"), "the two profiles")  //
        ("alpha", po::value<std::string>()->value_name("P")->default_value("0.05"),
         "chance of a false alarm over all statistics together")  //
        ("chips", po::value<std::string>()->value_name("N")->default_value("16"),
         "look at the first N chips of each");
    line.positional("file", 2);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("file", "the two profiles to compare");
    const auto& files = line.get<std::vector<std::string>>("file");
    if (files.size() != 2) {
        throw UsageError("brownout profile compare", "expected two profiles");
    }
    CompareSettings settings;
    settings.seed = line.common().seed;
    settings.alpha = parseNumber("--alpha", line.get<std::string>("alpha"));
    if (!(settings.alpha > 0 && settings.alpha < 1)) {
        throw UsageError("--alpha", "'" + line.get<std::string>("alpha") +
                                        "'; expected a number between 0 and 1");
    }
    settings.chips = *line.count("chips", kMostChips);
    const Profile a = openProfile(files[0]);
    const Profile b = openProfile(files[1]);
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, line.common().quiet),
                             "chips", chipsToRead(a, b, settings));
    settings.chipDone = [&] { progress.advance(); };
    const ProfileComparison result = compareProfiles(a, b, settings);
    progress.finish();
    if (line.common().json) {
        printJson(result, a, b);
    } else {
        print(result, a, b);
    }
    return result.differ() ? ExitStatus::kMismatch : ExitStatus::kSuccess;
}

}  // namespace brownout
