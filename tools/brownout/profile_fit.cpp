#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/numbers.h"
#include "profiles/profile_writer.h"
#include "profiles/statistics/population_fit.h"
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

/// A figure as it is reported, and what of it is in the recipe.
struct Line {
    const char* key;
    const char* text;
    std::optional<Estimated> figure;  ///< absent: the chips don't tell
    double inRecipe;
};

std::vector<Line> linesOf(const PopulationFit& fit, const Recipe& recipe) {
    const SpatialParameters& p = *recipe.spatial;
    return {
        {"share_array", "variance, share common to an array", fit.arrayShare, p.arrayShare},
        {"share_column", "                to a column", fit.columnShare, p.columnShare},
        {"share_row", "                to a row", fit.rowShare, p.rowShare},
        {"gradient_x", "rise from left to right, sigmas", fit.gradientX, p.gradientX},
        {"gradient_y", "     from top to bottom", fit.gradientY, p.gradientY},
        {"share_01", "failing cells that turn only 0 into 1", fit.turn01, recipe.shares.stuckAt1},
        {"share_10", "                   only 1 into 0", fit.turn10, recipe.shares.stuckAt0},
        {"direction_array", "direction, share common to an array", fit.directionArrayShare,
         p.directionArrayShare},
        {"direction_column", "                to a column", fit.directionColumnShare,
         p.directionColumnShare},
        {"share_persistent", "failing cells that fail in every read", fit.persistentShare,
         p.persistentShare},
        {"intermittent_mean", "others: mean chance in a read", fit.intermittentMean,
         p.intermittentMean},
        {"intermittent_spread", "        its spread", fit.intermittentSpread,
         p.intermittentSpread}};
}

json toJson(const std::optional<Estimated>& figure) {
    return {{"value", figure ? json(figure->value) : json()},
            {"standard_error", figure && figure->error ? json(*figure->error) : json()}};
}

void printJson(const PopulationFit& fit, const Recipe& recipe, const std::string& out) {
    json figures = {{"mean", toJson(fit.mean)}, {"sigma", toJson(fit.sigma)}};
    for (const Line& line : linesOf(fit, recipe)) {
        figures[line.key] = toJson(line.figure);
        figures[line.key]["in_recipe"] = line.inRecipe;
    }
    std::cout << jsonText(json({{"out", out},
                                {"chips", fit.chips},
                                {"standard_errors_over", nameOf(fit.blocks)},
                                {"blocks", fit.blockCount},
                                {"voltages", fit.voltages},
                                {"rates", fit.rates},
                                {"read_noise", fit.readNoise},
                                {"fit", figures}}))
              << "\n";
}

std::string withError(const std::optional<Estimated>& figure) {
    if (!figure) return "- (too few pairs fail)";
    return humanNumber(figure->value, 4) +
           (figure->error ? " ± " + humanNumber(*figure->error, 2) : "");
}

void print(const PopulationFit& fit, const Recipe& recipe, const char* unit) {
    std::cout << "Fit to " << fit.chips << " chip" << (fit.chips == 1 ? "" : "s")
              << "; standard errors over " << fit.blockCount << " " << nameOf(fit.blocks)
              << "s\n\n  critical voltage: mean " << withError(fit.mean) << " " << unit
              << ", sigma " << withError(fit.sigma) << " " << unit << "\n\n";
    const auto column = [](const std::string& text, std::size_t width) {
        const std::size_t columns = text.size() - (text.find("±") == std::string::npos ? 0 : 1);
        return text + std::string(width > columns ? width - columns : 1, ' ');
    };
    std::cout << "  " << column("", 40) << column("found", 24) << "in the recipe\n";
    for (const Line& line : linesOf(fit, recipe)) {
        std::cout << "  " << column(line.text, 40) << column(withError(line.figure), 24)
                  << humanNumber(line.inRecipe, 4) << "\n";
    }
    std::cout << "  " << column("read noise, " + std::string(unit), 40)
              << column(humanNumber(fit.readNoise, 3), 24) << humanNumber(fit.readNoise, 3) << "\n";
}

/// Header of the population: the device of the chips, their energy, and where it comes from.
ProfileHeader headerFor(const std::vector<Profile>& profiles, const PopulationFit& fit,
                        const Recipe& recipe) {
    std::string names;
    for (const Profile& one : profiles) {
        names += (names.empty() ? "" : ", ") + one.path().filename().string();
    }
    ProfileHeader header = profiles.front().header();
    header.info = infoForNewProfile(
        Provenance::kSynthetic, "fitted to " + std::to_string(fit.chips) + " chips of " + names +
                                    ", seed " + std::to_string(recipe.seed));
    std::vector<double> known;
    for (const double v : header.referenceVoltages) {
        if (v >= recipe.lowestVoltage() && v <= recipe.highestVoltage()) known.push_back(v);
    }
    header.referenceVoltages = known;
    return header;
}

}  // namespace

ExitStatus runProfileFit(const std::vector<std::string>& arguments) {
    CommandLine line(
        "profile fit FILE... --out FILE [options]",
        "Finds the population that measured chips come from and writes it as a recipe, from which "
        "any number of\n"
        "similar chips can be drawn: share of failing cells against the voltage, how much of their "
        "variance cells of\n"
        "an array, a column, a row have in common, gradient, direction, and how often failing "
        "cells "
        "fail.\n\n"
        "The method: a Gaussian copula (profiles/statistics/population_fit.h), from cells that "
        "fail at the voltages\n"
        "measured. The shares of array and column are the likeliest given the failing cells of "
        "every column at the\n"
        "lowest voltage; the rest are moments. Standard errors are over chips (arrays, groups of "
        "columns). A gradient\n"
        "goes into the recipe if it differs from zero at the 1 % level.",
        "  brownout profile fit chip1.h5 chip2.h5 -o population.h5\n"
        "  brownout profile compare chip1.h5 population.h5");
    line.options().add_options()  //
        ("file", po::value<std::vector<std::string>>()->value_name("FILE"),
         "profiles of measured chips")                                                      //
        ("out,o", po::value<std::string>()->value_name("FILE"), "the population to write")  //
        ("chips", po::value<std::string>()->value_name("N"),
         "chips of the population (default: as many as measured, at least 16)");
    line.positional("file", -1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("file", "the measured chips");
    line.require("out", "the file to write");
    const auto& out = line.get<std::string>("out");
    const std::optional<std::uint32_t> drawn = line.count("chips", kMostChips);
    checkCanWrite(out);

    std::vector<Profile> profiles;
    std::uint64_t chips = 0;
    for (const std::string& path : line.get<std::vector<std::string>>("file")) {
        profiles.push_back(openProfile(path));
        chips += profiles.back().chipCount();
    }
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, line.common().quiet),
                             "chips", chips);
    const PopulationFit fit = fitPopulation(profiles, [&] { progress.advance(); });
    progress.finish();
    Recipe recipe = recipeOf(fit, line.common().seed);
    recipe.chips = drawn.value_or(recipe.chips);
    writeRecipeProfile(out, headerFor(profiles, fit, recipe), recipe);
    if (line.common().json) {
        printJson(fit, recipe, out);
    } else {
        print(fit, recipe, nameOf(profiles.front().device().unit));
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
