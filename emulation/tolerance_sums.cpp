#include "emulation/tolerance_sums.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "inference/engines/float_engine.h"
#include "inference/graph/node_order.h"

namespace brownout {

namespace {

/// Runs images through the part of a network that makes `value`, and returns it.
std::vector<float> valuesOf(const EncodedNetwork& network, const std::string& value,
                            const Dataset& data, std::size_t images) {
    Network part = network.graph();
    part.outputs = {{value, {}}};
    removeUnread(part);
    FloatEngine engine(withBitRegions(part, &network), network);
    std::vector<float> pixels(images * engine.imageElements());
    data.read(0, images, pixels.data());
    std::vector<float> values(images * engine.outputs());
    engine.run(pixels.data(), images, values.data());
    return values;
}

double normalAbove(double x) { return 0.5 * std::erfc(x / std::sqrt(2.0)); }

/// Sums that are looked at in a layer: enough for a mean.
constexpr std::size_t kMostSums = 100'000;

/// A number of wrong operands, or any number, and its probability.
struct WrongOperands {
    double share = 0, probability = 1, spread = 0;
};

/// Returns how many operands of a sum may be wrong: number by number where there are few, else as
/// one normal distribution.
std::vector<WrongOperands> wrongOperands(double operands, double meanSquare, double e) {
    constexpr double kFew = 8;
    if (operands * e >= kFew) {
        return {{e, 1, std::sqrt(4 * operands * meanSquare * e * (1 - e))}};
    }
    std::vector<WrongOperands> all;
    double probability = std::pow(1 - e, operands);
    for (double k = 1; k <= std::min(operands, 4 * kFew); k += 1) {
        probability *= (operands - k + 1) / k * e / (1 - e);
        const double share = k / operands;
        // k of them, drawn without return.
        all.push_back({share, probability, std::sqrt(4 * k * (1 - share) * meanSquare)});
    }
    return all;
}

/// Returns the mean probability that a sum with a share `e` of wrong operands lies beyond its
/// threshold.
double wrongNeurons(const LayerSums& layer, double e) {
    if (e == 0) return 0;
    const auto all = wrongOperands(static_cast<double>(layer.layer.operands), layer.meanSquare, e);
    const std::size_t step = layer.sums.size() / kMostSums + 1;
    double sum = 0;
    double count = 0;
    for (std::size_t i = 0; i < layer.sums.size(); i += step) {
        const std::size_t row = i % layer.ofAnImage() / layer.places;
        const double middle = static_cast<double>(layer.layer.thresholds[row]) - 0.5;
        const double h = layer.sums[i];
        for (const WrongOperands& wrong : all) {
            const double now = (1 - 2 * wrong.share) * h - middle;
            const double towards = h >= middle ? now : -now;
            const double beyond =
                wrong.spread > 0 ? normalAbove(towards / wrong.spread) : (towards < 0 ? 1.0 : 0.0);
            sum += wrong.probability * beyond;
        }
        count += 1;
    }
    return sum / count;
}

/// Returns the accuracy that remains where a share `e` of the operands of scores is wrong.
double accuracyAt(const LayerSums& scores, const std::vector<std::int32_t>& labels, double e) {
    const auto classes = static_cast<std::size_t>(scores.layer.rows);
    const double n = static_cast<double>(scores.layer.operands);
    const double sigma = std::sqrt(8 * n * e * (1 - e));
    double right = 0;
    for (std::size_t image = 0; image < labels.size(); ++image) {
        const std::int32_t* s = scores.sums.data() + image * classes;
        const auto label = static_cast<std::size_t>(labels[image]);
        double isRight = 1;
        for (std::size_t c = 0; c < classes; ++c) {
            if (c == label) continue;
            // The first of equals is chosen.
            const double gap = s[label] - s[c] + (label < c ? 0.5 : -0.5);
            isRight *= sigma == 0 ? gap > 0 : normalAbove(-(1 - 2 * e) * gap / sigma);
        }
        right += isRight;
    }
    return right / static_cast<double>(labels.size());
}

double accuracyOfWeights(const std::vector<LayerSums>& layers,
                         const std::vector<std::int32_t>& labels, double ber) {
    double activations = 0;  // error rate of the activations that a layer reads
    for (const LayerSums& layer : layers) {
        const double e = ber + activations - 2 * ber * activations;
        if (layer.layer.thresholds.empty()) return accuracyAt(layer, labels, e);
        activations = wrongNeurons(layer, e);
    }
    return 0;
}

}  // namespace

std::vector<LayerSums> sumsOfLayers(const EncodedNetwork& network, const Dataset& data,
                                    std::size_t images) {
    const std::string& file = network.graph().file;
    const std::vector<BitLayerInfo> found = bitLayersOf(network.graph(), &network);
    if (found.empty() || !found.back().thresholds.empty()) {
        throw Error(file,
                    "has no scores that are sums of bits: expected a binarised network whose "
                    "last layer has weights of one bit");
    }
    std::vector<LayerSums> layers;
    for (const BitLayerInfo& layer : found) {
        LayerSums one;
        one.layer = layer;
        const std::vector<float> values = valuesOf(network, layer.sums, data, images);
        const std::size_t rows = layer.units.size();
        one.places = values.size() / images / rows;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t row = i / one.places % rows;
            const float bias = layer.bias.empty() ? 0.0F : layer.bias[row];
            one.sums.push_back(
                static_cast<std::int32_t>(std::lround((values[i] - bias) / layer.units[row])));
        }
        if (layer.bytes) {
            const float unit = layer.units.at(0);
            double squares = 0;
            const std::vector<float> bytes = valuesOf(network, layer.input, data, images);
            for (const float x : bytes) squares += static_cast<double>(x / unit) * (x / unit);
            one.meanSquare = squares / static_cast<double>(bytes.size());
        }
        layers.push_back(std::move(one));
    }
    return layers;
}

double predictedTolerance(const std::vector<LayerSums>& layers,
                          const std::vector<std::int32_t>& labels, double drop) {
    const double wanted = accuracyOfWeights(layers, labels, 0) - drop;
    double low = 0;
    double high = 0.5;
    for (int i = 0; i < 16; ++i) {
        const double middle = (low + high) / 2;
        (accuracyOfWeights(layers, labels, middle) >= wanted ? low : high) = middle;
    }
    return low;
}

}  // namespace brownout
