#include "profiles/profile.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "profiles/presets.h"
#include "profiles/profile_writer.h"
#include "profiles/statistics.h"
#include "profiles/validate.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/commands.h"
#include "tools/campaign/numbers.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

std::string join(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return all;
}

std::uint32_t count32(const CommandLine& line, const char* option, std::uint32_t fallback) {
    if (!line.has(option)) return fallback;
    const auto value = parseCount(std::string("--") + option, line.get<std::string>(option));
    if (value > 0xFFFFFFFF) throw UsageError(std::string("--") + option, "too large");
    return static_cast<std::uint32_t>(value);
}

ExitStatus generate(const std::vector<std::string>& arguments) {
    CommandLine line(
        "profile generate --out FILE [options]",
        "Writes a population of synthetic chips. As a recipe (the default) the file holds the "
        "parameters and\n"
        "the seed, a few kilobytes for any number of chips, drawn when they are used; as "
        "thresholds, every cell\n"
        "that can fail, 16 bytes each before compression.\n\n"
        "Presets: " +
            join(recipePresetNames()) + ".",
        "  brownout profile generate --preset 14nm-iid --chips 64 --seed 7 -o chips.h5\n"
        "  brownout profile generate --chips 4 --arrays 8 --encoding threshold -o cells.h5");
    line.options().add_options()                                                         //
        ("out,o", po::value<std::string>()->value_name("FILE"), "the profile to write")  //
        ("preset", po::value<std::string>()->value_name("NAME")->default_value("14nm-iid"),
         "kind of silicon")  //
        ("chips", po::value<std::string>()->value_name("N"),
         "how many chips (default: the preset's)")                                        //
        ("arrays", po::value<std::string>()->value_name("N"), "arrays of a chip")         //
        ("rows", po::value<std::string>()->value_name("N"), "rows of an array")           //
        ("columns", po::value<std::string>()->value_name("N"), "columns of an array")     //
        ("mux", po::value<std::string>()->value_name("N"), "column mux: words in a row")  //
        ("encoding", po::value<std::string>()->value_name("HOW")->default_value("recipe"),
         "recipe or threshold");
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("out", "the file to write");

    const auto& name = line.get<std::string>("preset");
    SramGeometry geometry = recipePreset(name).device.geometry;
    geometry.arrays = count32(line, "arrays", geometry.arrays);
    geometry.rows = count32(line, "rows", geometry.rows);
    geometry.columns = count32(line, "columns", geometry.columns);
    geometry.columnMux = count32(line, "mux", geometry.columnMux);
    RecipePreset preset = recipePreset(name, geometry);
    preset.recipe.chips = count32(line, "chips", preset.recipe.chips);
    if (!line.values()["seed"].defaulted()) preset.recipe.seed = line.common().seed;

    const auto& out = line.get<std::string>("out");
    const auto& encoding = line.get<std::string>("encoding");
    const ProfileHeader header = headerOf(preset);
    if (encoding == "recipe") {
        writeRecipeProfile(out, header, preset.recipe);
    } else if (encoding == "threshold") {
        const ThresholdRange range{preset.recipe.chips, preset.recipe.curve.lowestVoltage(),
                                   preset.recipe.curve.highestVoltage()};
        writeThresholdProfile(out, header, range, [&](std::uint32_t chip) {
            return drawChip(preset.recipe, geometry, chip);
        });
    } else {
        throw UsageError("--encoding", "'" + encoding + "'; expected recipe or threshold");
    }
    if (!line.common().quiet) {
        std::cerr << out << ": " << preset.recipe.chips << " chips of " << geometry.arrays
                  << " arrays of " << geometry.rows << " x " << geometry.columns << "\n";
    }
    return ExitStatus::kSuccess;
}

json toJson(const Profile& profile, const std::vector<VoltageStatistics>& rows) {
    const ProfileInfo& info = profile.info();
    const Device& device = profile.device();
    json voltages = json::array();
    for (const VoltageStatistics& row : rows) {
        voltages.push_back({{"voltage", row.supply},
                            {"rate_expected", row.expectedRate ? json(*row.expectedRate) : json()},
                            {"rate_observed", {{"mean", row.meanRate}, {"std", row.stdRate}}},
                            {"ber_on_balanced_data", row.bitErrorRate},
                            {"failing_cells", {{"mean", row.meanCells}, {"std", row.stdCells}}},
                            {"share_01_only", row.only01},
                            {"share_10_only", row.only10},
                            {"share_both", row.both},
                            {"share_persistent", row.persistent}});
    }
    return {
        {"path", profile.path().string()},
        {"format", std::to_string(info.version.major) + "." + std::to_string(info.version.minor)},
        {"fingerprint", profile.fingerprint()},
        {"sealed", profile.sealed()},
        {"creator", info.creator},
        {"created", info.created},
        {"provenance", nameOf(info.provenance)},
        {"history", info.history},
        {"encoding", nameOf(profile.encoding())},
        {"chips", profile.chipCount()},
        {"device",
         {{"node", device.node},
          {"arrays", device.geometry.arrays},
          {"rows", device.geometry.rows},
          {"columns", device.geometry.columns},
          {"column_mux", device.geometry.columnMux},
          {"voltage_unit", nameOf(device.unit)},
          {"vmin_v", device.vminV ? json(*device.vminV) : json()}}},
        {"energy_source", profile.energy() ? json(profile.energy()->source()) : json()},
        {"voltages", voltages}};
}

