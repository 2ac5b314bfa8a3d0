#include "emulation/trial.h"

#include <algorithm>
#include <cmath>

namespace brownout {
namespace {

/// Images classified in one go: large enough to use the matrix kernels well, small enough to stay
/// in the caches.
constexpr std::size_t kBatch = 32;

Prediction classOf(const float* outputs, std::size_t classes) {
    std::size_t best = 0;
    for (std::size_t c = 0; c < classes; ++c) {
        if (std::isnan(outputs[c])) return kNoClass;
        if (outputs[c] > outputs[best]) best = c;
    }
    return static_cast<Prediction>(best);
}

/// Classifies the images with the weights as they were injected, and restores them.
TrialCounts finishTrial(const NetworkUnderTest& network, const InjectionCounts& injected,
                        const Dataset& data, const ImageRange& images, Executor& executor) {
    const Prediction* clean = network.clean.data() + images.first;
    std::vector<Prediction> perturbed(clean, clean + images.count);
    if (injected.codesChanged > 0) perturbed = classify(executor, data, images.first, images.count);
    executor.restore();

    TrialCounts counts;
    counts.images = images.count;
    for (std::size_t i = 0; i < images.count; ++i) {
        const auto label = static_cast<Prediction>(data.label(images.first + i));
        const bool wrongClean = clean[i] != label;
        const bool wrongPerturbed = perturbed[i] != label;
        counts.wrongClean += wrongClean;
        counts.wrongPerturbed += wrongPerturbed;
        counts.wrongEither += wrongClean || wrongPerturbed;
    }
    counts.bitsRead = injected.bitsRead;
    counts.bitsWrong = injected.bitsWrong;
    counts.failingCells = injected.failingCells;
    counts.wordsRead = injected.wordsRead;
    counts.wordsCorrected = injected.wordsCorrected;
    counts.wordsDetected = injected.wordsDetected;
    counts.wordsMiscorrected = injected.wordsMiscorrected;
    counts.wordsSilent = injected.wordsSilent;
    return counts;
}

}  // namespace

std::vector<Prediction> classify(Executor& executor, const Dataset& data, std::size_t first,
                                 std::size_t count) {
    const std::size_t classes = executor.classes();
    std::vector<float> images(kBatch * executor.imageElements());
    std::vector<float> outputs(kBatch * classes);
    std::vector<Prediction> predictions;
    predictions.reserve(count);
    for (std::size_t done = 0; done < count; done += kBatch) {
        const std::size_t batch = std::min(kBatch, count - done);
        data.read(first + done, batch, images.data());
        executor.run(images.data(), batch, outputs.data());
        for (std::size_t i = 0; i < batch; ++i) {
            predictions.push_back(classOf(outputs.data() + i * classes, classes));
        }
    }
    return predictions;
}

TrialCounts runTrial(const NetworkUnderTest& network, const CodedOverlay& faults,
                     const MemoryMap& map, const Dataset& data, const ImageRange& images,
                     Executor& executor) {
    return finishTrial(network, inject(faults, map, network.stored, executor), data, images,
                       executor);
}

TrialCounts runTrialThrough(WeightMemory& memory, double supply, const NetworkUnderTest& network,
                            const CodedOverlay& faults, const MemoryMap& map, const Dataset& data,
                            const ImageRange& images, Executor& executor) {
    return finishTrial(network,
                       injectThrough(memory, supply, faults, map, network.stored, executor), data,
                       images, executor);
}

}  // namespace brownout
