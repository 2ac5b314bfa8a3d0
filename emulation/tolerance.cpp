#include "emulation/tolerance.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/error.h"
#include "base/threads.h"
#include "emulation/tolerance_sums.h"
#include "inference/engines/engine.h"
#include "inference/engines/prefixes.h"
#include "inference/ranking.h"

namespace brownout {

namespace {

constexpr std::size_t kBins = 24;
constexpr std::size_t kPrefixBytes = std::size_t{256} << 20;
constexpr double kDrop = 0.01;

/// Returns a histogram of numbers, about half of them in the first eight bins.
ToleranceHistogram histogramOf(std::vector<double> numbers) {
    ToleranceHistogram histogram;
    if (numbers.empty()) return histogram;
    std::vector<double> sorted = numbers;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    histogram.binWidth = std::max(1.0, std::ceil(*middle / 8));
    histogram.counts.resize(kBins);
    for (const double number : numbers) {
        const double bin = std::max(0.0, number) / histogram.binWidth;
        ++histogram.counts[std::min(kBins - 1, static_cast<std::size_t>(bin))];
    }
    return histogram;
}

LayerTolerance marginsOf(const LayerSums& layer) {
    LayerTolerance result;
    result.name = layer.layer.node;
    result.neurons = layer.layer.rows;
    result.operands = layer.layer.operands;
    result.hasMargins = !layer.layer.bytes && !layer.layer.thresholds.empty();
    if (!result.hasMargins) return result;
    std::vector<double> margins;
    double sum = 0;
    double squares = 0;
    double without = 0;
    for (std::size_t i = 0; i < layer.sums.size(); ++i) {
        const std::size_t row = i % layer.ofAnImage() / layer.places;
        const std::int64_t threshold = layer.layer.thresholds[row];
        // A threshold beyond all sums: nothing changes the output.
        if (std::abs(threshold) > layer.layer.operands) continue;
        const std::int64_t flips = certainFlips(layer.sums[i], threshold);
        const double margin = std::abs(static_cast<double>(layer.sums[i] - threshold) + 0.5) / 2;
        margins.push_back(static_cast<double>(flips));
        sum += static_cast<double>(flips);
        squares += std::min(margin * margin, static_cast<double>(layer.layer.operands));
        without += flips == 0 ? 1 : 0;
    }
    if (margins.empty()) return result;
    const auto count = static_cast<double>(margins.size());
    result.meanMargin = sum / count;
    result.meanShare = result.meanMargin / static_cast<double>(result.operands);
    result.meanAverage = squares / count;
    result.without = without / count;
    result.margins = histogramOf(std::move(margins));
    return result;
}

/// Returns the stored tensor of a name.
std::size_t tensorNamed(const EncodedNetwork& network, const std::string& name) {
    const auto& tensors = network.storedTensors();
    for (std::size_t t = 0; t < tensors.size(); ++t) {
        if (tensors[t].name == name) return t;
    }
    throw Error(network.graph().file, "weights '" + name + "' are not stored");
}

/// A neuron whose output is inverted.
struct Inverted {
    std::size_t layer = 0;
    std::int64_t neuron = 0;
};

/// Inverts every weight of a layer that multiplies a neuron of the one before it.
void invert(Engine& engine, const EncodedNetwork& network, const BitLayerInfo& reader,
            std::int64_t neuron, std::int64_t neurons) {
    const std::size_t tensor = tensorNamed(network, reader.parameter);
    const std::vector<Code>& codes = network.storedTensors()[tensor].codes;
    const std::int64_t each = reader.operands / neurons;
    for (std::int64_t row = 0; row < reader.rows; ++row) {
        for (std::int64_t k = neuron * each; k < (neuron + 1) * each; ++k) {
            const auto element = static_cast<std::size_t>(
                reader.transposed ? row * reader.operands + k : k * reader.rows + row);
            engine.patch(tensor, element, codes[element] ^ 1U);
        }
    }
}

/// Measures the importance of all neurons that a layer with bits reads.
class Importances {
 public:
    Importances(const EncodedNetwork& network, const Dataset& data, std::size_t images)
        : network_(network), images_(images) {
        auto engine = makeEngine(network);
        pixels_.resize(images * engine->imageElements());
        data.read(0, images, pixels_.data());
        for (std::size_t i = 0; i < images; ++i) {
            labels_.push_back(data.label(i));
            numbers_.push_back(i);
        }
        outputs_ = engine->outputs();
        std::vector<float> scores(images * outputs_);
        prefixes_ = engine->makePrefixes(images, kPrefixBytes);
        if (prefixes_ != nullptr) {
            engine->runKeeping(pixels_.data(), numbers_, scores.data(), *prefixes_);
        } else {
            engine->run(pixels_.data(), images, scores.data());
        }
        clean_ = wrongOf(scores);
    }

