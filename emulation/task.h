#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/span.h"
#include "emulation/measure.h"
#include "emulation/trial_counts.h"
#include "inference/data/dataset.h"
#include "inference/engines/engine.h"

namespace brownout {

/// The truth about an image, of which a task uses what it is about.
struct Truth {
    std::int32_t label = 0;
    Span<const float> image = {};    ///< pixels as the network was given them
    Span<const float> targets = {};  ///< values that the data set wants; empty where it has none
};

/// The scores of the images of a trial, those without faults and those with faults in one order.
struct TrialScores {
    Span<const double> clean;
    Span<const double> faulty;
};

/// The purpose of a network: what its outputs are worth, image by image (`score`), what is counted
/// of a trial (`count`), and what is said of the counts (`measures`).
///
/// Trials hold integers only, so merging them is exact in any order. What is counted may need all
/// the images of a trial at once, as ranks do; hence the two steps. Immutable; any number of
/// threads may use one.
class Task {
 public:
    virtual ~Task() = default;

    /// Returns the task's one name: "top-1", "top-5", "mse", "auc".
    virtual std::string name() const = 0;

    /// Returns the outputs of an engine that are scored.
    virtual EngineOutputs outputs() const = 0;

    /// Throws Error naming the file, or UsageError, unless the network and the images are ones that
    /// the task has a meaning for.
    virtual void check(const Network& network, const Dataset& data) const = 0;

    /// Returns the score of an image for the outputs that a network gave it. Only the task itself
    /// knows what it means.
    virtual double score(Span<const float> outputs, const Truth& truth) const = 0;

    /// Tells whether a score is that of a wrong answer. Nothing for a task whose answers are not
    /// simply right or wrong: its campaigns take all images.
    virtual std::optional<bool> isWrong(double score) const;

    /// Returns how far a network is from the other answer to an image of class `label`, right
    /// instead of wrong or wrong instead of right: the larger, the less likely faults change it.
    /// For tasks with answers that are right or wrong; 0 for others.
    virtual double margin(Span<const float> outputs, int label) const;

    /// Sets the task's counts of a trial whose images are those of `data` from `first` on.
    virtual void count(const TrialScores& scores, const Dataset& data, std::size_t first,
                       TrialCounts& counts) const = 0;

    /// Returns what there is to say of the counts; the first is the measure that plots show, and by
    /// which networks are compared. All have keys and headings of their own.
    virtual std::vector<Measure> measures() const = 0;
};

/// Makes the task of classification, "top-1": the share of images is counted whose largest output
/// isn't that of their class and, with `top` above 1, of those whose class is not among the `top`
/// largest ones. The outputs are ranked before a final Softmax. An image with an output that is not
/// a number is wrong. Throws UsageError if `top` is 0.
std::shared_ptr<const Task> classification(std::uint32_t top = 1);

}  // namespace brownout
