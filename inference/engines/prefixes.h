#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "inference/engines/plan_activations.h"
#include "inference/plan/plan.h"

namespace brownout {

/// Activations that a network has without faults, kept for a set of images at a few places between
/// its steps (*cuts*): a run whose faults all lie behind a cut begins there.
///
/// Which cuts are worth their memory is decided once: a fault falls on any stored weight with the
/// same probability, and saves the multiply-accumulates before the last cut in front of it. Cuts
/// are added one by one, each the one that saves most among those that still fit, so that late
/// layers, with many weights and small activations, come first.
class Prefixes {
 public:
    struct Cut {
        std::size_t step = 0;                 ///< first step that is run behind it
        std::vector<ActivationPiece> pieces;  ///< in use there
        std::size_t elements = 0;             ///< floats of an image
        double share = 0;                     ///< multiply-accumulates before it, of all
        std::unique_ptr<float[]> values;  ///< [image][elements], undefined until a run keeps them
    };

    /// Chooses cuts for `images` images in at most `bytes`. `faultSteps` has the first step that
    /// sees a fault in each stored tensor, and `weights` the number of its codes.
    Prefixes(const Plan& plan, const std::vector<std::size_t>& faultSteps,
             const std::vector<std::size_t>& weights, std::size_t images, std::size_t bytes);

    std::size_t images() const { return images_; }
    std::vector<Cut>& cuts() { return cuts_; }
    const std::vector<Cut>& cuts() const { return cuts_; }
    /// Returns the last cut before a step, null if there is none.
    const Cut* before(std::size_t step) const;
    std::size_t bytes() const;

 private:
    std::size_t images_;
    std::vector<Cut> cuts_;  ///< in the order of their steps
};

/// Returns the most bytes of activations that one command keeps: an eighth of the memory that the
/// process may have, 4 GiB at most.
std::size_t memoryForPrefixes();

}  // namespace brownout
