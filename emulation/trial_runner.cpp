#include "emulation/trial_runner.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <numeric>

#include "base/error.h"
#include "base/threads.h"
#include "emulation/image_sample.h"
#include "emulation/trial.h"
#include "model/check_placement.h"
#include "model/drawn_chips.h"

namespace brownout {
namespace {

/// Images of one piece of the clean run.
constexpr std::size_t kCleanPiece = 256;
/// Most memory for activations without faults, of all networks together.
constexpr std::size_t kPrefixBytes = std::size_t{512} << 20;

/// The images that are run after a load of a trial.
ImageRange imagesOf(const CampaignSpec& spec, std::uint32_t load) {
    if (spec.readBatch == 0) return {0, spec.images};
    const std::uint64_t first = load * spec.readBatch;
    return {first, std::min(spec.readBatch, spec.images - first)};
}

/// A network of the campaign with all that its trials share.
struct Subject {
    CheckPlacement placement;
    NetworkUnderTest network;
    /// The first network that computes with the same weights: those before it differ, those after
    /// it may share its engine and its clean run.
    std::size_t alike = 0;
    std::vector<ArrayDomain> domains = {};  ///< arrays with a supply of their own
    std::vector<double> margins = {};       ///< margins without faults, one an image
    std::optional<Strata> strata = {};
};

/// Stores every network; which of them are alike depends on what their protections make of them.
std::vector<Subject> storeNetworks(const CampaignInputs& inputs) {
    const SramGeometry& chip = inputs.chips->geometry();
    std::vector<Subject> subjects;
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < inputs.rows.networks.size(); ++i) {
        const auto& protection = inputs.rows.protections[i];
        const CheckPlacement placement(chip, *protection);
        const NetworkPlacement& where = inputs.rows.placements[i];
        const MemoryMap map = layOut(inputs.rows.networks[i], placement, inputs.layout, where);
        // The parts of a network are rows one after the other.
        std::shared_ptr<const StoredNetwork> stored;
        const std::string content = inputs.rows.networks[i].fingerprint();
        const bool isPart =
            inputs.rows.selections[i] != nullptr || inputs.rows.activations[i] != nullptr;
        if (i > 0 && isPart && protection == inputs.rows.protections[i - 1] &&
            content == inputs.rows.networks[i - 1].fingerprint()) {
            stored = subjects.back().network.stored;
        } else {
            stored = std::make_shared<const StoredNetwork>(
                storeNetwork(inputs.rows.networks[i], map, protection, inputs.detected));
        }
        std::string weights =
            stored->prepared.empty() ? content : content + " " + protection->name();
        if (inputs.rows.activations[i] != nullptr) weights += " with stored activations";
        subjects.push_back({placement,
                            {stored, std::vector<double>(inputs.spec.images)},
                            known.insert({weights, i}).first->second,
                            arrayDomains(map, where),
                            std::vector<double>(inputs.spec.images),
                            {}});
        subjects.back().network.selection = inputs.rows.selections[i];
        subjects.back().network.weightsFail = inputs.spec.networks[i].failing.weights;
    }
    return subjects;
}

/// One thread's engines, made when first needed; networks that are alike share one.
class Engines {
 public:
    Engines(const CampaignInputs& inputs, const std::vector<Subject>& subjects)
        : inputs_(inputs), subjects_(subjects), engines_(subjects.size()) {}

    Engine& of(std::size_t network) {
        const std::size_t first = subjects_[network].alike;
        auto& engine = engines_[first];
        if (!engine) {
            const ActivationsUnderTest* stored = inputs_.rows.activations[first].get();
            engine = makeEngine(inputs_.rows.networks[first],
                                {inputs_.task.outputs(),
                                 {},
                                 inputs_.exact,
                                 stored != nullptr ? stored->activations : nullptr});
            for (const ChangedCode& changed : subjects_[first].network.stored->prepared) {
                engine->patch(changed.tensor, changed.element, changed.code);
            }
            engine->keep();
        }
        return *engine;
    }

