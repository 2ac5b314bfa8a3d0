#include "sim/systemc_memory.h"

#include <algorithm>

#include "sim/dma_initiator.h"
#include "sim/weight_memory_target.h"

namespace brownout {

EnergySettings energyOf(const SimulatedMemorySettings& settings) {
    const double wordBits = settings.protection->wordBits();
    return {settings.energy, (wordBits + settings.protection->checkBits()) / wordBits,
            settings.chips->geometry().arrays};
}

struct SystemCMemory::Modules {
    MemoryCore core;
    SupplyDomain supply;
    WeightMemoryTarget target;
    DmaInitiator dma;

    explicit Modules(const SimulatedMemorySettings& settings)
        : core(settings.chips, settings.protection),
          supply(settings.initialSupply, settings.supply),
          target(sc_core::sc_gen_unique_name("weight_memory"), core, supply, energyOf(settings)),
          dma(sc_core::sc_gen_unique_name("dma")) {
        dma.socket.bind(target.socket);
    }
};

SystemCMemory::SystemCMemory(SimulationKernel& kernel, const SimulatedMemorySettings& settings)
    : kernel_(kernel), protection_(settings.protection) {
    kernel_.elaborate([&] { modules_ = std::make_unique<Modules>(settings); });
}

SystemCMemory::~SystemCMemory() {
    kernel_.elaborate([this] { modules_.reset(); });
}

std::uint64_t SystemCMemory::words() const { return modules_->core.words(); }

const Protection& SystemCMemory::protection() const { return *protection_; }

const SramGeometry& SystemCMemory::geometry() const { return modules_->core.geometry(); }

void SystemCMemory::setSupply(const OperatingPoint& at) {
    requireOneDomain(at);
    kernel_.simulate([&] {
        SupplyDomain& domain = modules_->supply;
        const Picoseconds now = picosecondsOf(sc_core::sc_time_stamp());
        domain.request(at.supply, now);
        modules_->target.insert(load_, at.temperatureC);
        modules_->target.prepare();
        const Picoseconds ready = domain.usableFrom(now);
        if (ready > now) sc_core::wait(systemcTime(ready - now));
    });
}

void SystemCMemory::requestSupply(const OperatingPoint& at, Picoseconds time) {
    requireOneDomain(at);
    kernel_.simulate([&] {
        const Picoseconds now = picosecondsOf(sc_core::sc_time_stamp());
        if (time > now) sc_core::wait(systemcTime(time - now));
        modules_->supply.request(at.supply, std::max(time, now));
        modules_->target.insert(load_, at.temperatureC);
        modules_->target.prepare();
    });
}

void SystemCMemory::write(std::uint64_t first, Span<const Word> words) {
    checkAccess(first, words.size(), 0);
    kernel_.simulate([&] { modules_->dma.write(first, words); });
}

void SystemCMemory::read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) {
    checkAccess(first, words.size(), statuses.size());
    kernel_.simulate([&] { modules_->dma.read(first, words, statuses); });
}

std::shared_ptr<const FaultOverlay> SystemCMemory::faults() const {
    std::shared_ptr<const FaultOverlay> faults;
    kernel_.elaborate([&] { faults = modules_->core.faults(); });
    return faults;
}

void SystemCMemory::execute(Span<const MemoryOp> ops, BackPressure /*pressure*/, Span<Word> words,
                            Span<WordStatus> statuses) {
    kernel_.simulate([&] {
        DmaInitiator& dma = modules_->dma;
        std::size_t reads = 0;
        for (const MemoryOp& op : ops) {
            if (op.write) {
                dma.writeWord(op.address, op.data);
            } else {
                words[reads] = dma.readWord(op.address, &statuses[reads]);
                ++reads;
            }
        }
        dma.synchronize();
    });
}

MemoryActivity SystemCMemory::activity() const {
    MemoryActivity activity;
    kernel_.elaborate([&] {
        const Picoseconds now = picosecondsOf(sc_core::sc_time_stamp());
        activity.time = now;
        activity.intervals = modules_->target.ledger().intervals(now);
    });
    return activity;
}

}  // namespace brownout
