#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/span.h"
#include "emulation/task.h"

namespace brownout {

/// Returns the Mann-Whitney statistic U of the scores, doubled: over all pairs of an anomaly and a
/// normal image, 2 where the anomaly has the larger score and 1 where both have the same. A score
/// that is NaN is on the wrong side of every pair. U over the number of pairs is the area under the
/// ROC curve.
std::uint64_t doubledU(std::vector<double> anomalies, std::vector<double> normals);

/// Makes the task "auc": how well a network tells anomalies (label 1) from normal images (label 0),
/// as the area under the ROC curve over the images of a trial, 1 being perfect and 0.5 guessing. An
/// image's score is the mean squared error between the outputs and the image itself, as it was fed,
/// where there are as many (an autoencoder), or the one output of the network. A trial counts the
/// doubled U, so it is exact.
std::shared_ptr<const Task> anomalyTask();

}  // namespace brownout
