#include <iostream>

#include "base/numbers.h"
#include "profiles/generator/presets.h"
#include "profiles/profile_writer.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/profile_commands.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// Returns how critical voltages depend on the temperature, if the options say so.
VoltageShifts shiftsOf(const CommandLine& line) {
    VoltageShifts shifts;
    if (!line.has("temperature-coefficient")) return shifts;
    const auto number = [&](const char* option) {
        return parseNumber(std::string("--") + option, line.get<std::string>(option));
    };
    shifts.temperatureCoefficient = number("temperature-coefficient");
    shifts.referenceTemperatureC = number("reference-temperature");
    return shifts;
}

}  // namespace

ExitStatus runProfileGenerate(const std::vector<std::string>& arguments) {
    CommandLine line(
        "profile generate --out FILE [options]",
        "Writes a population of synthetic chips. As a recipe (the default) the file holds the "
        "parameters and\n"
        "the seed, a few kilobytes for any number of chips, drawn when they are used; as "
        "thresholds, every cell\n"
        "that can fail, 16 bytes each before compression.\n\n"
        "Presets: " +
            joined(recipePresetNames()) + ".",
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
        ("temperature-coefficient", po::value<std::string>()->value_name("X"),
         "by how much critical voltages rise with the temperature, in the unit of the preset a "
         "degree Celsius; no source gives a usual one")  //
        ("reference-temperature", po::value<std::string>()->value_name("T")->default_value("25"),
         "degrees Celsius at which critical voltages are those of the preset")  //
        ("encoding", po::value<std::string>()->value_name("HOW")->default_value("recipe"),
         "recipe or threshold");
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("out", "the file to write");

    const auto& name = line.get<std::string>("preset");
    SramGeometry geometry = recipePreset(name).device.geometry;
    geometry.arrays = line.count("arrays").value_or(geometry.arrays);
    geometry.rows = line.count("rows").value_or(geometry.rows);
    geometry.columns = line.count("columns").value_or(geometry.columns);
    geometry.columnMux = line.count("mux").value_or(geometry.columnMux);
    RecipePreset preset = recipePreset(name, geometry);
    preset.recipe.chips = line.count("chips").value_or(preset.recipe.chips);
    if (!line.values()["seed"].defaulted()) preset.recipe.seed = line.common().seed;

    const auto& out = line.get<std::string>("out");
    const auto& encoding = line.get<std::string>("encoding");
    const VoltageShifts shifts = shiftsOf(line);
    const ProfileHeader header = headerOf(preset);
    if (encoding == "recipe") {
        if (shifts.temperatureCoefficient != 0) {
            if (!preset.recipe.spatial) {
                throw UsageError("--temperature-coefficient",
                                 "needs --encoding threshold with the preset " + name);
            }
            preset.recipe.spatial->temperatureCoefficient = shifts.temperatureCoefficient;
            preset.recipe.spatial->referenceTemperature = *shifts.referenceTemperatureC;
        }
        writeRecipeProfile(out, header, preset.recipe);
    } else if (encoding == "threshold") {
        const ThresholdRange range{preset.recipe.chips, preset.recipe.lowestVoltage(),
                                   preset.recipe.highestVoltage(), shifts};
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

}  // namespace brownout
