#include "inference/graph/weight_equalization.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "inference/graph/scalable_channels.h"

namespace brownout {

namespace {

/// Scaling ends when no factor of a round is further from 1, or after so many rounds: ranges of a
/// tensor are those of its largest channel, which are equal long before the last are.
constexpr double kClose = 0.01;
constexpr int kMostRounds = 100;

constexpr std::size_t kFixed = ScalableChannels::kFixed;

/// The largest weight of each row and column of a layer.
std::vector<float> largestOf(const ScalableLayer& layer, const std::vector<float>& weights) {
    std::vector<float> largest(layer.rows * layer.columns);
    for (std::size_t row = 0; row < layer.rows; ++row) {
        for (std::size_t column = 0; column < layer.columns; ++column) {
            float& most = largest[row * layer.columns + column];
            const std::size_t first = row * layer.rowStep + column * layer.columnStep;
            for (std::size_t k = 0; k < layer.elements; ++k) {
                most = std::max(most, std::fabs(weights[first + k * layer.step]));
            }
        }
    }
    return largest;
}

/// Largest weights that make and that read a channel.
struct Ranges {
    double made = 0, read = 0;

    bool areThere() const { return made > 0 && read > 0; }
};

std::vector<Ranges> rangesOf(const ScalableChannels& found,
                             const std::vector<std::vector<float>>& largest,
                             const std::vector<double>& scales) {
    std::vector<Ranges> ranges(found.channels);
    for (std::size_t l = 0; l < found.layers.size(); ++l) {
        const ScalableLayer& layer = found.layers[l];
        for (std::size_t row = 0; row < layer.rows; ++row) {
            Ranges& out = ranges[layer.out[row]];
            const double by = 1 / scales[layer.out[row]];
            for (std::size_t column = 0; column < layer.columns; ++column) {
                const std::size_t in = layer.inOf(row, column);
                const double weight = largest[l][row * layer.columns + column] * by * scales[in];
                out.made = std::max(out.made, weight);
                ranges[in].read = std::max(ranges[in].read, weight);
            }
        }
    }
    return ranges;
}

/// Returns the factor of each channel: its makers are divided by it, its readers multiplied.
std::vector<double> scalesFor(const ScalableChannels& found,
                              const std::vector<std::vector<float>>& largest) {
    std::vector<double> scales(found.channels, 1.0);
    double furthest = 2 * kClose;
    for (int round = 0; round < kMostRounds && furthest > kClose; ++round) {
        furthest = 0;
        const std::vector<Ranges> ranges = rangesOf(found, largest, scales);
        for (std::size_t c = kFixed + 1; c < found.channels; ++c) {
            if (!ranges[c].areThere()) continue;
            const double factor = std::sqrt(ranges[c].made / ranges[c].read);
            scales[c] *= factor;
            furthest = std::max(furthest, std::fabs(factor - 1));
        }
    }
    return scales;
}

void scale(const ScalableLayer& layer, const std::vector<double>& scales, Network& network) {
    std::vector<float>& weights = network.parameters.at(layer.weights).values;
    for (std::size_t row = 0; row < layer.rows; ++row) {
        const double by = 1 / scales[layer.out[row]];
        for (std::size_t column = 0; column < layer.columns; ++column) {
            const std::size_t first = row * layer.rowStep + column * layer.columnStep;
            const double factor = by * scales[layer.inOf(row, column)];
            for (std::size_t k = 0; k < layer.elements; ++k) {
                float& weight = weights[first + k * layer.step];
                weight = static_cast<float>(weight * factor);
            }
        }
        if (layer.bias.empty()) continue;
        float& bias = network.parameters.at(layer.bias).values[row];
        bias = static_cast<float>(bias * by);
    }
    // The weights are no longer those that the file has codes for.
    network.fileCodes.erase(layer.weights);
    network.fileCodes.erase(layer.bias);
}

}  // namespace

Network withEqualizedWeights(Network network) {
    const ScalableChannels found = scalableChannels(network);
    std::vector<std::vector<float>> largest;
    for (const ScalableLayer& layer : found.layers) {
        largest.push_back(largestOf(layer, network.parameters.at(layer.weights).values));
    }
    const std::vector<Ranges> ranges =
        rangesOf(found, largest, std::vector<double>(found.channels, 1.0));
    if (std::none_of(ranges.begin() + 1, ranges.end(),
                     [](const Ranges& channel) { return channel.areThere(); })) {
        throw Error(network.file,
                    "has no channel that goes from layer to layer through Relu, pooling, Concat or "
                    "Add alone: there is nothing to equalise; expected a format without "
                    "-equalized");
    }
    const std::vector<double> scales = scalesFor(found, largest);
    for (const ScalableLayer& layer : found.layers) scale(layer, scales, network);
    return network;
}

}  // namespace brownout
