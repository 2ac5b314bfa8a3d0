#include "emulation/strata.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "emulation/image_sample.h"

namespace brownout {
namespace {

// Images times images times 2^40 outgrow 64 bits.
__extension__ using Wide = unsigned __int128;

constexpr unsigned kFractionBits = 40;  // see Amount

/// A sum of rational numbers in units of 2^-40, each rounded to the nearest.
class FixedSum {
 public:
    void add(std::uint64_t numerator, std::uint64_t denominator) {
        sum_ += ((Wide{numerator} << kFractionBits) + denominator / 2) / denominator;
    }
    std::uint64_t whole() const { return static_cast<std::uint64_t>(sum_ >> kFractionBits); }
    std::uint64_t fraction() const {
        return static_cast<std::uint64_t>(sum_ & ((Wide{1} << kFractionBits) - 1));
    }

 private:
    Wide sum_ = 0;
};

/// Counts of strata that were drawn from together.
StratumCount sumOf(const StratumCounts& strata, const JointStrata& joint) {
    StratumCount sum = strata[joint.last];
    for (std::size_t h = joint.first; h < joint.last; ++h) sum.images += strata[h].images;
    return sum;
}

}  // namespace

std::vector<JointStrata> jointStrata(const Allocation& allocation) {
    std::vector<JointStrata> all;
    JointStrata joint;
    for (std::size_t h = 0; h < kStrata; ++h) {
        joint.last = h;
        if (allocation[h] == 0 && h + 1 != kRightStrata && h + 1 != kStrata) continue;
        all.push_back(joint);
        joint.first = h + 1;
    }
    return all;
}

Allocation drawnOf(const StratumCounts& strata) {
    Allocation drawn{};
    for (std::size_t h = 0; h < kStrata; ++h) drawn[h] = strata.at(h).drawn;
    return drawn;
}

Strata::Strata(const std::vector<bool>& wrong, Span<const double> margins,
               Span<const int> classes) {
    divideByMargin(wrong, margins);
    divideByClass(wrong, classes);
    for (const Division division : kDivisions) {
        for (std::size_t h = 0; h < kStrata; ++h) {
            auto& images = images_[division][h];
            std::sort(images.begin(), images.end());
            sizes_[division][h] = static_cast<std::uint32_t>(images.size());
        }
    }
}

void Strata::divideByMargin(const std::vector<bool>& wrong, Span<const double> margins) {
    const auto marginOf = [&](std::uint32_t image) {
        return std::isfinite(margins[image]) ? margins[image] : 0.0;
    };
    std::array<std::vector<std::uint32_t>, 2> images;
    for (std::uint32_t i = 0; i < wrong.size(); ++i) images[wrong[i] ? 1 : 0].push_back(i);
    auto stratum = images_[Division::kMargin].begin();
    for (std::size_t side = 0; side < 2; ++side) {
        auto& of = images[side];
        std::stable_sort(of.begin(), of.end(), [&](std::uint32_t a, std::uint32_t b) {
            return marginOf(a) < marginOf(b);
        });
        const std::size_t parts = side == 0 ? kRightStrata : kWrongStrata;
        for (std::size_t part = 0; part < parts; ++part, ++stratum) {
            const auto at = [&](std::size_t k) {
                return of.begin() +
                       static_cast<std::ptrdiff_t>(of.size() * k * k / (parts * parts));
            };
            stratum->assign(at(part), at(part + 1));
        }
    }
}

void Strata::divideByClass(const std::vector<bool>& wrong, Span<const int> classes) {
    std::vector<int> distinct(classes.begin(), classes.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    Images& strata = images_[Division::kClass];
    for (std::uint32_t i = 0; i < wrong.size(); ++i) {
        const auto place = std::lower_bound(distinct.begin(), distinct.end(), classes[i]);
        const auto number = static_cast<std::size_t>(place - distinct.begin());
        const std::size_t parts = wrong[i] ? kWrongStrata : kRightStrata;
        const std::size_t part =
            distinct.size() <= parts ? number : number * parts / distinct.size();
        strata[part + (wrong[i] ? kRightStrata : 0)].push_back(i);
    }
}

std::vector<std::uint32_t> Strata::draw(Division division, const Allocation& allocation,
                                        std::uint64_t seed, std::uint32_t chip,
                                        std::uint32_t point) const {
    const Images& strata = images_[division];
    RandomStream random(seed, RandomDomain::kImageSample, chip, point);
    std::vector<std::uint32_t> drawn;
    for (const JointStrata& joint : jointStrata(allocation)) {
        std::vector<std::uint32_t> images;
        for (std::size_t h = joint.first; h <= joint.last; ++h) {
            images.insert(images.end(), strata[h].begin(), strata[h].end());
        }
        std::sort(images.begin(), images.end());
        images = sampleOf(std::move(images), allocation[joint.last], random);
        drawn.insert(drawn.end(), images.begin(), images.end());
    }
    return drawn;
}

StratumCounts countByStratum(const Allocation& sizes, const Allocation& allocation,
                             const std::vector<bool>& wrong) {
    StratumCounts counts(kStrata);
    std::size_t next = 0;
    for (std::size_t stratum = 0; stratum < kStrata; ++stratum) {
        counts[stratum] = {sizes[stratum], allocation[stratum], 0};
        for (std::uint32_t i = 0; i < allocation[stratum]; ++i) {
            counts[stratum].wrong += wrong[next++] ? 1 : 0;
        }
    }
    return counts;
}

Division divisionOf(const StratumCounts& strata, const StratumSizes& sizes) {
    const Allocation& byMargin = sizes[Division::kMargin];
    const bool isByMargin = std::equal(
        strata.begin(), strata.end(), byMargin.begin(), byMargin.end(),
        [](const StratumCount& count, std::uint32_t size) { return count.images == size; });
    return isByMargin ? Division::kMargin : Division::kClass;
}

void addEstimates(const StratumCounts& strata, TrialCounts& counts) {
    FixedSum wrong;
    FixedSum either;
    std::uint64_t all = 0;
    std::uint64_t wrongClean = 0;
    for (const JointStrata& joint : jointStrata(drawnOf(strata))) {
        const StratumCount count = sumOf(strata, joint);
        all += count.images;
        if (joint.first >= kRightStrata) wrongClean += count.images;
        if (count.drawn == 0) continue;
        const std::uint64_t weighted = std::uint64_t{count.images} * count.wrong;
        wrong.add(weighted, count.drawn);
        if (joint.first < kRightStrata) either.add(weighted, count.drawn);
    }
    counts.imagesInAll = all;
    counts.wrongCleanInAll = wrongClean;
    counts.wrongEstimate = wrong.whole();
    counts.wrongEstimateFraction = wrong.fraction();
    counts.wrongEitherEstimate = wrongClean + either.whole();
    counts.wrongEitherEstimateFraction = either.fraction();
}

ImageVariance imageVariance(const StratumCounts& strata) {
    ImageVariance variance;
    double all = 0;
    double wrong = 0;
    for (const JointStrata& joint : jointStrata(drawnOf(strata))) {
        const StratumCount count = sumOf(strata, joint);
        if (count.drawn == 0) continue;
        const double images = count.images;
        const double drawn = count.drawn;
        const double share = count.wrong / drawn;
        all += images;
        wrong += images * share;
        if (count.drawn > 1) variance.within += images * share * (1 - share) * drawn / (drawn - 1);
    }
    if (all == 0) return {};
    variance.within /= all;
    // On average, share (1 - share) is too small by the variance of the estimated share.
    variance.all = wrong / all * (1 - wrong / all) + varianceWithin(strata);
    return variance;
}

double varianceWithin(const StratumCounts& strata) {
    double variance = 0;
    double all = 0;
    for (const JointStrata& joint : jointStrata(drawnOf(strata))) {
        const StratumCount count = sumOf(strata, joint);
        all += count.images;
        if (count.drawn < 2 || count.drawn == count.images) continue;
        const double images = count.images;
        const double drawn = count.drawn;
        const double share = count.wrong / drawn;
        variance += images * (images - drawn) * share * (1 - share) / (drawn - 1);
    }
    return variance / (all * all);
}

}  // namespace brownout
