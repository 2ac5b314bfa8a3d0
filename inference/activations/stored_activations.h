#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inference/activations/activation_codes.h"
#include "inference/network.h"

namespace brownout {

/// A tensor of activations that a layer writes to a memory and later ones read from there.
struct StoredActivation {
    std::string value;         ///< name of the value in the network
    std::string layer;         ///< node that makes it; the name of the input for images
    std::size_t elements = 0;  ///< of one image
    /// Number of the node from which on it is written, counted from 1; 0 for images. That is the
    /// one that makes it, or an earlier one whose result goes through others without being stored:
    /// what that one reads is still there.
    std::size_t written = 0;
    std::size_t lastRead = 0;  ///< number of the last node that reads it
    bool hasCodes = false;     ///< false until a calibration gives it a range
    ActivationCodes codes;
};

/// The activations of a network that lie in a memory, in the order in which they are written.
struct StoredActivations {
    std::vector<StoredActivation> tensors;

    /// Tells whether every tensor has codes.
    bool complete() const;
    /// Returns the step of a value of the network that is a stored tensor, also where nodes only
    /// rename it or write its codes another way (DequantizeLinear); nothing if it is none.
    std::optional<double> stepOf(const Network& network, std::string value) const;
};

/// Returns the activations of a network that an accelerator writes to its memory.
///
/// In a file with quantised activations (QuantizeLinear, Quant) they are those that it quantises,
/// with its codes. In any other they are the images and the result of every layer that moves data,
/// without codes; operators of `fused` are applied to the results of products on their way out, if
/// they have one input and are its only reader, so that what they read isn't written. The outputs
/// of the network leave it unwritten.
///
/// Throws Error naming the node where quantised activations have several scales or more than 16
/// bits.
StoredActivations activationsToStore(const Network& network, const std::set<std::string>& fused);

}  // namespace brownout
