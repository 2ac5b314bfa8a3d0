#include "emulation/trial.h"

#include <algorithm>

namespace brownout {
namespace {

/// Images run in one go: large enough to use the matrix kernels well, small enough to stay in the
/// caches.
constexpr std::size_t kBatch = 32;

/// Reads a batch of a range's images, from its `done`-th on.
void readImages(const Dataset& data, const ImageRange& range, std::size_t done, std::size_t batch,
                std::vector<float>& images) {
    if (range.chosen.empty()) return data.read(range.first + done, batch, images.data());
    for (std::size_t i = 0; i < batch; ++i) {
        data.read(range.at(done + i), 1, images.data() + i * data.imageElements());
    }
}

/// Runs the images with the weights as they were injected, and restores them.
LoadResult finishLoad(const NetworkUnderTest& network, const Task& task,
                      const InjectionCounts& injected, const Dataset& data,
                      const ImageRange& images, Engine& engine) {
    LoadResult result;
    if (injected.codesChanged > 0) {
        result.scores = scoresOf(engine, task, data, images);
    } else {
        for (std::size_t i = 0; i < images.count; ++i) {
            result.scores.push_back(network.clean[images.at(i)]);
        }
    }
    engine.restore();

    TrialCounts& counts = result.counts;
    counts.images = images.count;
    counts.bitsRead = injected.bitsRead;
    counts.bitsWrong = injected.bitsWrong;
    counts.failingCells = injected.failingCells;
    counts.wordsRead = injected.wordsRead;
    counts.wordsCorrected = injected.wordsCorrected;
    counts.wordsDetected = injected.wordsDetected;
    counts.wordsMiscorrected = injected.wordsMiscorrected;
    counts.wordsSilent = injected.wordsSilent;
    return result;
}

}  // namespace

std::vector<double> scoresOf(Engine& engine, const Task& task, const Dataset& data,
                             const ImageRange& range, std::vector<double>* margins) {
    const std::size_t elements = engine.imageElements();
    const std::size_t values = engine.outputs();
    std::vector<float> images(kBatch * elements);
    std::vector<float> outputs(kBatch * values);
    std::vector<double> scores;
    scores.reserve(range.count);
    for (std::size_t done = 0; done < range.count; done += kBatch) {
        const std::size_t batch = std::min(kBatch, range.count - done);
        readImages(data, range, done, batch, images);
        engine.run(images.data(), batch, outputs.data());
        for (std::size_t i = 0; i < batch; ++i) {
            const std::size_t image = range.at(done + i);
            const Span<const float> given(outputs.data() + i * values, values);
            scores.push_back(task.score(given, {data.label(image),
                                                {images.data() + i * elements, elements},
                                                data.targets(image)}));
            if (margins != nullptr) margins->push_back(task.margin(given));
        }
    }
    return scores;
}

LoadResult runLoad(const NetworkUnderTest& network, const Task& task, const CodedOverlay& faults,
                   const MemoryMap& map, const Dataset& data, const ImageRange& images,
                   Engine& engine) {
    return finishLoad(network, task, inject(faults, map, network.stored, engine), data, images,
                      engine);
}

LoadResult runLoadThrough(const CampaignMemory& memory, const LoadId& load,
                          const OperatingPoint& at, const NetworkUnderTest& network,
                          const Task& task, const MemoryMap& map, const Dataset& data,
                          const ImageRange& images, Engine& engine) {
    if (memory.socket != nullptr) memory.socket->insert(load);
    return finishLoad(network, task,
                      injectThrough(*memory.memory, memory.socket, at, map, network.stored, engine),
                      data, images, engine);
}

}  // namespace brownout
