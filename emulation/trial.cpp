#include "emulation/trial.h"

#include <algorithm>

namespace brownout {
namespace {

/// Images classified in one go: large enough to use the matrix kernels well, small enough to stay
/// in the caches.
constexpr std::size_t kBatch = 32;

/// Counts the images of `outcomes`, and of `others` too if there are any, that fail a criterion.
std::uint64_t countFailing(Span<const Outcome> outcomes, Span<const Outcome> others,
                           std::size_t criterion) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const unsigned either = outcomes[i] | (others.empty() ? 0U : others[i]);
        count += either >> criterion & 1U;
    }
    return count;
}

/// Classifies the images with the weights as they were injected, and restores them.
TrialCounts finishTrial(const NetworkUnderTest& network, const Task& task,
                        const InjectionCounts& injected, const Dataset& data,
                        const ImageRange& images, Engine& engine) {
    const Span<const Outcome> clean(network.clean.data() + images.first, images.count);
    std::vector<Outcome> perturbed(clean.begin(), clean.end());
    if (injected.codesChanged > 0) {
        perturbed = classify(engine, task, data, images.first, images.count);
    }
    engine.restore();

    TrialCounts counts;
    counts.images = images.count;
    counts.wrongClean = countFailing(clean, {}, 0);
    counts.wrongPerturbed = countFailing(perturbed, {}, 0);
    counts.wrongEither = countFailing(clean, perturbed, 0);
    if (task.criteria() > 1) {
        counts.wrongCleanTop = countFailing(clean, {}, 1);
        counts.wrongPerturbedTop = countFailing(perturbed, {}, 1);
        counts.wrongEitherTop = countFailing(clean, perturbed, 1);
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

std::vector<Outcome> classify(Engine& engine, const Task& task, const Dataset& data,
                              std::size_t first, std::size_t count) {
    const std::size_t classes = engine.outputs();
    std::vector<float> images(kBatch * engine.imageElements());
    std::vector<float> outputs(kBatch * classes);
    std::vector<Outcome> outcomes;
    outcomes.reserve(count);
    for (std::size_t done = 0; done < count; done += kBatch) {
        const std::size_t batch = std::min(kBatch, count - done);
        data.read(first + done, batch, images.data());
        engine.run(images.data(), batch, outputs.data());
        for (std::size_t i = 0; i < batch; ++i) {
            outcomes.push_back(
                task.score({outputs.data() + i * classes, classes}, data.label(first + done + i)));
        }
    }
    return outcomes;
}

TrialCounts runTrial(const NetworkUnderTest& network, const Task& task, const CodedOverlay& faults,
                     const MemoryMap& map, const Dataset& data, const ImageRange& images,
                     Engine& engine) {
    return finishTrial(network, task, inject(faults, map, network.stored, engine), data, images,
                       engine);
}

TrialCounts runTrialThrough(const CampaignMemory& memory, const LoadId& load,
                            const OperatingPoint& at, const NetworkUnderTest& network,
                            const Task& task, const MemoryMap& map, const Dataset& data,
                            const ImageRange& images, Engine& engine) {
    if (memory.socket != nullptr) memory.socket->insert(load);
    return finishTrial(
        network, task,
        injectThrough(*memory.memory, memory.socket, at, map, network.stored, engine), data, images,
        engine);
}

}  // namespace brownout
