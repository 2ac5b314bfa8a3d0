// brownout-statistics: what the intervals and the adaptive campaigns are worth on real chips.
// docs/statistics.md holds what it prints.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>

#include "tests/statistics/error_sets.h"
#include "tests/statistics/simulated.h"

namespace brownout {
namespace {

/// Simulates adaptive campaigns and prints, for each network and rate, how often the interval held
/// the mean of all chips, and image inferences beside those of an exact campaign.
void printPrecision(const std::vector<Outcomes>& outcomes, const Precision& precision,
                    std::uint32_t campaigns) {
    std::map<std::string, std::vector<Outcomes>> networks;
    for (const Outcomes& one : outcomes) networks[one.network].push_back(one);
    std::printf("`--precision %s`, %u campaigns a network:\n\n", toString(precision).c_str(),
                campaigns);
    std::printf(
        "| network | rate | error %% | held %% | above %% | below %% | chips | images | "
        "reached %% | saved |\n|---|---|---|---|---|---|---|---|---|---|\n");
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
            std::printf("| %s | %g | %.2f | %.1f | %.1f | %.1f | %.0f | %.0f | %.0f | %.1f |\n",
                        name.c_str(), network[p].rate, 100 * truth.mean, 100 * in / c, 100 * up / c,
                        100 * down / c, chips / c, images / c, 100 * reached / c, exact / images);
            held += in / c, above += up / c, below += down / c, ++sets;
            logSaved += std::log(exact / images);
            least = std::min(least, exact / images);
        }
    }
    std::printf(
        "\nMean: held %.1f %%, above %.1f %%, below %.1f %%; saved %.1f times, at least %.1f.\n",
        100 * held / sets, 100 * above / sets, 100 * below / sets, std::exp(logSaved / sets),
        least);
}

/// Coverage over sets, for one number of chips.
struct Total {
    Coverage mean;
    double worst = 1;
    std::string worstSet;
    int sets = 0;
    double logWider = 0;

    void add(const Coverage& one, const Coverage& student, const std::string& name) {
        logWider += std::log(one.width / student.width);
        mean.held += one.held;
        mean.above += one.above;
        mean.below += one.below;
        ++sets;
        if (one.held >= worst) return;
        worst = one.held;
        worstSet = name;
    }
    /// Prints a row; `wider` tells whether there were Student's intervals to compare widths with.
    void print(const std::string& what, std::size_t n, bool wider = true) const {
        char width[16] = "";
        if (wider) std::snprintf(width, sizeof width, "%.2f", std::exp(logWider / sets));
        std::printf("| %s | %zu | %d | %.1f | %.1f | %.1f | %s | %.1f (%s) |\n", what.c_str(), n,
                    sets, 100 * mean.held / sets, 100 * mean.above / sets, 100 * mean.below / sets,
                    width, 100 * worst, worstSet.c_str());
    }
};

constexpr const char* kMeasures[] = {"error", "robust error"};

/// Prints how often intervals over a few chips held the mean of all.
void printIntervals(const std::vector<ErrorSet>& sets, int campaigns) {
    std::printf(
        "| 95 %% interval of | n | sets | held %% | above %% | below %% | wider | worst |\n"
        "|---|---|---|---|---|---|---|---|\n");
    for (const std::size_t n : {5U, 10U, 20U, 50U}) {
        Total all;
        Total halves[2];
        Total students;
        for (const ErrorSet& set : sets) {
            for (std::size_t measure = 0; measure < 2; ++measure) {
                const std::string name = set.network + " " + set.rate + " " + kMeasures[measure];
                const Coverage one = coverageOf(set, measure, n, campaigns);
                const Coverage student = coverageOf(set, measure, n, campaigns, true);
                all.add(one, student, name);
                halves[isForChoosing(set) ? 0 : 1].add(one, student, name);
                students.add(student, student, name);
            }
        }
        all.print("means, all sets", n);
        halves[0].print("means, normal and clipped", n);
        halves[1].print("means, rquant and randbet", n);
        students.print("means, Student's", n);
    }
    for (const std::size_t n : {5U, 10U, 20U, 50U}) {
        Total all;
        for (const ErrorSet& a : sets) {
            for (const ErrorSet& b : sets) {
                if (a.rate != b.rate || a.network >= b.network) continue;
                for (std::size_t measure = 0; measure < 2; ++measure) {
                    const Coverage one = coverageOfDifference(a, b, measure, n, campaigns);
                    all.add(
                        one, one,
                        a.network + " - " + b.network + " " + a.rate + " " + kMeasures[measure]);
                }
            }
        }
        all.print("differences on the same chips", n, false);
    }
}

int run(int argc, char** argv) {
    const auto usage = [] {
        std::cerr << "brownout-statistics outcomes FILE CHIPS IMAGES\n"
                     "brownout-statistics precision FILE PRECISION CAMPAIGNS\n"
                     "brownout-statistics intervals FILE CAMPAIGNS\n";
        return 2;
    };
    if (argc == 4 && std::strcmp(argv[1], "intervals") == 0) {
        printIntervals(readErrorSets(argv[2]), std::stoi(argv[3]));
        return 0;
    }
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
