#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inference/data/dataset.h"
#include "inference/formats/encoded_network.h"

namespace brownout {

// The metrics of a binarised network that tell how many bit errors it stands (Bit Error Tolerance
// Metrics for Binarized Neural Networks, REFERENCES.md), in *flips*: operands of a sum, weights or
// activations, that change their sign. One of them moves a sum by 2.
//
// **Neuron-level.** A neuron compares a sum h with a threshold T. Its *margin* is the number of
// flips that it stands for certain, wherever they fall: (h - T) / 2 rounded down if h >= T, else
// one less than (T - h) / 2 rounded up; one more in the worst places changes its output. On
// average it stands more: at random places the sum walks at random, and m flips move it by 2 sqrt m
// or so.
// Where a maximum over windows comes before the threshold, h is the largest sum. Neurons whose
// operands are bytes (the first layer) are left out, a flip there moves a sum by twice the byte.
//
// **Inter-neuron.** The importance of a neuron, a channel of a convolution, is the accuracy that is
// lost when its output is inverted. That is the same as to invert every weight that multiplies it.
// The metric is the variance of the importances of a layer. The paper's abstract does not say how
// it estimates importance: this one is ours.
//
// **Output.** A decision's margin is the number of flips in the last sums that it stands for
// certain: the gap between the two largest scores over 2, rounded up, less one.

/// A histogram of whole numbers from 0 up; the last bin holds what is larger, too.
struct ToleranceHistogram {
    double binWidth = 1;
    std::vector<std::uint64_t> counts;
};

/// The metrics of a layer.
struct LayerTolerance {
    std::string name;
    std::int64_t neurons = 0;   ///< channels
    std::int64_t operands = 0;  ///< of a sum
    // Margins of neurons with bits for operands, over images and places; none in other layers.
    bool hasMargins = false;
    double meanMargin = 0;   ///< flips that are stood for certain
    double meanShare = 0;    ///< the same, of the operands
    double meanAverage = 0;  ///< flips that are stood on average
    double without = 0;      ///< share of neurons that one flip in the worst place changes
    ToleranceHistogram margins;
    // Importances of neurons whose outputs are bits; none in other layers.
    std::vector<double> importances;
    double importanceMean = 0;
    double importanceVariance = 0;
    ToleranceHistogram importanceHistogram;  ///< of importances in images, those below 0 as 0
};

/// The metrics of a network.
struct NetworkTolerance {
    std::string name;
    std::vector<LayerTolerance> layers;
    std::uint64_t images = 0;
    double cleanError = 0;
    double meanOutputMargin = 0;  ///< flips, over the images that are right
    ToleranceHistogram outputMargins;
    // The metrics of a network, by which networks are ranked.
    double neuronMetric = 0;                  ///< mean over layers of meanShare
    std::optional<double> interNeuronMetric;  ///< mean over layers of importanceVariance, if taken
    double outputMetric = 0;  ///< mean output margin as a share of the operands of a score
    double predictedBer = 0;  ///< bit error rate at which the accuracy is said to drop a point
};

/// Settings of a measurement of tolerance.
struct ToleranceSettings {
    std::size_t images = 1000;
    unsigned threads = 1;
    /// Measures importances, which takes a few passes over the images; margins take one.
    bool importances = true;
};

/// Measures a network on the first images of `data`, which fit it. Throws Error naming the file if
/// the network's layers with bits aren't one behind the other.
NetworkTolerance measureTolerance(const EncodedNetwork& network, const Dataset& data,
                                  const ToleranceSettings& settings);

/// Returns the flips that a sum stands for certain at a threshold.
std::int64_t certainFlips(std::int64_t sum, std::int64_t threshold);

}  // namespace brownout
