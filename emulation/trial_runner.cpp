#include "emulation/trial_runner.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "base/threads.h"
#include "emulation/image_sample.h"
#include "emulation/trial.h"
#include "emulation/trial_faults.h"
#include "emulation/trial_subjects.h"

namespace brownout {
namespace {

/// The images that are run after a load of a trial.
ImageRange imagesOf(const CampaignSpec& spec, std::uint32_t load) {
    if (spec.readBatch == 0) return {0, spec.images};
    const std::uint64_t first = load * spec.readBatch;
    return {first, std::min(spec.readBatch, spec.images - first)};
}

/// One thread's memories, made when first needed.
class Memories {
 public:
    Memories(const CampaignInputs& inputs, const std::vector<TrialSubject>& subjects)
        : inputs_(inputs), subjects_(subjects), memories_(subjects.size()) {}

    const CampaignMemory& of(std::size_t network) {
        CampaignMemory& memory = memories_[network];
        if (memory.memory) return memory;
        memory = inputs_.memory(subjects_[network].network.stored->protection);
        if (memory.socket == nullptr && inputs_.spec.chips > 1) {
            throw Error("memory",
                        "has one chip; the campaign is of " + std::to_string(inputs_.spec.chips));
        }
        return memory;
    }

 private:
    const CampaignInputs& inputs_;
    const std::vector<TrialSubject>& subjects_;
    std::vector<CampaignMemory> memories_;
};

/// Runs one load of a trial. Loads of a chip are numbered by offset and read batch. The same number
/// means the same draw at every point, so that what fails in a load stays nested over the voltage;
/// and for all networks, which keeps their comparison paired.
LoadResult runLoad(const CampaignInputs& inputs, const TrialKey& key, std::uint32_t load,
                   const TrialSubject& subject, const MemoryMap& map, const ImageRange& images,
                   TrialFaults& faults, Memories& memories, Engine& engine) {
    const CampaignSpec& spec = inputs.spec;
    const auto loads = static_cast<std::uint32_t>(loadsPerTrial(spec));
    const LoadId id{spec.seed, key.chip, key.offset * loads + load};
    const OperatingPoint at = operatingPoint(spec, key.point);
    if (inputs.memory) {
        return runLoadThrough(memories.of(key.network), id, at.in(kWeightsDomain), subject.network,
                              inputs.task, map, inputs.rows.data[key.network], images, engine);
    }
    FaultyRowValues values = faults.ofValues(key.network, id, at);
    return runLoad(subject.network, inputs.task, faults.ofWeights(key.network, id, at), map,
                   inputs.rows.data[key.network], images, engine, &values);
}

/// Runs a trial on chosen images, in one load. Returns their scores, too.
std::pair<TrialResult, std::vector<double>> runChosen(const CampaignInputs& inputs,
                                                      const TrialKey& key,
                                                      const std::vector<std::uint32_t>& images,
                                                      const TrialSubject& subject,
                                                      const MemoryMap& map, TrialFaults& faults,
                                                      Memories& memories, Engine& engine) {
    const LoadResult load =
        runLoad(inputs, key, 0, subject, map, ImageRange(images), faults, memories, engine);
    TrialResult result{key, load.counts, {}};
    std::vector<double> clean;
    for (const std::uint32_t image : images) clean.push_back(subject.network.clean[image]);
    inputs.task.count({clean, load.scores}, inputs.rows.data[key.network], 0, result.counts);
    return {std::move(result), load.scores};
}

/// Runs a trial on images that are drawn for the chip.
TrialResult runSample(const CampaignInputs& inputs, const TrialKey& key,
                      const TrialSubject& subject, const MemoryMap& map, TrialFaults& faults,
                      Memories& memories, Engine& engine) {
    std::vector<std::uint32_t> images(inputs.spec.images);
    std::iota(images.begin(), images.end(), 0);
    RandomStream random(inputs.spec.seed, RandomDomain::kImageSample, key.chip, 0);
    images = sampleOf(std::move(images), inputs.spec.imagesPerTrial, random);
    return runChosen(inputs, key, images, subject, map, faults, memories, engine).first;
}

/// Runs a trial on all images, load by load.
TrialResult runWhole(const CampaignInputs& inputs, const TrialKey& key, const TrialSubject& subject,
                     const MemoryMap& map, TrialFaults& faults, Memories& memories,
                     Engine& engine) {
    TrialResult result{key, {}, {}};
    std::vector<double> scores;
    for (std::uint32_t load = 0; load < loadsPerTrial(inputs.spec); ++load) {
        const LoadResult one = runLoad(inputs, key, load, subject, map, imagesOf(inputs.spec, load),
                                       faults, memories, engine);
        result.counts += one.counts;
        scores.insert(scores.end(), one.scores.begin(), one.scores.end());
    }
    inputs.task.count({subject.network.clean, scores}, inputs.rows.data[key.network], 0,
                      result.counts);
    return result;
}

/// Runs a trial on some images of each stratum.
TrialResult runDrawn(const CampaignInputs& inputs, const TrialTask& task,
                     const TrialSubject& subject, const MemoryMap& map, TrialFaults& faults,
                     Memories& memories, Engine& engine) {
    const Strata& strata = *subject.strata;
    const TrialKey& key = task.key;
    const std::vector<std::uint32_t> images =
        strata.draw(task.division, *task.allocation, inputs.spec.seed, key.chip, key.point);
    auto [result, scores] = runChosen(inputs, key, images, subject, map, faults, memories, engine);
    result.strata = countByStratum(strata.sizes()[task.division], *task.allocation,
                                   wrongOnes(inputs.task, scores));
    addEstimates(result.strata, result.counts);
    return result;
}

}  // namespace

struct TrialRunner::State {
    const CampaignInputs& inputs;
    unsigned threads;
    std::vector<TrialSubject> subjects;
    std::vector<TrialEngines> engines;
};

TrialRunner::TrialRunner(const CampaignInputs& inputs, unsigned threads)
    : state_(new State{inputs, threads, storeNetworks(inputs), {}}) {
    for (unsigned i = 0; i < threads; ++i) state_->engines.emplace_back(inputs, state_->subjects);
    runClean(inputs, state_->engines, state_->subjects);
}

TrialRunner::~TrialRunner() = default;

const Strata& TrialRunner::strata(std::size_t network) const {
    return *state_->subjects.at(network).strata;
}

unsigned TrialRunner::run(std::size_t count, const std::function<TrialTask(std::size_t)>& task,
                          const TrialSink& sink) {
    const CampaignInputs& inputs = state_->inputs;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    const auto wanted = static_cast<unsigned>(std::min<std::size_t>(state_->threads, count));
    const unsigned there = onThreads(wanted, stop, [&](unsigned worker) {
        TrialFaults faults(inputs, state_->subjects);
        Memories memories(inputs, state_->subjects);
        for (std::size_t i = next++; i < count && !stop; i = next++) {
            const TrialTask one = task(i);
            const TrialKey& key = one.key;
            LayoutSettings layout = inputs.layout;
            layout.offset = inputs.spec.offsets[key.offset];
            const TrialSubject& subject = state_->subjects[key.network];
            const MemoryMap map = layOut(inputs.rows.networks[key.network], subject.placement,
                                         layout, inputs.rows.placements[key.network]);
            Engine& engine = state_->engines[worker].of(key.network);
            const auto whole = inputs.spec.imagesPerTrial > 0 ? runSample : runWhole;
            sink(one.allocation ? runDrawn(inputs, one, subject, map, faults, memories, engine)
                                : whole(inputs, key, subject, map, faults, memories, engine));
        }
    });
    return wanted - there;
}

unsigned TrialRunner::runRounds(const std::function<std::vector<TrialTask>()>& next,
                                const std::function<void(const TrialResult&)>& keep,
                                const TrialSink& sink) {
    unsigned missing = 0;
    for (;;) {
        const std::vector<TrialTask> tasks = next();
        if (tasks.empty()) return missing;
        std::mutex mutex;
        const unsigned without = run(
            tasks.size(), [&](std::size_t i) { return tasks[i]; },
            [&](const TrialResult& trial) {
                sink(trial);
                const std::lock_guard<std::mutex> lock(mutex);
                keep(trial);
            });
        missing = std::max(missing, without);
    }
}

}  // namespace brownout
