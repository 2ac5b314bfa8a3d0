#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "inference/plan/plan.h"

namespace brownout {

/// The kernels of one Winograd convolution whose values at the points are out of date, because some
/// of their nine weights were changed, or changed back.
///
/// Changes are collected and evaluated once, before the next run: a kernel with two faults costs as
/// much as one with one. Values are a pure function of the nine weights, so that what is restored
/// has exactly the values that it had.
class ChangedKernels {
 public:
    explicit ChangedKernels(const EvaluatedKernels& kernels)
        : kernels_(&kernels), changed_(kernels.kernels()) {}

    /// Returns the place of a weight, counted in the order of the file, in the packed memory.
    std::size_t placeOf(std::size_t weight) const { return kernels_->weights + weight; }

    /// Notes that a weight is changed.
    void change(std::size_t weight);
    /// Notes that all weights changed since the last call have their old values again, or new ones
    /// to stay.
    void settle();
    /// Evaluates what is out of date.
    void update(const kernels::Kernels& by, float* packedMemory);

    std::size_t bytes() const { return changed_.size(); }

 private:
    const EvaluatedKernels* kernels_;
    std::vector<std::uint8_t> changed_;   ///< by kernel: in patched_
    std::vector<std::uint32_t> patched_;  ///< kernels that are changed now, each once
    std::vector<std::uint32_t>
        settled_;             ///< kernels that were changed and are to be evaluated again
    bool outOfDate_ = false;  ///< patched_ isn't evaluated
};

}  // namespace brownout
