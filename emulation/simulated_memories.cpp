#include <algorithm>
#include <map>
#include <mutex>

#include "emulation/memories.h"
#include "sim/rtl_memory.h"

namespace brownout {
namespace {

/// One simulated memory that all threads of a campaign use in turn.
struct Bench {
    std::unique_ptr<SimulatedMemory> memory;
    std::mutex mutex;
    const void* user = nullptr;  ///< whose chip is in the socket
};

/// The simulated hardware of a campaign: a memory for each protection.
struct Hardware {
    SimulationKernel kernel;
    std::map<std::string, Bench> benches;  ///< by protection
};

/// A memory of one thread's own, as far as the thread can tell: keeps what was written, and puts it
/// into the hardware when it is read. The hardware has one kernel, so nothing is lost by sharing.
class SharedMemory final : public WeightMemory, public ChipSocket {
 public:
    SharedMemory(std::shared_ptr<Hardware> hardware, std::shared_ptr<const Protection> protection)
        : hardware_(std::move(hardware)),
          protection_(std::move(protection)),
          bench_(hardware_->benches.at(protection_->name())),
          content_(bench_.memory->words(), 0) {}
    ~SharedMemory() override {
        const std::lock_guard<std::mutex> lock(bench_.mutex);
        if (bench_.user == this) bench_.user = nullptr;
    }

    std::uint64_t words() const override { return content_.size(); }
    const Protection& protection() const override { return *protection_; }

    void setSupply(const OperatingPoint& at) override {
        const std::lock_guard<std::mutex> lock(bench_.mutex);
        load_ = inserted_;
        at_ = at;
        occupy();
        faults_ = bench_.memory->faults();
    }

    void write(std::uint64_t first, Span<const Word> words) override {
        checkAccess(first, words.size(), 0);
        std::copy(words.begin(), words.end(),
                  content_.begin() + static_cast<std::ptrdiff_t>(first));
    }

    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override {
        checkAccess(first, words.size(), statuses.size());
        const std::lock_guard<std::mutex> lock(bench_.mutex);
        if (bench_.user != this && at_) occupy();
        bench_.memory->write(first, Span<const Word>(content_).subspan(first, words.size()));
        bench_.memory->read(first, words, statuses);
    }

    const SramGeometry& geometry() const override { return bench_.memory->geometry(); }
    void insert(const LoadId& load) override { inserted_ = load; }
    std::shared_ptr<const FaultOverlay> faults() const override { return faults_; }

 private:
    void occupy() {
        bench_.user = nullptr;
        bench_.memory->insert(load_);
        bench_.memory->setSupply(*at_);
        bench_.user = this;
    }

    std::shared_ptr<Hardware> hardware_;
    std::shared_ptr<const Protection> protection_;
    Bench& bench_;
    std::vector<Word> content_;
    LoadId inserted_;
    LoadId load_;  ///< that acts: inserted before the last setSupply
    std::optional<OperatingPoint> at_;
    std::shared_ptr<const FaultOverlay> faults_ = std::make_shared<const FaultOverlay>();
};

std::unique_ptr<SimulatedMemory> build(SimulationKernel& kernel, const std::string& kind,
                                       const SimulatedMemorySettings& settings,
                                       const std::string& chipsName) {
    if (kind == "systemc") return std::make_unique<SystemCMemory>(kernel, settings);
    RtlBufferModel buffer = builtInBuffer(settings.protection->name());
    checkFits(buffer, settings.chips->geometry(), *settings.protection, chipsName);
    return std::make_unique<RtlMemory>(kernel, std::move(buffer), settings);
}

}  // namespace

MemoryFactory simulatedMemories(const std::string& kind, std::shared_ptr<ChipSource> chips,
                                const std::string& chipsName,
                                const std::vector<std::shared_ptr<const Protection>>& protections) {
    auto hardware = std::make_shared<Hardware>();
    for (const auto& protection : protections) {
        SimulatedMemorySettings settings;
        settings.chips = chips;
        settings.protection = protection;
        Bench& bench = hardware->benches[protection->name()];
        if (!bench.memory) bench.memory = build(hardware->kernel, kind, settings, chipsName);
    }
    return [hardware](std::shared_ptr<const Protection> protection) {
        auto memory = std::make_unique<SharedMemory>(hardware, std::move(protection));
        ChipSocket* const socket = memory.get();
        return CampaignMemory{std::move(memory), socket};
    };
}

}  // namespace brownout