std::string padded(std::string text, std::size_t width) {
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

void print(const Profile& profile, const std::vector<VoltageStatistics>& rows) {
    const ProfileInfo& info = profile.info();
    const Device& device = profile.device();
    std::cout << profile.path().string() << "\n"
              << "  format       " << info.version.major << "." << info.version.minor << ", "
              << nameOf(profile.encoding()) << (profile.sealed() ? ", sealed" : ", not sealed")
              << "\n"
              << "  creator      " << info.creator << ", " << info.created << "\n"
              << "  provenance   " << nameOf(info.provenance) << "\n";
    for (const std::string& step : info.history) std::cout << "  history      " << step << "\n";
    std::cout << "  device       " << (device.node.empty() ? "" : device.node + ", ")
              << device.geometry.arrays << " arrays of " << device.geometry.rows << " x "
              << device.geometry.columns << ", column mux " << device.geometry.columnMux << "\n"
              << "  voltages in  " << nameOf(device.unit);
    if (device.vminV) std::cout << " (Vmin = " << *device.vminV << " V)";
    std::cout << "\n  chips        " << profile.chipCount() << "\n";
    if (profile.energy()) std::cout << "  energy       " << profile.energy()->source() << "\n";
    std::cout << "\n  Failing cells, mean over all chips (BER: bits read wrong on data of as many "
                 "zeros as ones):\n\n"
                 "   voltage   expected %    failing %        BER %  cells/chip       std  0->1 %  "
                 "1->0 %  both %"
                 "  always %      read J    rel.\n";
    for (const VoltageStatistics& row : rows) {
        std::cout << padded(humanNumber(row.supply, 4), 10)
                  << padded(row.expectedRate ? humanNumber(100 * *row.expectedRate, 4) : "-", 13)
                  << padded(humanNumber(100 * row.meanRate, 4), 13)
                  << padded(humanNumber(100 * row.bitErrorRate, 4), 13)
                  << padded(humanNumber(row.meanCells, 6), 12)
                  << padded(row.chips > 1 ? humanNumber(row.stdCells, 4) : "-", 10)
                  << padded(percent(row.only01, 1), 8) << padded(percent(row.only10, 1), 8)
                  << padded(percent(row.both, 1), 8) << padded(percent(row.persistent, 1), 10);
        if (profile.energy() && profile.energy()->covers(row.supply)) {
            std::cout << padded(humanNumber(profile.energy()->readJ(row.supply), 4), 12)
                      << padded(humanNumber(profile.energy()->relative(row.supply), 4), 8);
        }
        std::cout << "\n";
    }
}

ExitStatus info(const std::vector<std::string>& arguments) {
    CommandLine line("profile info FILE [options]",
                     "Shows what a profile says of itself, and how many cells of its chips fail at "
                     "the voltages it was\n"
                     "made at. Reads every chip.",
                     "  brownout profile info profiles/14nm.h5\n"
                     "  brownout profile info profiles/14nm.h5 --json");
    line.options().add_options()("file", po::value<std::string>()->value_name("FILE"),
                                 "the profile");
    line.positional("file", 1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("file", "the profile to show");
    const Profile profile = Profile::open(line.get<std::string>("file"));
    const auto rows = describeProfile(profile);
    if (line.common().json) {
        std::cout << toJson(profile, rows).dump(2) << "\n";
    } else {
        print(profile, rows);
    }
    return ExitStatus::kSuccess;
}

ExitStatus validate(const std::vector<std::string>& arguments) {
    CommandLine line("profile validate FILE... [options]",
                     "Reads all of each profile, every chip and every cell, and lists what is "
                     "wrong (error) or unusual\n"
                     "(warning). Exit status 3 if anything is wrong.",
                     "  brownout profile validate measured/*.h5");
    line.options().add_options()("file", po::value<std::vector<std::string>>()->value_name("FILE"),
                                 "the profiles");
    line.positional("file", -1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("file", "the profiles to check");
    bool wrong = false;
    json all = json::array();
    for (const std::string& path : line.get<std::vector<std::string>>("file")) {
        const auto findings = validateProfile(path);
        for (const Finding& finding : findings) {
            if (line.common().json) {
                all.push_back({{"severity", nameOf(finding.severity)},
                               {"place", finding.place},
                               {"message", finding.message}});
            } else {
                std::cout << nameOf(finding.severity) << ": " << finding.place << ": "
                          << finding.message << "\n";
            }
        }
        if (!line.common().json && !hasError(findings)) std::cout << path << ": valid\n";
        wrong = wrong || hasError(findings);
    }
    if (line.common().json) std::cout << all.dump(2) << "\n";
    return wrong ? ExitStatus::kMismatch : ExitStatus::kSuccess;
}

const char kUsage[] =
    "Usage: brownout profile generate|info|validate [options]\n\n"
    "Chips as files (profiles/FORMAT.md).\n\n"
    "  generate   write a synthetic population\n"
    "  info       what a profile says of itself, and how its cells fail\n"
    "  validate   check a profile, cell by cell\n\n"
    "Examples:\n"
    "  brownout profile generate --preset 14nm-iid --chips 64 -o chips.h5\n"
    "  brownout profile info profiles/14nm.h5\n"
    "'brownout profile generate --help' tells more.\n";

}  // namespace

ExitStatus runProfile(const std::vector<std::string>& arguments) {
    const std::string what = arguments.empty() ? "" : arguments[0];
    if (what == "--help" || what == "-h") {
        std::cout << kUsage;
        return ExitStatus::kSuccess;
    }
    const std::vector<std::string> rest(arguments.empty() ? arguments.end() : arguments.begin() + 1,
                                        arguments.end());
    if (what == "generate") return generate(rest);
    if (what == "info") return info(rest);
    if (what == "validate") return validate(rest);
    throw UsageError("brownout profile",
                     (what.empty() ? "nothing to do" : "unknown '" + what + "'") +
                         "; expected generate, info or validate");
}

}  // namespace brownout
