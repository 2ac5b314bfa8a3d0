#include "tools/brownout/simulated_hardware.h"

#include <algorithm>

#include "base/error.h"
#include "base/numbers.h"
#include "profiles/profile_chips.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// Returns the number that was given for `option`, `least` to `most`.
double between(const CommandLine& line, const char* option, double least, double most) {
    const std::string name = std::string("--") + option;
    const double value = parseNumber(name, line.get<std::string>(option));
    if (value < least || value > most) {
        throw UsageError(name, "'" + line.get<std::string>(option) + "'; expected a number from " +
                                   shortestNumber(least) + " to " + shortestNumber(most));
    }
    return value;
}

// Wide of every regulator, and within what the time of a simulation can hold.
constexpr double kLeastSlew = 1e-3;
constexpr double kMostSlew = 1e12;
constexpr double kMostSettlingS = 1000;

}  // namespace

void addSupplyOptions(CommandLine& line) {
    line.options().add_options()  //
        ("slew", po::value<std::string>()->value_name("RATE")->default_value("10000"),
         "of the regulator: how fast the supply moves, in the unit of the profile a second")  //
        ("settling", po::value<std::string>()->value_name("S")->default_value("1e-6"),
         "of the regulator: seconds after the move until the memory may be accessed");
}

SimulatedMemorySettings simulatedMemorySettings(const Profile& profile, double lowestSupply,
                                                std::shared_ptr<const Protection> protection,
                                                const CommandLine& line) {
    SimulatedMemorySettings settings;
    settings.chips = std::make_shared<ProfileChips>(profile, 1, lowestSupply);
    settings.protection = std::move(protection);
    settings.energy = profile.energy();
    settings.initialSupply =
        profile.energy() ? profile.energy()->reference() : profile.supplies().highest();
    settings.supply = {between(line, "slew", kLeastSlew, kMostSlew),
                       between(line, "settling", 0, kMostSettlingS)};
    return settings;
}

std::uint32_t chipNumber(const CommandLine& line, const char* option, const Profile& profile) {
    const std::string name = std::string("--") + option;
    const std::string& text = line.get<std::string>(option);
    // Chips are counted from 0, as everywhere in a profile.
    const std::uint64_t chip = text == "0" ? 0 : parseCount(name, text);
    if (chip >= profile.chipCount()) {
        throw UsageError(name, text + "; " + profile.path().string() + " has chips 0 to " +
                                   std::to_string(profile.chipCount() - 1));
    }
    return static_cast<std::uint32_t>(chip);
}

}  // namespace brownout