    std::vector<std::vector<double>> measure(const std::vector<BitLayerInfo>& layers,
                                             unsigned threads) const {
        std::vector<Inverted> all;
        std::vector<std::vector<double>> importances(layers.size() - 1);
        for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
            if (layers[l + 1].operands % layers[l].rows != 0) {
                throw Error(network_.graph().file, "node '" + layers[l + 1].node +
                                                       "' doesn't read all of '" + layers[l].node +
                                                       "': expected layers one behind the other");
            }
            importances[l].resize(static_cast<std::size_t>(layers[l].rows));
            for (std::int64_t n = 0; n < layers[l].rows; ++n) all.push_back({l, n});
        }
        std::atomic<std::size_t> next{0};
        std::atomic<bool> stop{false};
        onThreads(threads, stop, [&](unsigned) {
            const auto engine = makeEngine(network_);
            std::vector<float> scores(images_ * outputs_);
            for (std::size_t i = next++; i < all.size() && !stop; i = next++) {
                const auto [layer, neuron] = all[i];
                invert(*engine, network_, layers[layer + 1], neuron, layers[layer].rows);
                if (prefixes_ == nullptr ||
                    !engine->runBehind(*prefixes_, numbers_, scores.data())) {
                    engine->run(pixels_.data(), images_, scores.data());
                }
                engine->restore();
                importances[layer][static_cast<std::size_t>(neuron)] =
                    (static_cast<double>(wrongOf(scores)) - static_cast<double>(clean_)) /
                    static_cast<double>(images_);
            }
        });
        return importances;
    }

 private:
    std::size_t wrongOf(const std::vector<float>& scores) const {
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < images_; ++i) {
            const auto best = firstOf({scores.data() + i * outputs_, outputs_});
            wrong += !best || static_cast<std::int32_t>(*best) != labels_[i] ? 1 : 0;
        }
        return wrong;
    }

    const EncodedNetwork& network_;
    std::size_t images_;
    std::size_t outputs_ = 0;
    std::vector<float> pixels_;
    std::vector<std::int32_t> labels_;
    std::vector<std::size_t> numbers_;
    std::shared_ptr<Prefixes> prefixes_;
    std::size_t clean_ = 0;
};

void addImportances(LayerTolerance& layer, std::vector<double> importances, std::size_t images) {
    double sum = 0;
    std::vector<double> inImages;
    for (const double importance : importances) {
        sum += importance;
        inImages.push_back(std::round(importance * static_cast<double>(images)));
    }
    const auto count = static_cast<double>(importances.size());
    layer.importanceMean = sum / count;
    for (const double importance : importances) {
        const double away = importance - layer.importanceMean;
        layer.importanceVariance += away * away / std::max(1.0, count - 1);
    }
    layer.importanceHistogram = histogramOf(std::move(inImages));
    layer.importances = std::move(importances);
}

/// Takes clean error and margins of decisions from the scores.
void addScores(NetworkTolerance& result, const LayerSums& scores,
               const std::vector<std::int32_t>& labels) {
    const auto classes = static_cast<std::size_t>(scores.layer.rows);
    std::vector<double> margins;
    double sum = 0;
    for (std::size_t image = 0; image < labels.size(); ++image) {
        const auto first = scores.sums.begin() + static_cast<std::ptrdiff_t>(image * classes);
        std::vector<std::int32_t> sorted(first, first + static_cast<std::ptrdiff_t>(classes));
        const auto best = std::max_element(sorted.begin(), sorted.end()) - sorted.begin();
        if (static_cast<std::int32_t>(best) != labels[image]) continue;
        std::sort(sorted.rbegin(), sorted.rend());
        const std::int32_t gap = classes > 1 ? sorted[0] - sorted[1] : 0;
        margins.push_back(std::max(0, (gap + 1) / 2 - 1));
        sum += margins.back();
    }
    result.cleanError =
        1 - static_cast<double>(margins.size()) / static_cast<double>(labels.size());
    result.meanOutputMargin = margins.empty() ? 0 : sum / static_cast<double>(margins.size());
    result.outputMetric = result.meanOutputMargin / static_cast<double>(scores.layer.operands);
    result.outputMargins = histogramOf(std::move(margins));
}

}  // namespace

std::int64_t certainFlips(std::int64_t sum, std::int64_t threshold) {
    return sum >= threshold ? (sum - threshold) / 2 : (threshold - sum + 1) / 2 - 1;
}

NetworkTolerance measureTolerance(const EncodedNetwork& network, const Dataset& data,
                                  const ToleranceSettings& settings) {
    const std::size_t images = std::min(settings.images, data.size());
    const std::vector<LayerSums> layers = sumsOfLayers(network, data, images);
    std::vector<std::int32_t> labels;
    for (std::size_t i = 0; i < images; ++i) labels.push_back(data.label(i));
    NetworkTolerance result;
    result.name = network.graph().file;
    result.images = images;
    std::vector<BitLayerInfo> infos;
    for (const LayerSums& layer : layers) {
        infos.push_back(layer.layer);
        result.layers.push_back(marginsOf(layer));
    }
    addScores(result, layers.back(), labels);
    result.predictedBer = predictedTolerance(layers, labels, kDrop);
    if (settings.importances) {
        const Importances importances(network, data, images);
        auto measured = importances.measure(infos, settings.threads);
        for (std::size_t l = 0; l < measured.size(); ++l) {
            addImportances(result.layers[l], std::move(measured[l]), images);
        }
    }
    double withMargins = 0;
    double withImportances = 0;
    for (const LayerTolerance& layer : result.layers) {
        if (layer.hasMargins) {
            withMargins += 1;
            result.neuronMetric += layer.meanShare;
        }
        if (!layer.importances.empty()) {
            withImportances += 1;
            result.interNeuronMetric += layer.importanceVariance;
        }
    }
    result.neuronMetric /= std::max(1.0, withMargins);
    result.interNeuronMetric /= std::max(1.0, withImportances);
    return result;
}

}  // namespace brownout
