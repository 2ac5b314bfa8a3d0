#include "emulation/runner.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>

#include "base/threads.h"
#include "emulation/shard.h"
#include "emulation/trial.h"
#include "model/check_placement.h"
#include "model/faults_at_supply.h"

namespace brownout {
namespace {

/// Images of one piece of the clean run.
constexpr std::size_t kCleanPiece = 256;

/// The images that are classified after a load of a trial.
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
};

/// Stores every network; which of them are alike depends on what their protections make of them.
std::vector<Subject> storeNetworks(const CampaignInputs& inputs) {
    const SramGeometry& chip = inputs.faults.geometry();
    std::vector<Subject> subjects;
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < inputs.networks.size(); ++i) {
        const auto& protection = inputs.protections[i];
        const CheckPlacement placement(chip, *protection);
        const MemoryMap map = layOut(inputs.networks[i], placement, inputs.layout);
        StoredNetwork stored = storeNetwork(inputs.networks[i], map, protection, inputs.detected);
        std::string weights = inputs.networks[i].fingerprint();
        if (!stored.prepared.empty()) weights += " " + protection->name();
        subjects.push_back({placement,
                            {std::move(stored), std::vector<Outcome>(inputs.spec.images)},
                            known.insert({weights, i}).first->second});
    }
    return subjects;
}

/// One thread's executors, made when first needed; networks that are alike share one.
class Executors {
 public:
    Executors(const std::vector<EncodedNetwork>& networks, const std::vector<Subject>& subjects)
        : networks_(networks), subjects_(subjects), executors_(networks.size()) {}

    Executor& of(std::size_t network) {
        const std::size_t first = subjects_[network].alike;
        auto& executor = executors_[first];
        if (!executor) {
            executor = std::make_unique<Executor>(networks_[first]);
            for (const ChangedCode& changed : subjects_[first].network.stored.prepared) {
                executor->patch(changed.tensor, changed.element, changed.code);
            }
            executor->keep();
        }
        return *executor;
    }

 private:
    const std::vector<EncodedNetwork>& networks_;
    const std::vector<Subject>& subjects_;
    std::vector<std::unique_ptr<Executor>> executors_;
};

/// Number of threads that are worth having for `items` pieces of work.
unsigned threadsFor(std::size_t items, unsigned threads) {
    return static_cast<unsigned>(std::min<std::size_t>(threads, items));
}

/// Makes the clean predictions of every network, in pieces on all threads.
void runClean(const CampaignInputs& inputs, unsigned threads, std::vector<Executors>& executors,
              std::vector<Subject>& subjects) {
    const std::size_t images = inputs.spec.images;
    std::vector<std::size_t> distinct;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        if (subjects[i].alike == i) distinct.push_back(i);
    }
    const std::size_t pieces = (images + kCleanPiece - 1) / kCleanPiece;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    onThreads(threadsFor(pieces * distinct.size(), threads), stop, [&](unsigned worker) {
        for (std::size_t i = next++; i < pieces * distinct.size() && !stop; i = next++) {
            const std::size_t network = distinct[i / pieces];
            const std::size_t first = i % pieces * kCleanPiece;
            const auto piece = classify(executors[worker].of(network), inputs.task, inputs.data,
                                        first, std::min(kCleanPiece, images - first));
            std::copy(piece.begin(), piece.end(),
                      subjects[network].network.clean.begin() + static_cast<std::ptrdiff_t>(first));
        }
    });
    for (Subject& subject : subjects) subject.network.clean = subjects[subject.alike].network.clean;
}

/// The faults of the trial that this thread runs, kept from the last one while chip and point stay
/// the same.
class CurrentFaults {
 public:
    CurrentFaults(ChipSource& source, const CampaignSpec& spec) : source_(source), spec_(spec) {}

    /// Loads of a chip are numbered by offset and read batch. The same number means the same draw
    /// at every point, so that what fails in a load stays nested over the voltage; and for all
    /// networks, which keeps their comparison paired.
    void moveTo(const TrialKey& key, std::uint32_t load) {
        if (!key_ || key_->chip != key.chip || key_->point != key.point) {
            faults_ = source_.faults(key.chip, operatingPoint(spec_, key.point));
            physical_ = faults_->probabilistic().empty() ? faults_ : nullptr;
            coded_.clear();
        } else if (!faults_->probabilistic().empty() && load_ != load) {
            physical_ = nullptr;
            coded_.clear();
        }
        key_ = key;
        load_ = load;
        if (!physical_) {
            physical_ = std::make_shared<const FaultOverlay>(
                faults_->resolved({spec_.seed, key.chip, load}));
        }
    }

