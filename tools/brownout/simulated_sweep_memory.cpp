#include <map>
#include <mutex>

#include "base/error.h"
#include "sim/rtl_memory.h"
#include "tools/brownout/sweep_memory.h"

namespace brownout {
namespace {

/// One simulated memory that all threads of a campaign use in turn.
struct Bench {
    std::unique_ptr<SimulatedMemory> memory;
    std::mutex mutex;
    const void* user = nullptr;  ///< whose faults it has
};

/// The simulated hardware of a campaign: a memory for each codec.
struct Hardware {
    SimulationKernel kernel;
    std::map<std::string, Bench> benches;  ///< by codec
};

/// A memory of one thread's own, as far as the thread can tell: keeps what was written, and puts it
/// into the hardware when it is read. The hardware has one kernel, so nothing is lost by sharing.
class SharedMemory final : public WeightMemory {
 public:
    SharedMemory(std::shared_ptr<Hardware> hardware, std::shared_ptr<const Protection> protection,
                 FaultsAtSupply faults)
        : hardware_(std::move(hardware)),
          protection_(std::move(protection)),
          bench_(hardware_->benches.at(protection_->name())),
          faults_(std::move(faults)),
          content_(bench_.memory->words(), 0) {}
    ~SharedMemory() override { leave(); }

    std::uint64_t words() const override { return content_.size(); }
    const Protection& protection() const override { return *protection_; }

    void setSupply(double supply) override {
        leave();
        supply_ = supply;
        failing_ = std::make_shared<const FaultOverlay>(faults_(supply));
    }

    void write(std::uint64_t first, Span<const Word> words) override {
        checkAccess(first, words.size(), 0);
        std::copy(words.begin(), words.end(),
                  content_.begin() + static_cast<std::ptrdiff_t>(first));
    }

    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override {
        checkAccess(first, words.size(), statuses.size());
        const std::lock_guard<std::mutex> lock(bench_.mutex);
        if (bench_.user != this) {
            bench_.user = this;
            bench_.memory->setFaults([failing = failing_](double) { return *failing; });
            bench_.memory->setSupply(supply_);
        }
        bench_.memory->write(first, Span<const Word>(content_).subspan(first, words.size()));
        bench_.memory->read(first, words, statuses);
    }

 private:
    /// The hardware must take this memory's faults anew.
    void leave() {
        const std::lock_guard<std::mutex> lock(bench_.mutex);
        if (bench_.user == this) bench_.user = nullptr;
    }

    std::shared_ptr<Hardware> hardware_;
    std::shared_ptr<const Protection> protection_;
    Bench& bench_;
    FaultsAtSupply faults_;
    std::vector<Word> content_;
    std::shared_ptr<const FaultOverlay> failing_ = std::make_shared<const FaultOverlay>();
    double supply_ = 1;
};

void build(Hardware& hardware, const std::string& kind, const SimulatedMemorySettings& settings,
           const std::string& chips) {
    Bench& bench = hardware.benches[settings.protection->name()];
    const FaultsAtSupply none = [](double) { return FaultOverlay(); };
    if (kind == "systemc") {
        bench.memory = std::make_unique<SystemCMemory>(hardware.kernel, settings, none);
        return;
    }
    RtlBufferModel buffer = builtInBuffer(settings.protection->name());
    checkFits(buffer, settings, chips);
    bench.memory = std::make_unique<RtlMemory>(hardware.kernel, std::move(buffer), settings, none);
}

}  // namespace

MemoryFactory simulatedMemoryFor(const std::string& name, const Campaign& campaign) {
    auto hardware = std::make_shared<Hardware>();
    const std::string chips = campaign.profile() ? campaign.profile()->path().string() : "--ber";
    for (const auto& protection : campaign.protections()) {
        SimulatedMemorySettings settings;
        settings.chip = campaign.geometry();
        settings.protection = protection;
        if (hardware->benches.count(settings.protection->name()) > 0) continue;
        build(*hardware, name, settings, chips);
    }
    return [hardware](const SramGeometry&, std::shared_ptr<const Protection> protection,
                      FaultsAtSupply faults) -> std::unique_ptr<WeightMemory> {
        return std::make_unique<SharedMemory>(hardware, std::move(protection), std::move(faults));
    };
}

}  // namespace brownout
