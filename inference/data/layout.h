#pragma once

#include <string>
#include <vector>

#include "inference/data/dataset.h"

namespace brownout {

/// Ways in which images of the shape `dataShape` fit a network that takes `networkShape`, in which
/// -1 is a free size. One at the most if they fit as they are stored: in the same shape, in the
/// same one but for axes of size 1, or where either is flat. Otherwise those of channels moved to
/// the end
/// ((C, H, W) to (H, W, C)) and to the front that fit: two are a question only the user can answer.
std::vector<Layout> layoutsFor(const Shape& networkShape, const Shape& dataShape);

/// A data set in the layout of a network, and what had to be done to it.
struct FittedDataset {
    Dataset data;      ///< data set whose shape() has no free sizes: those the network is to have
    std::string note;  ///< one line for the user if channels were moved, or empty
};

/// Brings the images into the layout that the network takes. Throws Error naming both unless they
/// fit in one way. What labels and targets must be is the task's business.
FittedDataset fitTo(const Network& network, const Dataset& data);

/// Throws Error naming both unless the images fit, there are labels, and every one of them is a
/// class of the network.
void checkFits(const Network& network, const Dataset& data);

}  // namespace brownout
