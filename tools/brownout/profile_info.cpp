#include <iostream>
#include <nlohmann/json.hpp>

#include "profiles/profile.h"
#include "profiles/statistics.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/profile_commands.h"
#include "tools/campaign/numbers.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

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
}  // namespace

ExitStatus runProfileInfo(const std::vector<std::string>& arguments) {
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

}  // namespace brownout
