#include "emulation/squared_error.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "inference/data/layout.h"

namespace brownout {
namespace {

// An Amount's fractions are of 2^-40, see statistics.h.
constexpr int kFractionBits = 40;
const double kLargest = std::ldexp(1.0, kFractionBits);

/// An exact sum of the finite scores among some.
struct ExactSum {
    std::uint64_t whole = 0;
    std::uint64_t fraction = 0;  ///< in units of 2^-40, less than 2^40
    std::uint64_t notFinite = 0;

    explicit ExactSum(Span<const double> scores) {
        for (const double score : scores) {
            if (!std::isfinite(score)) {
                ++notFinite;
                continue;
            }
            const double floor = std::floor(score);
            whole += static_cast<std::uint64_t>(floor);
            fraction += static_cast<std::uint64_t>(
                std::nearbyint(std::ldexp(score - floor, kFractionBits)));
            whole += fraction >> kFractionBits;
            fraction &= (std::uint64_t{1} << kFractionBits) - 1;
        }
    }
};

std::optional<Amount> meanOfFinite(const TrialCounts& counts,
                                   const std::optional<std::uint64_t>& whole,
                                   const std::optional<std::uint64_t>& fraction,
                                   const std::optional<std::uint64_t>& notFinite) {
    if (!whole || !fraction || !notFinite) return std::nullopt;
    return Amount{*whole, counts.images - *notFinite, *fraction};
}

Measure mse() {
    Measure measure;
    measure.faulty = [](const TrialCounts& c) {
        return meanOfFinite(c, c.squaredError, c.squaredErrorFraction, c.notFinite);
    };
    measure.clean = [](const TrialCounts& c) {
        return meanOfFinite(c, c.squaredErrorClean, c.squaredErrorCleanFraction, c.notFiniteClean);
    };
    measure.key = "mse";
    measure.cleanKey = "clean_mse";
    measure.name = "MSE";
    measure.plural = "MSEs";
    measure.heading = "MSE";
    measure.cleanHeading = "clean MSE";
    measure.note =
        "MSE: squared differences of the outputs and what they should be, mean over outputs and "
        "images.";
    measure.possible = {0, std::numeric_limits<double>::infinity()};
    measure.bounds = "not below 0";
    measure.tolerableLoss = 0.1;
    measure.lossIsRelative = true;
    measure.tolerable =
        "the MSE, at the upper end of its 95 % interval, is at most a tenth above the MSE without "
        "faults, and no more images are not finite than without";
    return measure;
}

class SquaredError final : public Task {
 public:
    std::string name() const override { return "mse"; }
    EngineOutputs outputs() const override { return EngineOutputs::kOwn; }

    void check(const Network& network, const Dataset& data) const override {
        fitTo(network, data);
        const std::size_t values = interfaceOf(network).classes;
        if (values == data.targetElements() || values == data.imageElements()) return;
        if (data.targetElements() > 0) {
            throw Error(data.place(), "has " + std::to_string(data.targetElements()) +
                                          " targets an image; " + network.file + " gives " +
                                          std::to_string(values) + " values");
        }
        if (values == 1 && data.hasLabels()) return;
        throw Error(network.file,
                    "gives " + std::to_string(values) + " values an image; expected " +
                        std::to_string(data.imageElements()) +
                        ", as many as an image has (an autoencoder), or `targets` in the data set");
    }

    double score(Span<const float> outputs, const Truth& truth) const override {
        double error = 0;
        if (outputs.size() == truth.targets.size()) {
            error = meanSquaredError(outputs, truth.targets);
        } else if (outputs.size() == truth.image.size()) {
            error = meanSquaredError(outputs, truth.image);
        } else {
            const auto label = static_cast<float>(truth.label);
            error = meanSquaredError(outputs, {&label, 1});
        }
        return error < kLargest ? error : std::numeric_limits<double>::quiet_NaN();
    }

    void count(const TrialScores& scores, const Dataset& /*data*/, std::size_t /*first*/,
               TrialCounts& counts) const override {
        const ExactSum clean(scores.clean);
        const ExactSum faulty(scores.faulty);
        counts.notFiniteClean = clean.notFinite;
        counts.notFinite = faulty.notFinite;
        counts.squaredErrorClean = clean.whole;
        counts.squaredErrorCleanFraction = clean.fraction;
        counts.squaredError = faulty.whole;
        counts.squaredErrorFraction = faulty.fraction;
    }

    std::vector<Measure> measures() const override {
        return {mse(), shareNotFinite("in no mean, and a chip with no others is left out")};
    }
};

}  // namespace

double meanSquaredError(Span<const float> outputs, Span<const float> targets) {
    double sum = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const double difference = static_cast<double>(outputs[i]) - static_cast<double>(targets[i]);
        sum += difference * difference;
    }
    return sum / static_cast<double>(outputs.size());
}

std::uint64_t countNotFinite(Span<const double> scores) {
    std::uint64_t count = 0;
    for (const double score : scores) count += std::isfinite(score) ? 0 : 1;
    return count;
}

Measure shareNotFinite(const std::string& note) {
    Measure measure;
    measure.faulty = [](const TrialCounts& c) -> std::optional<Amount> {
        if (!c.notFinite) return std::nullopt;
        return Amount{*c.notFinite, c.images};
    };
    measure.clean = [](const TrialCounts& c) -> std::optional<Amount> {
        if (!c.notFiniteClean) return std::nullopt;
        return Amount{*c.notFiniteClean, c.images};
    };
    measure.key = "not_finite";
    measure.cleanKey = "clean_not_finite";
    measure.name = "share of images that are not finite";
    measure.plural = measure.name;
    measure.heading = "not finite %";
    measure.note =
        "Not finite: images with an output that is infinite, not a number or beyond counting, of "
        "all images; they are " +
        note + ".";
    measure.inPercent = true;
    measure.showsInterval = false;
    measure.possible = {0, 1};
    measure.bounds = "within 0 and 100 %";
    measure.mayNotRise = true;
    return measure;
}

std::shared_ptr<const Task> squaredErrorTask() { return std::make_shared<const SquaredError>(); }

}  // namespace brownout
