#pragma once

#include <memory>

#include "emulation/task.h"

namespace brownout {

/// Returns the mean of the squared differences of outputs and targets, of which there are as many;
/// infinite or NaN where an output is.
double meanSquaredError(Span<const float> outputs, Span<const float> targets);

/// Returns the measure of how many images have outputs or scores that aren't finite. `note` says
/// what becomes of these images: "in no mean".
Measure shareNotFinite(const std::string& note);

/// Returns how many scores are not finite.
std::uint64_t countNotFinite(Span<const double> scores);

/// Makes the task "mse": the mean squared error over images and outputs of a network that gives
/// numbers. They are compared with the targets of the data set if there are as many; else with the
/// image itself, as it was fed, if there are as many (an autoencoder); else, without any targets,
/// the one output of a network is compared with the label.
///
/// A trial counts the sum of the images' errors, each rounded to a multiple of 2^-40, exactly.
/// Images with an output that is not finite, or with an error of 2^40 or more, are in no sum and
/// are counted by themselves.
std::shared_ptr<const Task> squaredErrorTask();

}  // namespace brownout
