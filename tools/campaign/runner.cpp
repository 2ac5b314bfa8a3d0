#include "tools/campaign/runner.h"

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "tools/campaign/trial.h"

namespace brownout {
namespace {

/// Images of one piece of the clean run.
constexpr std::size_t kCleanPiece = 256;

/// Calls `work(worker)` on `threads` threads, this one among them. `work` is to return early once
/// `stop` is set, which happens when any of them throws; the first exception is thrown here at the
/// end.
template <typename Work>
void onThreads(unsigned threads, std::atomic<bool>& stop, const Work& work) {
    std::mutex mutex;
    std::exception_ptr failure;
    const auto guarded = [&](unsigned worker) {
        try {
            work(worker);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex);
            if (!failure) failure = std::current_exception();
            stop = true;
        }
    };
    std::vector<std::thread> others;
    for (unsigned worker = 1; worker < threads; ++worker) others.emplace_back(guarded, worker);
    guarded(0);
    for (std::thread& thread : others) thread.join();
    if (failure) std::rethrow_exception(failure);
}

TrialKey keyOf(const CampaignSpec& spec, std::uint64_t index) {
    TrialKey key;
    key.network = static_cast<std::uint32_t>(index % spec.networks.size());
    index /= spec.networks.size();
    key.offset = static_cast<std::uint32_t>(index % spec.offsets.size());
    index /= spec.offsets.size();
    key.point = static_cast<std::uint32_t>(index % spec.points.size());
    key.chip = static_cast<std::uint32_t>(index / spec.points.size());
    return key;
}

/// One thread's executors, made when first needed.
class Executors {
 public:
    explicit Executors(const std::vector<QuantizedNetwork>& networks)
        : networks_(networks), executors_(networks.size()) {}

    Executor& of(std::size_t network) {
        auto& executor = executors_[network];
        if (!executor) executor = std::make_unique<Executor>(networks_[network]);
        return *executor;
    }

 private:
    const std::vector<QuantizedNetwork>& networks_;
    std::vector<std::unique_ptr<Executor>> executors_;
};

/// The networks' words and clean predictions, the latter in pieces on all threads.
std::vector<NetworkUnderTest> prepare(const CampaignInputs& inputs, unsigned threads,
                                      std::vector<Executors>& executors) {
    const std::size_t images = inputs.spec.images;
    std::vector<NetworkUnderTest> prepared;
    for (const QuantizedNetwork& network : inputs.networks) {
        const MemoryMap map = layOut(network, inputs.faults.geometry(), inputs.layout);
        prepared.push_back({network, weightImage(network, map), std::vector<Prediction>(images)});
    }
    const std::size_t pieces = (images + kCleanPiece - 1) / kCleanPiece;
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    onThreads(threads, stop, [&](unsigned worker) {
        for (std::size_t i = next++; i < pieces * prepared.size() && !stop; i = next++) {
            const std::size_t first = i % pieces * kCleanPiece;
            const auto piece = classify(executors[worker].of(i / pieces), inputs.data, first,
                                        std::min(kCleanPiece, images - first));
            std::copy(piece.begin(), piece.end(),
                      prepared[i / pieces].clean.begin() + static_cast<std::ptrdiff_t>(first));
        }
    });
    return prepared;
}

/// The faults of the trial that this thread runs, kept from the last one while chip and point stay
/// the same.
class CurrentFaults {
 public:
    CurrentFaults(FaultSource& source, std::uint64_t seed, std::size_t offsets)
        : source_(source), seed_(seed), offsets_(static_cast<std::uint32_t>(offsets)) {}

    const FaultOverlay& at(const TrialKey& key) {
        if (!key_ || key_->chip != key.chip || key_->point != key.point) {
            faults_ = source_.faultsAt(key.chip, key.point);
            resolved_ = false;
        }
        if (!faults_.probabilistic().empty() && (!resolved_ || key_->offset != key.offset)) {
            // Loads are numbered by point and offset; all networks see the same draw, which keeps
            // their comparison paired.
            drawn_ = faults_.resolved({seed_, key.chip, key.point * offsets_ + key.offset});
            resolved_ = true;
        }
        key_ = key;
        return faults_.probabilistic().empty() ? faults_ : drawn_;
    }

 private:
    FaultSource& source_;
    std::uint64_t seed_;
    std::uint32_t offsets_;
    std::optional<TrialKey> key_;
    FaultOverlay faults_;
    FaultOverlay drawn_;
    bool resolved_ = false;
};

}  // namespace

void runCampaign(const CampaignInputs& inputs, unsigned threads,
                 const std::function<bool(const TrialKey&)>& isDone, const TrialSink& sink) {
    const CampaignSpec& spec = inputs.spec;
    std::vector<std::uint64_t> open;
    for (std::uint64_t i = 0; i < trialCount(spec); ++i) {
        if (!isDone(keyOf(spec, i))) open.push_back(i);
    }
    if (open.empty()) return;

    std::vector<Executors> executors;
    for (unsigned i = 0; i < threads; ++i) executors.emplace_back(inputs.networks);
    const std::vector<NetworkUnderTest> networks = prepare(inputs, threads, executors);
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    onThreads(threads, stop, [&](unsigned worker) {
        CurrentFaults faults(inputs.faults, spec.seed, spec.offsets.size());
        for (std::size_t i = next++; i < open.size() && !stop; i = next++) {
            const TrialKey key = keyOf(spec, open[i]);
            LayoutSettings layout = inputs.layout;
            layout.offset = spec.offsets[key.offset];
            const NetworkUnderTest& network = networks[key.network];
            const MemoryMap map = layOut(network.network, inputs.faults.geometry(), layout);
            sink(key, runTrial(network, faults.at(key), map, inputs.data,
                               executors[worker].of(key.network)));
        }
    });
}

}  // namespace brownout
