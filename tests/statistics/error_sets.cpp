#include "tests/statistics/error_sets.h"

#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <stdexcept>

#include "emulation/task.h"

namespace brownout {
namespace {

std::string nameOf(const ErrorSet& set) { return set.network + set.rate; }

/// Counts how often the interval that `estimate` makes of chips drawn by lot holds `truth`. Chips
/// are drawn otherwise for each name.
Coverage count(const std::string& name, double truth, std::size_t chips, std::size_t n,
               int campaigns,
               const std::function<Estimate(const std::vector<std::size_t>&)>& estimate) {
    std::seed_seq seed(name.begin(), name.end());
    std::mt19937_64 random(seed);
    Coverage coverage;
    for (int i = 0; i < campaigns; ++i) {
        std::vector<std::size_t> drawn;
        for (std::size_t k = 0; k < n; ++k) drawn.push_back(random() % chips);
        const Interval ci = estimate(drawn).ci95.value();
        coverage.width += (ci.high - ci.low) / campaigns;
        // A mean of a thousand is rounded otherwise than a mean of five of the same number.
        const double noise = 1e-12;
        if (truth > ci.high + noise) {
            coverage.above += 1.0 / campaigns;
        } else if (truth < ci.low - noise) {
            coverage.below += 1.0 / campaigns;
        } else {
            coverage.held += 1.0 / campaigns;
        }
    }
    return coverage;
}

std::vector<Unit> chosen(const ErrorSet& set, const std::vector<std::size_t>& chips) {
    std::vector<Unit> units;
    for (const std::size_t chip : chips) units.push_back(set.chips[chip]);
    return units;
}

}  // namespace

std::vector<ErrorSet> readErrorSets(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<ErrorSet> sets;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        ErrorSet set;
        words >> set.network >> set.rate >> set.images >> set.wrongClean;
        std::uint64_t wrong = 0, either = 0;
        for (char colon = 0; words >> wrong >> colon >> either;) {
            Unit unit{static_cast<std::uint32_t>(set.chips.size()), {}};
            unit.counts.images = set.images;
            unit.counts.wrongClean = set.wrongClean;
            unit.counts.wrongPerturbed = wrong;
            unit.counts.wrongEither = either;
            set.chips.push_back(unit);
        }
        sets.push_back(std::move(set));
    }
    if (sets.empty()) throw std::runtime_error(path.string() + ": no errors of chips");
    return sets;
}

Coverage coverageOf(const ErrorSet& set, std::size_t measure, std::size_t n, int campaigns,
                    bool student) {
    const Measure of = classification()->measures().at(measure);
    const double truth = measuredValue(of, set.chips, true).faulty->mean;
    return count(nameOf(set) + of.key, truth, set.chips.size(), n, campaigns,
                 [&](const auto& chips) {
                     if (!student) return *measuredValue(of, chosen(set, chips), true).faulty;
                     std::vector<Amount> amounts;
                     for (const Unit& unit : chosen(set, chips))
                         amounts.push_back(*of.faulty(unit.counts));
                     return meanOf(amounts);
                 });
}

Coverage coverageOfDifference(const ErrorSet& a, const ErrorSet& b, std::size_t measure,
                              std::size_t n, int campaigns) {
    const Measure of = classification()->measures().at(measure);
    const double truth = measuredDifference(of, a.chips, b.chips, true).faulty->mean;
    return count(
        nameOf(a) + nameOf(b) + of.key, truth, a.chips.size(), n, campaigns,
        [&](const auto& chips) {
            return *measuredDifference(of, chosen(a, chips), chosen(b, chips), true).faulty;
        });
}

}  // namespace brownout
