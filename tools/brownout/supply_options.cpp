#include "tools/brownout/supply_options.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

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

SupplySettings supplySettingsOf(const CommandLine& line) {
    return {line.between("slew", kLeastSlew, kMostSlew),
            line.between("settling", 0, kMostSettlingS)};
}

}  // namespace brownout