 private:
    const CampaignInputs& inputs_;
    const std::vector<Subject>& subjects_;
    std::vector<std::unique_ptr<Engine>> engines_;
};

/// Number of threads that are worth having for `items` pieces of work.
unsigned threadsFor(std::size_t items, unsigned threads) {
    return static_cast<unsigned>(std::min<std::size_t>(threads, items));
}

/// Tells which scores are those of wrong answers.
std::vector<bool> wrongOnes(const Task& task, Span<const double> scores) {
    std::vector<bool> wrong;
    for (const double score : scores) wrong.push_back(task.isWrong(score).value_or(false));
    return wrong;
}

/// Tells whether the trials of a network at some point have so few faults that the first layers are
/// often spared.
bool hasFewFaults(const CampaignSpec& spec, std::size_t network) {
    constexpr double kFew = 64;
    const auto bits = static_cast<double>(spec.networks[network].storedBits);
    return std::any_of(spec.points.begin(), spec.points.end(), [&](const PointSpec& point) {
        return point.berExpected && *point.berExpected * bits < kFew;
    });
}

/// Makes the clean scores, the activations that are kept and, for adaptive campaigns, the strata of
/// every network, in pieces on all threads.
void runClean(const CampaignInputs& inputs, unsigned threads, std::vector<Engines>& engines,
              std::vector<Subject>& subjects) {
    const std::size_t images = inputs.spec.images;
    std::vector<std::size_t> distinct;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        if (subjects[i].alike == i) distinct.push_back(i);
    }
    for (const std::size_t network : distinct) {
        if (!hasFewFaults(inputs.spec, network) && !inputs.spec.networks[network].selection) {
            continue;
        }
        subjects[network].network.prefixes =
            engines[0].of(network).makePrefixes(images, kPrefixBytes / distinct.size());
    }
    const std::size_t pieces = (images + kCleanPiece - 1) / kCleanPiece;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    onThreads(threadsFor(pieces * distinct.size(), threads), stop, [&](unsigned worker) {
        for (std::size_t i = next++; i < pieces * distinct.size() && !stop; i = next++) {
            const std::size_t network = distinct[i / pieces];
            const std::size_t first = i % pieces * kCleanPiece;
            std::vector<double> margins;
            const auto piece =
                cleanScoresOf(engines[worker].of(network), inputs.task, inputs.rows.data[network],
                              {first, std::min(kCleanPiece, images - first)},
                              subjects[network].network.prefixes.get(), margins);
            const auto at = static_cast<std::ptrdiff_t>(first);
            std::copy(piece.begin(), piece.end(), subjects[network].network.clean.begin() + at);
            std::copy(margins.begin(), margins.end(), subjects[network].margins.begin() + at);
        }
    });
    for (Subject& subject : subjects) {
        subject.network.clean = subjects[subject.alike].network.clean;
        subject.network.prefixes = subjects[subject.alike].network.prefixes;
        if (!inputs.spec.precision) continue;
        const std::vector<bool> wrong = wrongOnes(inputs.task, subject.network.clean);
        subject.strata.emplace(wrong, subjects[subject.alike].margins);
    }
}

/// The faults of one memory in the trial that this thread runs, by coded word.
class CurrentFaults {
 public:
    CurrentFaults(std::shared_ptr<ChipSource> chips, std::vector<ArrayDomain> domains)
        : chips_(std::move(chips), std::move(domains)) {}

    void moveTo(const LoadId& load, const OperatingPoint& at) {
        auto physical = chips_.faults(load, at);
        if (physical == physical_) return;
        physical_ = std::move(physical);
        coded_.clear();
    }

