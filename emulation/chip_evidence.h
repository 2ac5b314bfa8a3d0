#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "emulation/adaptive_plan.h"

namespace brownout {

/// An estimated variance and its standard error.
struct Variance {
    double value = 0;
    double error = 0;

    /// Returns the value, or its error where that is larger: a variance that is as good as zero may
    /// yet be as large as that, and more chips will tell.
    double likely() const { return std::max(value, error); }
};

/// Evidence of the chips of a point's finished rounds: the mean and its interval, the variance
/// between chips and within, and what an exact campaign would have made of them.
class ChipEvidence {
 public:
    /// The task must outlive this.
    explicit ChipEvidence(const PointTask& task);

    /// Adds a trial. Figures are those of the last evaluate().
    void add(const TrialResult& trial);
    void evaluate();

    std::uint32_t chips() const { return static_cast<std::uint32_t>(units_.size()); }
    std::uint64_t images() const { return images_; }
    double mean() const { return value_.faulty->mean; }
    /// Returns the variance of the chips' estimates.
    double variance() const;
    /// Returns the half-width of the interval; nothing from one chip.
    std::optional<double> halfWidth() const;
    /// Returns the variance between chips, as an exact campaign would see it.
    const Variance& betweenChips() const { return between_; }

    /// Returns the half-width that was asked, where the variance between chips is `between`.
    double target(double between) const;

    /// Returns the image inferences of an exact campaign with this half-width, or of the one that
    /// was asked to be matched.
    std::uint64_t exactInferences(double halfWidth) const;

    /// Returns the variances within strata: those of the point before, corrected by what was seen.
    std::array<double, kStrata> variances(Division division,
                                          const std::optional<StrataLesson>& before) const;
    /// Tells whether margins say next to nothing about which images are wrong.
    bool isGuessing() const;

 private:
    double exactHalfWidth(std::uint64_t chips, double between) const;
    void estimateBetween();

    const PointTask& task_;
    double all_;
    std::vector<Unit> units_;
    std::uint64_t images_ = 0;
    std::vector<double> within_;  ///< variance within each chip
    Variance between_;
    double harm_ = 0;
    ByDivision<std::array<double, kStrata>> squares_;
    ByDivision<std::array<double, kStrata>> freedom_;
    ImageVariance byMargin_;  ///< sums over trials whose images were divided by margin
    MeasuredValue value_;
};

/// Returns the number of images in all strata.
double imagesIn(const Allocation& allocation);

}  // namespace brownout
