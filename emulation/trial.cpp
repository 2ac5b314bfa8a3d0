#include "emulation/trial.h"

#include <algorithm>

#include "base/error.h"

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

/// Takes the counts of values that lay in a memory while the images of `counts` ran.
void countValues(const std::optional<FaultyValues>& values, const ValueCounters& counters,
                 TrialCounts& counts) {
    if (!values) return;
    const ValueCounts of = values->counts(counts.images);
    counts.*counters.bitsRead = of.bitsRead;
    counts.*counters.bitsWrong = of.bitsWrong;
    counts.*counters.failingCells = of.failingCells;
    counts.*counters.wordsCorrected = of.wordsCorrected;
    counts.*counters.wordsDetected = of.wordsDetected;
    counts.*counters.wordsSilent = of.wordsSilent;
}

/// Runs the images with the weights as they were injected, and restores them.
LoadResult finishLoad(const NetworkUnderTest& network, const Task& task,
                      const InjectionCounts& injected, const Dataset& data,
                      const ImageRange& images, Engine& engine, FaultyRowValues* values) {
    LoadResult result;
    const FailingValues failing = values != nullptr ? values->failing() : FailingValues{};
    if (injected.codesChanged > 0 || failing) {
        engine.readValuesFrom(failing);
        result.scores = scoresOf(engine, task, data, images, network.prefixes.get());
        engine.readValuesFrom({});
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
    if (values != nullptr) {
        countValues(values->activations, kActivationCounters, counts);
        countValues(values->sums, kSumCounters, counts);
    }
    counts.supplyMicrovolts = injected.supplyMicrovolts;
    counts.supplyReadings = injected.supplyReadings;
    return result;
}

/// Runs the images of a range in batches by `run`, which gets the images of each and their numbers;
/// returns their scores, and calls `look` with what the network gives each, and its number.
template <typename Run, typename Look>
std::vector<double> scoresBy(const Engine& engine, const Task& task, const Dataset& data,
                             const ImageRange& range, Run run, Look look) {
    const std::size_t elements = engine.imageElements();
    const std::size_t values = engine.outputs();
    std::vector<float> images(kBatch * elements);
    std::vector<float> outputs(kBatch * values);
    std::vector<std::size_t> numbers;
    std::vector<double> scores;
    scores.reserve(range.count);
    for (std::size_t done = 0; done < range.count; done += kBatch) {
        const std::size_t batch = std::min(kBatch, range.count - done);
        readImages(data, range, done, batch, images);
        numbers.clear();
        for (std::size_t i = 0; i < batch; ++i) numbers.push_back(range.at(done + i));
        run(images.data(), Span<const std::size_t>(numbers), outputs.data());
        for (std::size_t i = 0; i < batch; ++i) {
            const std::size_t image = range.at(done + i);
            const Span<const float> given(outputs.data() + i * values, values);
            scores.push_back(task.score(given, {data.label(image),
                                                {images.data() + i * elements, elements},
                                                data.targets(image)}));
            look(given, image);
        }
    }
    return scores;
}

}  // namespace

std::vector<double> scoresOf(Engine& engine, const Task& task, const Dataset& data,
                             const ImageRange& range, const Prefixes* kept) {
    const auto run = [&](const float* images, Span<const std::size_t> numbers, float* outputs) {
        if (kept != nullptr && engine.runBehind(*kept, numbers, outputs)) return;
        engine.run(images, numbers.size(), outputs);
    };
    return scoresBy(engine, task, data, range, run,
                    [](Span<const float> /*given*/, std::size_t /*image*/) {});
}

std::vector<double> cleanScoresOf(Engine& engine, const Task& task, const Dataset& data,
                                  const ImageRange& range, Prefixes* keep,
                                  std::vector<double>& margins) {
    const auto run = [&](const float* images, Span<const std::size_t> numbers, float* outputs) {
        if (keep != nullptr) return engine.runKeeping(images, numbers, outputs, *keep);
        engine.run(images, numbers.size(), outputs);
    };
    return scoresBy(engine, task, data, range, run,
                    [&](Span<const float> given, std::size_t image) {
                        margins.push_back(task.margin(given, data.label(image)));
                    });
}

LoadResult runLoad(const NetworkUnderTest& network, const Task& task, const CodedOverlay& faults,
                   const MemoryMap& map, const Dataset& data, const ImageRange& images,
                   Engine& engine, FaultyRowValues* values) {
    static const CodedOverlay kNone;
    const InjectionCounts injected = inject(network.weightsFail ? faults : kNone, map,
                                            *network.stored, engine, network.selection.get());
    return finishLoad(network, task, injected, data, images, engine, values);
}

LoadResult runLoadThrough(const CampaignMemory& memory, const LoadId& load,
                          const OperatingPoint& at, const NetworkUnderTest& network,
                          const Task& task, const MemoryMap& map, const Dataset& data,
                          const ImageRange& images, Engine& engine) {
    if (network.selection != nullptr) {
        throw Error("memory", "fails in all of its cells; expected a network of which all may");
    }
    if (memory.socket != nullptr) memory.socket->insert(load);
    return finishLoad(
        network, task,
        injectThrough(*memory.memory, memory.socket, at, map, *network.stored, engine), data,
        images, engine, nullptr);
}

}  // namespace brownout
