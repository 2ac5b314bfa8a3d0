#include "emulation/tolerance.h"

#include <algorithm>
#include <cmath>

#include "emulation/tolerance_importance.h"
#include "emulation/tolerance_sums.h"

namespace brownout {

namespace {

constexpr std::size_t kBins = 24;
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
        auto measured = importancesOf(network, data, images, infos, settings.threads);
        for (std::size_t l = 0; l < measured.size(); ++l) {
            addImportances(result.layers[l], std::move(measured[l]), images);
        }
    }
    double withMargins = 0;
    double withImportances = 0;
    double importanceVariances = 0;
    for (const LayerTolerance& layer : result.layers) {
        if (layer.hasMargins) {
            withMargins += 1;
            result.neuronMetric += layer.meanShare;
        }
        if (!layer.importances.empty()) {
            withImportances += 1;
            importanceVariances += layer.importanceVariance;
        }
    }
    result.neuronMetric /= std::max(1.0, withMargins);
    if (withImportances > 0) result.interNeuronMetric = importanceVariances / withImportances;
    return result;
}

}  // namespace brownout
