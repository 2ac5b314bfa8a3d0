#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/span.h"

namespace brownout {

/// The fate of an image under a task: bit c is set where the image fails criterion c.
using Outcome = std::uint8_t;

/// Criteria that a task may have: the first is the error that campaigns report, the second one
/// (top-5 beside top-1) is optional.
constexpr std::size_t kMaxCriteria = 2;

/// The purpose of a network: turns its outputs for an image, and the truth about that image, into
/// outcomes that can be counted. Integer counts of images are all that trials add up, so merging
/// them is exact in any order. Immutable; any number of threads may use one.
class Task {
 public:
    virtual ~Task() = default;

    /// Returns the task's one name, part of a campaign's identity: "top-1", "top-5".
    virtual std::string name() const = 0;

    /// Returns how many criteria the task has, 1 to kMaxCriteria.
    virtual std::size_t criteria() const = 0;

    /// Returns which criteria an image fails whose truth is `label`. The outputs are ranked before
    /// a final Softmax.
    virtual Outcome score(Span<const float> outputs, std::int32_t label) const = 0;
};

/// Makes the task of classification: an image fails the first criterion unless the largest output
/// is that of its class and, with `top` above 1, the second unless its class is among the `top`
/// largest ones. An image with an output that is not a number fails all. Throws UsageError if `top`
/// is 0.
std::shared_ptr<const Task> classification(std::uint32_t top = 1);

}  // namespace brownout
