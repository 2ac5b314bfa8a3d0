#pragma once

#include "model/accelerator/systolic.h"

namespace brownout {

// A product on a row-stationary array (Eyeriss: Chen et al., JSSC 2017).
//
// An element convolves one row of a kernel with one row of the input; kernel height x e elements, a
// *set*, make e rows of the output. A *pass* works on n images, e output rows, p t filters and q r
// channels: r t sets lie on the array, each of p filters and q channels. Passes over the channels
// add to the partial sums of m filters, which stay in the accumulators' memory; then the next
// filters take their place. Three-dimensional kernels count as channels, depths of the output as
// images.

/// A mapping with every parameter known.
struct ChosenMapping {
    std::uint64_t m = 1, n = 1, e = 1, p = 1, q = 1, r = 1, t = 1;
    std::uint64_t setRows = 1;      ///< rows of the kernel in a set; fewer than all in tall kernels
    std::uint64_t kernelParts = 1;  ///< parts of a kernel that is taller than the array

    /// Returns the elements that work.
    std::uint64_t activeElements() const { return setRows * e * r * t; }
};

/// Returns the mapping of a product: what the first rule that fits it says, and for the rest the
/// largest that fits, in the order q, p (registers of an element), e, t, r (elements of the array),
/// n, m (room for sums, beside the input tile where both lie in one memory). Throws Error where a
/// given parameter doesn't fit the array or its registers.
ChosenMapping mappingOf(const ComputeArray& array, const ProductShape& product, std::uint64_t batch,
                        const Room& room, bool sharedRoom);

/// Returns what a product costs under a mapping, for all groups and `batch` images.
///
/// Each pass reads its input rows, without padding, and writes its partial sums, which all but the
/// first passes over the channels read before. Weights enter the elements' registers once for each
/// image group and strip of e rows. DRAM traffic: inputs again for each m filters, unless they
/// stay; weights again for each image group and strip, unless they do.
ProductUse rowStationaryUse(const ChosenMapping& mapping, const ProductShape& product,
                            std::uint64_t batch, const Room& room, const ElementBits& bits);

}  // namespace brownout
