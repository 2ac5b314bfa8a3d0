// brownout-statistics: what the intervals and the adaptive campaigns are worth on real chips.
// docs/statistics.md holds what it prints.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>

#include "tests/statistics/simulated.h"

namespace brownout {
namespace {

/// Simulates adaptive campaigns and prints, for each network and rate, how often the interval held
/// the mean of all chips, and image inferences beside those of an exact campaign.
void printPrecision(const std::vector<Outcomes>& outcomes, const Precision& precision,
                    std::uint32_t campaigns) {
    std::map<std::string, std::vector<Outcomes>> networks;
    for (const Outcomes& one : outcomes) networks[one.network].push_back(one);
    std::printf("--precision %s, %u campaigns\n", toString(precision).c_str(), campaigns);
    std::printf("%-9s %8s %8s %7s %7s %7s %9s %9s %8s %9s\n", "network", "rate", "error %",
                "held %", "above %", "below %", "chips", "images", "reached", "saved");
    double held = 0, above = 0, below = 0, logSaved = 0, least = 1e9, sets = 0;
    for (const auto& [name, network] : networks) {
        std::vector<std::vector<SimulatedPoint>> runs;
        for (std::uint32_t i = 0; i < campaigns; ++i) {
            runs.push_back(simulateCampaign(network, precision, 10000, i));
        }
        for (std::size_t p = 0; p < network.size(); ++p) {
            const Population truth = populationOf(network[p]);
            double in = 0, up = 0, down = 0, chips = 0, images = 0, exact = 0, reached = 0;
            for (const auto& run : runs) {
                const SimulatedPoint& point = run[p];
                up += truth.mean > point.interval.high ? 1 : 0;
                down += truth.mean < point.interval.low ? 1 : 0;
                chips += point.state.chips;
                images += static_cast<double>(point.state.imageInferences);
                exact += static_cast<double>(point.state.exactInferences);
                reached += point.state.reached() ? 1 : 0;
            }
            in = campaigns - up - down;
            const double c = campaigns;
            std::printf("%-9s %8.1e %8.2f %7.1f %7.1f %7.1f %9.1f %9.0f %8.3f %9.1f\n",
                        name.c_str(), network[p].rate, 100 * truth.mean, 100 * in / c, 100 * up / c,
                        100 * down / c, chips / c, images / c, reached / c, exact / images);
            held += in / c, above += up / c, below += down / c, ++sets;
            logSaved += std::log(exact / images);
            least = std::min(least, exact / images);
        }
    }
    std::printf(
        "mean: held %.1f %%, above %.1f %%, below %.1f %%; saved %.1f times, at least %.1f\n",
        100 * held / sets, 100 * above / sets, 100 * below / sets, std::exp(logSaved / sets),
        least);
}

int run(int argc, char** argv) {
    const auto usage = [] {
        std::cerr << "brownout-statistics outcomes FILE CHIPS IMAGES\n"
                     "brownout-statistics precision FILE PRECISION CAMPAIGNS\n";
        return 2;
    };
    if (argc != 5) return usage();
    if (std::strcmp(argv[1], "outcomes") == 0) {
        save(runOutcomes({1e-4, 5e-4, 3e-3, 2e-2, 1e-1},
                         static_cast<std::uint32_t>(std::stoul(argv[3])), std::stoul(argv[4])),
             argv[2]);
        return 0;
    }
    if (std::strcmp(argv[1], "precision") != 0) return usage();
    printPrecision(load(argv[2]), precisionFromString("PRECISION", argv[3]),
                   static_cast<std::uint32_t>(std::stoul(argv[4])));
    return 0;
}

}  // namespace
}  // namespace brownout

int main(int argc, char** argv) {
    try {
        return brownout::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "brownout-statistics: " << error.what() << "\n";
        return 1;
    }
}
