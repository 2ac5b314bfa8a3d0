#include "sim/rtl_memory.h"

#include <algorithm>

#include "base/error.h"
#include "model/drawn_chips.h"
#include "sim/rtl_clock.h"
#include "sim/systemc_time.h"

namespace brownout {
namespace {

/// What the built-in buffers are verilated with (CMakeLists.txt).
constexpr std::uint32_t kBanks = 32;
constexpr std::uint32_t kRows = 512;

}  // namespace

RtlBufferModel builtInBuffer(const std::string& codec) {
    RtlBufferModel buffer{{"weight_buffer_bist", 64, std::uint64_t{kBanks} * kRows, kRows},
                          makeBuiltInBuffer(codec)};
    if (!buffer.model)
        throw UsageError("--protection", "no RTL has the protection '" + codec + "'");
    return buffer;
}

struct RtlMemory::Modules {
    CheckPlacement placement;
    DrawnChips chips;
    LoadId load;
    std::shared_ptr<const FaultOverlay> faults = std::make_shared<const FaultOverlay>();
    SupplyDomain supply;
    EnergyLedger ledger;
    RtlAddressMap map;
    RtlClock clock;
    Picoseconds ownTime = 0;  ///< of the memory: loads of masks don't count
    std::uint64_t ownCycles = 0;
    bool fresh = true;

    Modules(RtlBufferModel& buffer, const SimulatedMemorySettings& settings, Picoseconds period)
        : placement(settings.chips->geometry(), *settings.protection),
          chips(settings.chips),
          supply(settings.initialSupply, settings.supply),
          ledger(supply, energyOf(settings)),
          map(placement.dataGeometry().wordsPerArray(), buffer.rowsPerBank),
          clock(sc_core::sc_gen_unique_name("rtl"), std::move(buffer.model), period) {}

    /// In the simulation, from the memory's own accounts.
    std::exception_ptr execute(Span<const MemoryOp> ops, BackPressure pressure, Span<Word> words,
                               Span<WordStatus> statuses) {
        TrafficStimulus traffic(ops, map, pressure, words, statuses);
        const std::uint64_t before = clock.cycles();
        if (std::exception_ptr failure = clock.run(traffic)) return failure;
        const std::size_t phase = supply.phaseAt(ownTime);
        const auto count = [&](WordStatus status) {
            return static_cast<std::uint64_t>(std::count(statuses.begin(), statuses.end(), status));
        };
        ledger.addReads(phase, words.size());
        ledger.addWrites(phase, ops.size() - words.size());
        ledger.addCorrected(phase, count(WordStatus::kCorrected));
        ledger.addDetected(phase, count(WordStatus::kDetected));
        ownCycles += clock.cycles() - before;
        ownTime += (clock.cycles() - before) * clock.period();
        return nullptr;
    }
};

RtlMemory::RtlMemory(SimulationKernel& kernel, RtlBufferModel buffer,
                     const SimulatedMemorySettings& settings, Picoseconds periodPs)
    : kernel_(kernel), protection_(settings.protection) {
    checkFits(buffer, settings.chips->geometry(), *settings.protection, "chip");
    kernel_.elaborate([&] { modules_ = std::make_unique<Modules>(buffer, settings, periodPs); });
}

RtlMemory::~RtlMemory() {
    kernel_.elaborate([this] { modules_.reset(); });
}

std::uint64_t RtlMemory::words() const { return modules_->placement.dataGeometry().words(); }

const Protection& RtlMemory::protection() const { return *protection_; }

/// Simulates `work`; the first thing that happens to the buffer is a reset.
void RtlMemory::simulate(const std::function<std::exception_ptr()>& work) {
    std::exception_ptr failure;
    kernel_.simulate([&] {
        if (modules_->fresh) {
            modules_->fresh = false;
            ResetStimulus reset;
            failure = modules_->clock.run(reset);
        }
        if (!failure) failure = work();
    });
    if (failure) std::rethrow_exception(failure);
}

const SramGeometry& RtlMemory::geometry() const { return modules_->chips.geometry(); }

void RtlMemory::setSupply(const OperatingPoint& at) {
    requireOneDomain(at);
    Modules& m = *modules_;
    m.faults = m.chips.faults(m.load, at);
    const CodedOverlay overlay(m.faults, m.placement);
    simulate([&] {
        m.supply.request(at.supply, m.ownTime);
        const Picoseconds ready = m.supply.usableFrom(m.ownTime);
        if (ready > m.ownTime) sc_core::wait(systemcTime(ready - m.ownTime));
        m.ownTime = ready;
        OverlayLoad load(overlay, m.map);
        return m.clock.run(load);
    });
}

void RtlMemory::write(std::uint64_t first, Span<const Word> words) {
    checkAccess(first, words.size(), 0);
    std::vector<MemoryOp> ops;
    ops.reserve(words.size());
    for (const Word word : words) ops.push_back({static_cast<std::uint32_t>(first++), true, word});
    execute(ops, BackPressure::kNone, {}, {});
}

void RtlMemory::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) {
    checkAccess(first, words.size(), statuses.size());
    std::vector<MemoryOp> ops;
    ops.reserve(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        ops.push_back({static_cast<std::uint32_t>(first + i), false, 0});
    }
    std::vector<WordStatus> unwanted(statuses.empty() ? words.size() : 0);
    execute(ops, BackPressure::kNone, words,
            statuses.empty() ? Span<WordStatus>(unwanted) : statuses);
}

void RtlMemory::insert(const LoadId& load) { modules_->load = load; }

std::shared_ptr<const FaultOverlay> RtlMemory::faults() const { return modules_->faults; }

void RtlMemory::execute(Span<const MemoryOp> ops, BackPressure pressure, Span<Word> words,
                        Span<WordStatus> statuses) {
    simulate([&] { return modules_->execute(ops, pressure, words, statuses); });
}

MemoryActivity RtlMemory::activity() const {
    MemoryActivity activity;
    kernel_.elaborate([&] {
        activity.cycles = modules_->ownCycles;
        activity.time = modules_->ownTime;
        activity.intervals = modules_->ledger.intervals(modules_->ownTime);
    });
    return activity;
}

void RtlMemory::record(const std::string& fstFile, std::uint64_t cycles) {
    kernel_.elaborate([&] {
        try {
            modules_->clock.model().record(fstFile.c_str(), cycles, modules_->clock.period());
        } catch (const std::runtime_error& error) {
            throw Error("--waves", error.what());
        }
    });
}

void RtlMemory::run(RtlStimulus& stimulus) {
    simulate([&] { return modules_->clock.run(stimulus); });
}

RtlAddressMap RtlMemory::addressMap() const { return modules_->map; }

bool RtlMemory::hasBist() const { return modules_->clock.model().hasBist(); }

}  // namespace brownout
