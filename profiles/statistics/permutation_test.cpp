#include "profiles/statistics/permutation_test.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/random.h"

namespace brownout {
namespace {

// Larger than any other: the samples differ and nothing varies within them.
constexpr double kCertain = 1e12;
// Two divisions that differ only in the order of additions are equally far apart.
constexpr double kTie = 1e-9;
// Ranks tell statistics apart only if the smallest p, times their number, is well below the usual
// level.
constexpr double kFinestForRanks = 0.01;

/// n over k, or `most` + 1 if there are more than that.
double divisions(std::size_t n, std::size_t k, std::uint32_t most) {
    double count = 1;
    for (std::size_t i = 1; i <= std::min(k, n - k); ++i) {
        count = count * static_cast<double>(n - i + 1) / static_cast<double>(i);
        if (count > 1e15) return most + 1.0;
    }
    return std::min(std::round(count), most + 1.0);
}

struct Moments {
    double n = 0, sum = 0, squares = 0;
    double mean() const { return sum / n; }
    double errorSquare() const { return std::fmax(0, (squares - sum * sum / n) / (n - 1)) / n; }
};

/// |Welch's t| of a statistic for a division.
double distanceOf(const std::vector<double>& values, const std::vector<bool>& inA) {
    Moments a, b;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        Moments& one = inA[i] ? a : b;
        one.n += 1;
        one.sum += values[i];
        one.squares += values[i] * values[i];
    }
    if (a.n < 2 || b.n < 2) return 0;
    const double difference = std::fabs(a.mean() - b.mean());
    const double error = std::sqrt(a.errorSquare() + b.errorSquare());
    if (difference <= kTie * (std::fabs(a.mean()) + std::fabs(b.mean()))) return 0;
    return error > difference / kCertain ? difference / error : kCertain;
}

/// Divisions one after the other: all of them in turn, or random ones.
class Divisions {
 public:
    Divisions(std::size_t a, std::size_t b, std::uint32_t most, std::uint64_t seed)
        : inA_(a + b, false), stream_(seed, RandomDomain::kPermutation, 0, 0) {
        std::fill(inA_.begin(), inA_.begin() + static_cast<std::ptrdiff_t>(a), true);
        const double count = divisions(a + b, a, most);
        all_ = count <= most;
        left_ = static_cast<std::uint32_t>(all_ ? count : most);
    }
    std::uint32_t left() const { return left_; }
    const std::vector<bool>& inA() const { return inA_; }
    void next() {
        if (--left_ == 0) return;
        if (all_) {
            std::prev_permutation(inA_.begin(), inA_.end());
            return;
        }
        for (std::size_t i = inA_.size() - 1; i > 0; --i) {
            const auto j = static_cast<std::size_t>(stream_.uniform() * static_cast<double>(i + 1));
            const bool kept = inA_[i];
            inA_[i] = inA_[j];
            inA_[j] = kept;
        }
    }

 private:
    std::vector<bool> inA_;
    RandomStream stream_;
    bool all_ = true;
    std::uint32_t left_ = 0;
};

/// Share of the divisions that are as far as `distance`, or as the first, the one at hand.
double shareAsFar(const std::vector<double>& distances, double distance) {
    const auto far = std::count_if(distances.begin(), distances.end(),
                                   [&](double one) { return one >= distance * (1 - kTie); });
    return static_cast<double>(far) / static_cast<double>(distances.size());
}
double shareAsFar(const std::vector<double>& distances) {
    return shareAsFar(distances, distances.front());
}

/// For each division how many are less far.
std::vector<double> ranksOf(const std::vector<double>& distances) {
    std::vector<double> sorted = distances;
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> ranks;
    ranks.reserve(distances.size());
    for (const double one : distances) {
        const auto first = std::lower_bound(sorted.begin(), sorted.end(), one * (1 - kTie));
        ranks.push_back(static_cast<double>(first - sorted.begin()));
    }
    return ranks;
}

}  // namespace

double smallestP(std::size_t a, std::size_t b, std::uint32_t most) {
    const double count = divisions(a + b, a, most);
    if (count > most) return 1.0 / most;
    return (a == b ? 2 : 1) / count;
}

std::vector<PermutationResult> permutationTest(const Observations& a, const Observations& b,
                                               std::uint32_t most, std::uint64_t seed) {
    const std::size_t statistics = a.front().size();
    std::vector<std::vector<double>> values(statistics);
    for (const Observations* sample : {&a, &b}) {
        for (const auto& block : *sample) {
            for (std::size_t s = 0; s < statistics; ++s) values[s].push_back(block[s]);
        }
    }
    Divisions division(a.size(), b.size(), most, seed);
    std::vector<PermutationResult> results(statistics);
    for (std::size_t s = 0; s < statistics; ++s) {
        const auto known = [&](const Observations& sample) {
            return std::count_if(sample.begin(), sample.end(),
                                 [&](const auto& block) { return !std::isnan(block[s]); });
        };
        results[s].tested = known(a) >= 2 && known(b) >= 2;
        results[s].distance = results[s].tested ? distanceOf(values[s], division.inA()) : 0;
    }
    // Of each statistic its distance for every division, the one at hand first.
    std::vector<std::vector<double>> distances(statistics);
    for (; division.left() > 0; division.next()) {
        for (std::size_t s = 0; s < statistics; ++s) {
            if (!results[s].tested) continue;
            distances[s].push_back(distanceOf(values[s], division.inA()));
        }
    }
    std::vector<std::size_t> order;
    for (std::size_t s = 0; s < statistics; ++s) {
        if (!results[s].tested) continue;
        order.push_back(s);
        results[s].p = shareAsFar(distances[s]);
    }
    if (order.empty()) return results;
    const bool byRank =
        smallestP(a.size(), b.size(), most) * static_cast<double>(order.size()) <= kFinestForRanks;
    if (byRank) {
        for (const std::size_t s : order) distances[s] = ranksOf(distances[s]);
    }
    // Farthest first: the farthest is compared with the largest of all statistics, the next with
    // the largest of all but the farthest, and so on.
    std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t k) {
        return distances[i].front() > distances[k].front();
    });
    const std::size_t count = distances[order.front()].size();
    std::vector<double> largest(count, 0);
    for (auto s = order.rbegin(); s != order.rend(); ++s) {
        for (std::size_t d = 0; d < count; ++d) {
            largest[d] = std::max(largest[d], distances[*s][d]);
        }
        results[*s].adjusted = shareAsFar(largest, distances[*s].front());
    }
    double worst = 0;
    for (const std::size_t s : order) {
        worst = std::max(worst, results[s].adjusted);
        results[s].adjusted = worst;
    }
    return results;
}

}  // namespace brownout
