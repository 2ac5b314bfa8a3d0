#pragma once

#include <cstdint>
#include <string>

#include "inference/activations/stored_activations.h"
#include "inference/data/dataset.h"

namespace brownout {

/// The way in which ranges of activations are found where a file has none.
struct Calibration {
    std::size_t images =
        0;  ///< the first ones of the data; 0: none, every tensor has to have codes
    /// Share of the values of an image that a range holds on either side, the mean over images; 1:
    /// the largest and smallest values of all images.
    double quantile = 1;
    std::uint32_t bits = 8;  ///< bits of a code, 2 to 16
};

/// Gives the activations that have no codes unsigned ones of the range that they take on images of
/// `data`, made larger to hold 0, which has a code of its own. `network` computes in floats. Throws
/// Error naming a layer if there are such activations and no images to run, and if an activation is
/// not finite.
StoredActivations calibrated(StoredActivations activations, const Network& network,
                             const Dataset& data, const Calibration& calibration);

}  // namespace brownout