    /// Over the physical words of the chip.
    const FaultOverlay& physical() const { return *physical_; }

    /// By coded word; networks whose blocks and check bits are as many share one.
    const CodedOverlay& coded(const CheckPlacement& placement) {
        const std::pair shape{placement.checkBits(), placement.blockWords()};
        const auto at = coded_.find(shape);
        if (at != coded_.end()) return at->second;
        return coded_.insert({shape, CodedOverlay(physical_, placement)}).first->second;
    }

 private:
    ChipSource& source_;
    const CampaignSpec& spec_;
    std::optional<TrialKey> key_;
    std::uint32_t load_ = 0;
    std::shared_ptr<const FaultOverlay> faults_;    ///< probabilistic cells not drawn
    std::shared_ptr<const FaultOverlay> physical_;  ///< drawn for the present trial
    /// By the check bits and the words of a block.
    std::map<std::pair<std::uint32_t, std::uint32_t>, CodedOverlay> coded_;
};

/// One thread's memories, made when first needed.
class Memories {
 public:
    Memories(const CampaignInputs& inputs, const std::vector<Subject>& subjects,
             const CurrentFaults& faults)
        : inputs_(inputs), subjects_(subjects), faults_(faults), memories_(subjects.size()) {}

    WeightMemory& of(std::size_t network) {
        auto& memory = memories_[network];
        if (!memory) {
            memory = inputs_.memory(inputs_.faults.geometry(),
                                    subjects_[network].network.stored.protection,
                                    [this](double) { return faults_.physical(); });
        }
        return *memory;
    }

 private:
    const CampaignInputs& inputs_;
    const std::vector<Subject>& subjects_;
    const CurrentFaults& faults_;
    std::vector<std::unique_ptr<WeightMemory>> memories_;
};

}  // namespace

unsigned runCampaign(const CampaignInputs& inputs, unsigned threads,
                     const std::function<bool(const TrialKey&)>& isDone, const TrialSink& sink) {
    const CampaignSpec& spec = inputs.spec;
    std::vector<std::uint64_t> open;
    for (std::uint64_t i = 0; i < trialCount(spec); ++i) {
        if (!isDone(trialAt(spec, i))) open.push_back(i);
    }
    if (open.empty()) return 0;

    std::vector<Subject> subjects = storeNetworks(inputs);
    std::vector<Executors> executors;
    for (unsigned i = 0; i < threads; ++i) executors.emplace_back(inputs.networks, subjects);
    runClean(inputs, threads, executors, subjects);
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    const unsigned wanted = threadsFor(open.size(), threads);
    const unsigned there = onThreads(wanted, stop, [&](unsigned worker) {
        CurrentFaults faults(inputs.faults, spec);
        Memories memories(inputs, subjects, faults);
        for (std::size_t i = next++; i < open.size() && !stop; i = next++) {
            const TrialKey key = trialAt(spec, open[i]);
            LayoutSettings layout = inputs.layout;
            layout.offset = spec.offsets[key.offset];
            const CheckPlacement& placement = subjects[key.network].placement;
            const NetworkUnderTest& network = subjects[key.network].network;
            const MemoryMap map = layOut(inputs.networks[key.network], placement, layout);
            Executor& executor = executors[worker].of(key.network);
            const auto loads = static_cast<std::uint32_t>(loadsPerTrial(spec));
            TrialCounts counts;
            for (std::uint32_t load = 0; load < loads; ++load) {
                faults.moveTo(key, key.offset * loads + load);
                const CodedOverlay& coded = faults.coded(placement);
                const ImageRange images = imagesOf(spec, load);
                counts +=
                    inputs.memory
                        ? runTrialThrough(memories.of(key.network),
                                          spec.points[key.point].voltage.value_or(1), network,
                                          inputs.task, coded, map, inputs.data, images, executor)
                        : runTrial(network, inputs.task, coded, map, inputs.data, images, executor);
            }
            sink(key, counts);
        }
    });
    return wanted - there;
}

}  // namespace brownout
