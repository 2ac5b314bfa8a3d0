#include "emulation/task.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "inference/data/layout.h"
#include "inference/ranking.h"

namespace brownout {
namespace {

std::optional<Amount> shareOf(const std::optional<std::uint64_t>& images,
                              const TrialCounts& counts) {
    if (!images) return std::nullopt;
    return Amount{*images, counts.images};
}

/// Returns the share of all images of the campaign that a trial estimates, in place of what it
/// counted, where it took some of them only.
std::optional<Amount> shareOf(const std::optional<std::uint64_t>& counted,
                              const std::optional<std::uint64_t>& estimate,
                              const std::optional<std::uint64_t>& fraction,
                              const TrialCounts& counts) {
    if (!counts.imagesInAll) return shareOf(counted, counts);
    if (!estimate || !fraction) return std::nullopt;
    return Amount{*estimate, *counts.imagesInAll, *fraction};
}

std::optional<Amount> wrong(const TrialCounts& c) {
    return shareOf(c.wrongPerturbed, c.wrongEstimate, c.wrongEstimateFraction, c);
}

std::optional<Amount> wrongClean(const TrialCounts& c) {
    return shareOf(c.wrongClean, c.wrongCleanInAll, 0, c);
}

std::optional<Amount> wrongEither(const TrialCounts& c) {
    return shareOf(c.wrongEither, c.wrongEitherEstimate, c.wrongEitherEstimateFraction, c);
}

/// Returns the images that are wrong with faults only.
std::optional<Amount> newlyWrong(const std::optional<Amount>& either,
                                 const std::optional<Amount>& clean) {
    if (!either || !clean) return std::nullopt;
    return Amount{either->sum - std::min(either->sum, clean->sum), either->over, either->fraction};
}

/// Returns what all shares of images have in common.
Measure shareOfImages() {
    Measure measure;
    measure.harm = [](const TrialCounts& c) { return newlyWrong(wrongEither(c), wrongClean(c)); };
    measure.worthless = 1;
    measure.inPercent = true;
    measure.possible = {0, 1};
    measure.bounds = "within 0 and 100 %";
    return measure;
}

Measure error() {
    Measure measure = shareOfImages();
    measure.faulty = wrong;
    measure.clean = wrongClean;
    measure.key = "error";
    measure.cleanKey = "clean_error";
    measure.name = "error";
    measure.heading = "error %";
    measure.cleanHeading = "clean error %";
    measure.plural = "errors";
    measure.note = "Error: images classified wrongly with faults, of all images.";
    measure.tolerableLoss = 0.01;
    measure.tolerable =
        "the error, at the upper end of its 95 % interval, is at most one percentage point above "
        "the error without faults";
    return measure;
}

Measure robustError() {
    Measure measure = shareOfImages();
    measure.faulty = wrongEither;
    measure.key = "robust_error";
    measure.name = "robust error";
    measure.heading = "robust error %";
    measure.note = "Robust error: images wrong without or with faults, as some papers count.";
    measure.showsInterval = false;
    return measure;
}

Measure errorTop(const std::string& top) {
    Measure measure = shareOfImages();
    measure.harm = [](const TrialCounts& c) {
        return newlyWrong(shareOf(c.wrongEitherTop, c), shareOf(c.wrongCleanTop, c));
    };
    measure.faulty = [](const TrialCounts& c) { return shareOf(c.wrongPerturbedTop, c); };
    measure.clean = [](const TrialCounts& c) { return shareOf(c.wrongCleanTop, c); };
    measure.key = "error_top" + top;
    measure.cleanKey = "clean_" + measure.key;
    measure.name = "top-" + top + " error";
    measure.heading = "top-" + top + " error %";
    measure.cleanHeading = "top-" + top + " clean %";
    return measure;
}

Measure robustErrorTop(const std::string& top) {
    Measure measure = errorTop(top);
    measure.clean = nullptr;
    measure.cleanKey = measure.cleanHeading = "";
    measure.faulty = [](const TrialCounts& c) { return shareOf(c.wrongEitherTop, c); };
    measure.key = "robust_error_top" + top;
    measure.name = "robust top-" + top + " error";
    measure.heading = "top-" + top + " robust %";
    measure.showsInterval = false;
    return measure;
}

/// Counts the images whose class has at least the rank `least`, by the scores of one or either run.
std::uint64_t ranksFrom(std::size_t least, Span<const double> ranks, Span<const double> others) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        const double worst = others.empty() ? ranks[i] : std::max(ranks[i], others[i]);
        count += worst >= static_cast<double>(least) ? 1 : 0;
    }
    return count;
}