    /// Returns them for a network; those whose blocks and check bits are as many share one.
    const CodedOverlay& coded(const CheckPlacement& placement) {
        const std::pair shape{placement.checkBits(), placement.blockWords()};
        const auto at = coded_.find(shape);
        if (at != coded_.end()) return at->second;
        return coded_.insert({shape, CodedOverlay(physical_, placement)}).first->second;
    }

 private:
    DrawnChips chips_;
    std::shared_ptr<const FaultOverlay> physical_;
    /// By the check bits and the words of a block.
    std::map<std::pair<std::uint32_t, std::uint32_t>, CodedOverlay> coded_;
};

/// The faults of all memories in the trial that this thread runs.
class TrialFaults {
 public:
    TrialFaults(const CampaignInputs& inputs, const std::vector<Subject>& subjects)
        : inputs_(inputs), subjects_(subjects) {
        for (std::size_t i = 0; i < subjects.size(); ++i) {
            // Networks without domains of their own share the faults of the chip.
            const std::size_t set = subjects[i].domains.empty() ? 0 : i + 1;
            weights_.try_emplace(set, inputs.chips, subjects[i].domains);
            setOf_.push_back(set);
        }
        if (inputs.activationChips) activations_.emplace(inputs.activationChips, noDomains());
    }

    const CodedOverlay& ofWeights(std::size_t network, const LoadId& load,
                                  const OperatingPoint& at) {
        CurrentFaults& faults = weights_.at(setOf_[network]);
        OperatingPoint own = at;
        own.supply = at.supplyOf("weights");
        faults.moveTo(load, own);
        return faults.coded(subjects_[network].placement);
    }

    /// Returns the activations of a network as they fail in a trial; nothing where they don't.
    std::optional<FaultyActivations> ofActivations(std::size_t network, const LoadId& load,
                                                   const OperatingPoint& at) {
        const auto& stored = inputs_.rows.activations[network];
        if (stored == nullptr || !inputs_.spec.networks[network].failing.activations) return {};
        // The cells of two memories are drawn apart.
        LoadId own = load;
        own.seed += kActivationSeed;
        activations_->moveTo(own, {at.supplyOf("activations"), at.temperatureC, {}});
        const CheckPlacement placement(inputs_.activationChips->geometry(), *stored->protection);
        return FaultyActivations(*stored, activations_->coded(placement));
    }

 private:
    static std::vector<ArrayDomain> noDomains() { return {}; }

    const CampaignInputs& inputs_;
    const std::vector<Subject>& subjects_;
    std::map<std::size_t, CurrentFaults> weights_;
    std::vector<std::size_t> setOf_;
    std::optional<CurrentFaults> activations_;
};

/// One thread's memories, made when first needed.
class Memories {
 public:
    Memories(const CampaignInputs& inputs, const std::vector<Subject>& subjects)
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
    const std::vector<Subject>& subjects_;
    std::vector<CampaignMemory> memories_;
};

/// Runs one load of a trial. Loads of a chip are numbered by offset and read batch. The same number
/// means the same draw at every point, so that what fails in a load stays nested over the voltage;
/// and for all networks, which keeps their comparison paired.
LoadResult runLoad(const CampaignInputs& inputs, const TrialKey& key, std::uint32_t load,
                   const Subject& subject, const MemoryMap& map, const ImageRange& images,
                   TrialFaults& faults, Memories& memories, Engine& engine) {
    const CampaignSpec& spec = inputs.spec;
    const auto loads = static_cast<std::uint32_t>(loadsPerTrial(spec));
    const LoadId id{spec.seed, key.chip, key.offset * loads + load};
    const OperatingPoint at = operatingPoint(spec, key.point);
    if (inputs.memory) {
        const OperatingPoint weights{at.supplyOf("weights"), at.temperatureC, {}};
        return runLoadThrough(memories.of(key.network), id, weights, subject.network, inputs.task,
                              map, inputs.rows.data[key.network], images, engine);
    }
    auto activations = faults.ofActivations(key.network, id, at);
    return runLoad(subject.network, inputs.task, faults.ofWeights(key.network, id, at), map,
                   inputs.rows.data[key.network], images, engine,
                   activations ? &*activations : nullptr);
}

