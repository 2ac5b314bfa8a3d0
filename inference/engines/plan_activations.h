#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/span.h"
#include "inference/engines/aligned_floats.h"
#include "inference/plan/plan.h"

namespace brownout {

/// A piece of the memory of activations.
struct ActivationPiece {
    std::size_t offset = 0;  ///< in elements
    std::size_t elements = 0;
};

/// Returns the pieces that are in use between the steps `step` - 1 and `step` of a plan.
std::vector<ActivationPiece> piecesInUse(const Plan& plan, std::size_t step);

/// A plan and the memory of its activations, where images go in, as many as the plan's kernels have
/// lanes, and results come out. The memory is taken when it is first needed.
class PlanActivations {
 public:
    explicit PlanActivations(Plan plan);

    const Plan& plan() const { return *plan_; }
    std::size_t lanes() const { return static_cast<std::size_t>(plan_->kernels->lanes); }
    std::size_t bytes() const { return plan_->activationElements * lanes() * sizeof(float); }

    /// Returns the activations, element by element.
    float* data();
    /// Returns the memory that steps of the plan work on; `rest` has what isn't an activation.
    PlanMemory memory(PlanMemory rest);

    /// Puts up to lanes() images of the first input one after the other into its lanes; lanes
    /// without one are black.
    void load(const float* images, std::size_t count);
    /// Copies the first output of `count` lanes; `uniform` is the memory of what all images share.
    void store(std::size_t count, const float* uniform, float* outputs);

    /// Runs the steps from `first` to `end`, and adds what each node took to `nodeSeconds`, if it
    /// isn't empty.
    void runSteps(const PlanMemory& memory, std::size_t first, std::size_t end,
                  Span<double> nodeSeconds = {}) const;
    void runFrom(const PlanMemory& memory, std::size_t first, Span<double> nodeSeconds = {}) const {
        runSteps(memory, first, plan_->steps.size(), nodeSeconds);
    }

 private:
    std::unique_ptr<const Plan> plan_;
    std::vector<std::size_t> bufferOffsets_;  ///< in floats
    AlignedFloats activations_;
};

}  // namespace brownout
