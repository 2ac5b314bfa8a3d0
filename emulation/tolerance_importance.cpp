#include "emulation/tolerance_importance.h"

#include <atomic>

#include "base/error.h"
#include "base/threads.h"
#include "inference/engines/engine.h"
#include "inference/engines/prefixes.h"
#include "inference/ranking.h"

namespace brownout {
namespace {

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
        prefixes_ = engine->makePrefixes(images, memoryForPrefixes());
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

}  // namespace

std::vector<std::vector<double>> importancesOf(const EncodedNetwork& network, const Dataset& data,
                                               std::size_t images,
                                               const std::vector<BitLayerInfo>& layers,
                                               unsigned threads) {
    return Importances(network, data, images).measure(layers, threads);
}

}  // namespace brownout