/// Runs a trial on chosen images, in one load. Returns their scores, too.
std::pair<TrialResult, std::vector<double>> runChosen(const CampaignInputs& inputs,
                                                      const TrialKey& key,
                                                      const std::vector<std::uint32_t>& images,
                                                      const Subject& subject, const MemoryMap& map,
                                                      TrialFaults& faults, Memories& memories,
                                                      Engine& engine) {
    const LoadResult load =
        runLoad(inputs, key, 0, subject, map, ImageRange(images), faults, memories, engine);
    TrialResult result{key, load.counts, {}};
    std::vector<double> clean;
    for (const std::uint32_t image : images) clean.push_back(subject.network.clean[image]);
    inputs.task.count({clean, load.scores}, inputs.rows.data[key.network], 0, result.counts);
    return {std::move(result), load.scores};
}

/// Runs a trial on images that are drawn for the chip.
TrialResult runSample(const CampaignInputs& inputs, const TrialKey& key, const Subject& subject,
                      const MemoryMap& map, TrialFaults& faults, Memories& memories,
                      Engine& engine) {
    std::vector<std::uint32_t> images(inputs.spec.images);
    std::iota(images.begin(), images.end(), 0);
    RandomStream random(inputs.spec.seed, RandomDomain::kImageSample, key.chip, 0);
    images = sampleOf(std::move(images), inputs.spec.imagesPerTrial, random);
    return runChosen(inputs, key, images, subject, map, faults, memories, engine).first;
}

/// Runs a trial on all images, load by load.
TrialResult runWhole(const CampaignInputs& inputs, const TrialKey& key, const Subject& subject,
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
TrialResult runDrawn(const CampaignInputs& inputs, const TrialKey& key,
                     const Allocation& allocation, const Subject& subject, const MemoryMap& map,
                     TrialFaults& faults, Memories& memories, Engine& engine) {
    const Strata& strata = *subject.strata;
    auto [result, scores] =
        runChosen(inputs, key, strata.draw(allocation, inputs.spec.seed, key.chip, key.point),
                  subject, map, faults, memories, engine);
    result.strata = countByStratum(strata.sizes(), allocation, wrongOnes(inputs.task, scores));
    addEstimates(result.strata, result.counts);
    return result;
}

}  // namespace

struct TrialRunner::State {
    const CampaignInputs& inputs;
    unsigned threads;
    std::vector<Subject> subjects;
    std::vector<Engines> engines;
};

TrialRunner::TrialRunner(const CampaignInputs& inputs, unsigned threads)
    : state_(new State{inputs, threads, storeNetworks(inputs), {}}) {
    for (unsigned i = 0; i < threads; ++i) state_->engines.emplace_back(inputs, state_->subjects);
    runClean(inputs, threads, state_->engines, state_->subjects);
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
    const unsigned wanted = threadsFor(count, state_->threads);
    const unsigned there = onThreads(wanted, stop, [&](unsigned worker) {
        TrialFaults faults(inputs, state_->subjects);
        Memories memories(inputs, state_->subjects);
        for (std::size_t i = next++; i < count && !stop; i = next++) {
            const auto [key, allocation] = task(i);
            LayoutSettings layout = inputs.layout;
            layout.offset = inputs.spec.offsets[key.offset];
            const Subject& subject = state_->subjects[key.network];
            const MemoryMap map = layOut(inputs.rows.networks[key.network], subject.placement,
                                         layout, inputs.rows.placements[key.network]);
            Engine& engine = state_->engines[worker].of(key.network);
            const auto whole = inputs.spec.imagesPerTrial > 0 ? runSample : runWhole;
            sink(allocation
                     ? runDrawn(inputs, key, *allocation, subject, map, faults, memories, engine)
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