/// Returns how far the output of the class `label` is from the largest of the others; 0 where there
/// are no others, and from the second largest of all where there is no such class.
double marginOf(Span<const float> outputs, int label) {
    if (outputs.size() < 2) return 0;
    const auto known = label >= 0 && static_cast<std::size_t>(label) < outputs.size();
    const auto largest = static_cast<std::size_t>(std::max_element(outputs.begin(), outputs.end()) -
                                                  outputs.begin());
    const std::size_t own = known ? static_cast<std::size_t>(label) : largest;
    float other = -std::numeric_limits<float>::infinity();
    for (std::size_t c = 0; c < outputs.size(); ++c) {
        if (c != own) other = std::max(other, outputs[c]);
    }
    return std::abs(static_cast<double>(outputs[own]) - static_cast<double>(other));
}

/// Scores an image by the rank of its class among the outputs, 0 for the largest; by the number of
/// classes where an output is not a number.
class Classification final : public Task {
 public:
    explicit Classification(std::uint32_t top) : top_(top) {}

    std::string name() const override { return "top-" + std::to_string(top_); }
    EngineOutputs outputs() const override { return EngineOutputs::kScores; }

    void check(const Network& network, const Dataset& data) const override {
        checkFits(network, data);
        const std::size_t classes = interfaceOf(network).classes;
        if (top_ > 1 && top_ >= classes) {
            throw UsageError("top", std::to_string(top_) + "; " + network.file + " has " +
                                        std::to_string(classes) +
                                        " classes, so every image would be right");
        }
    }

    double score(Span<const float> outputs, const Truth& truth) const override {
        return static_cast<double>(rankOf(outputs, static_cast<std::size_t>(truth.label)));
    }

    void count(const TrialScores& scores, const Dataset& /*data*/, std::size_t /*first*/,
               TrialCounts& counts) const override {
        counts.wrongClean = ranksFrom(1, scores.clean, {});
        counts.wrongPerturbed = ranksFrom(1, scores.faulty, {});
        counts.wrongEither = ranksFrom(1, scores.clean, scores.faulty);
        if (top_ == 1) return;
        counts.wrongCleanTop = ranksFrom(top_, scores.clean, {});
        counts.wrongPerturbedTop = ranksFrom(top_, scores.faulty, {});
        counts.wrongEitherTop = ranksFrom(top_, scores.clean, scores.faulty);
    }

    std::optional<bool> isWrong(double score) const override { return score >= 1; }

    double margin(Span<const float> outputs, int label) const override {
        return marginOf(outputs, label);
    }

    std::vector<Measure> measures() const override {
        std::vector<Measure> all = {error(), robustError()};
        if (top_ > 1) {
            all.push_back(errorTop(std::to_string(top_)));
            all.push_back(robustErrorTop(std::to_string(top_)));
        }
        return all;
    }

 private:
    std::uint32_t top_;
};

}  // namespace

std::optional<bool> Task::isWrong(double /*score*/) const { return std::nullopt; }

double Task::margin(Span<const float> /*outputs*/, int /*label*/) const { return 0; }

std::shared_ptr<const Task> classification(std::uint32_t top) {
    if (top == 0) throw UsageError("top", "0; expected at least 1");
    return std::make_shared<const Classification>(top);
}

}  // namespace brownout
