// Words a second through the SystemC memory and cycles a second of the RTL. The work is done by the
// kernel's thread, so times are of the whole process; a machine with other work disturbs them less than the clock's.
#include <benchmark/benchmark.h>

#include "model/random.h"
#include "model/uniform_chips.h"
#include "sim/dma_initiator.h"
#include "sim/rtl_memory.h"
#include "sim/weight_memory_target.h"

namespace {

using namespace brownout;

/// 32 data arrays under SECDED, and 1 % of the cells fail: as at 0.833 Vmin in 14 nm.
const SramGeometry kChip{36, 512, 64, 1};

/// The supply of uniform chips is their rate.
constexpr double kRate = 0.01;

SimulatedMemorySettings settings(const std::string& protection) {
    SimulatedMemorySettings settings;
    settings.chips = std::make_shared<UniformChips>(
        protection == "none" ? SramGeometry{32, 512, 64, 1} : kChip, 1);
    settings.protection = makeProtection(protection, 64);
    return settings;
}

/// A target and an initiator that reads through DMI.
struct DirectPlatform {
    MemoryCore core{std::make_shared<UniformChips>(kChip, 1), makeProtection("secded", 64)};
    SupplyDomain supply{kRate};
    WeightMemoryTarget target{"direct_memory", core, supply, {}};
    DmaInitiator dma{"direct_dma", {64, 1'000'000, true}};

    DirectPlatform() { dma.socket.bind(target.socket); }
};

/// A process has one kernel, and all modules are built before it starts.
struct Simulation {
    SimulationKernel kernel;
    SystemCMemory systemc{kernel, settings("secded")};
    RtlMemory rtlNone{kernel, builtInBuffer("none"), settings("none")};
    RtlMemory rtlSecded{kernel, builtInBuffer("secded"), settings("secded")};
    std::unique_ptr<DirectPlatform> direct;
    std::vector<MemoryOp> reads;
    std::vector<MemoryOp> mixed;  ///< a write and a read in turn

    Simulation() {
        kernel.elaborate([this] { direct = std::make_unique<DirectPlatform>(); });
        RandomStream random(1, RandomDomain::kTraffic, 0, 0);
        for (int i = 0; i < 1 << 16; ++i) {
            const auto address = static_cast<std::uint32_t>(random.next() % systemc.words());
            reads.push_back({address, false, 0});
            mixed.push_back({address, i % 2 == 0, random.next()});
        }
        for (SimulatedMemory* memory :
             {static_cast<SimulatedMemory*>(&systemc), static_cast<SimulatedMemory*>(&rtlNone),
              static_cast<SimulatedMemory*>(&rtlSecded)}) {
            memory->setSupply(kRate);
        }
    }

    static Simulation& instance() {
        // Never destroyed: the kernel's thread would have to end before main does.
        static auto* const simulation = new Simulation;
        return *simulation;
    }
};

void BM_TlmSingleWords(benchmark::State& state) {
    Simulation& simulation = Simulation::instance();
    std::vector<Word> words(simulation.reads.size());
    std::vector<WordStatus> statuses(simulation.reads.size());
    for (auto _ : state) {
        simulation.systemc.execute(simulation.reads, BackPressure::kNone, words, statuses);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(words.size()));
}
BENCHMARK(BM_TlmSingleWords)->MeasureProcessCPUTime();

void BM_TlmBursts(benchmark::State& state) {
    SystemCMemory& memory = Simulation::instance().systemc;
    std::vector<Word> words(memory.words());
    for (auto _ : state) memory.read(0, words);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(words.size()));
}
BENCHMARK(BM_TlmBursts)->MeasureProcessCPUTime();

void BM_TlmDirectMemoryInterface(benchmark::State& state) {
    Simulation& simulation = Simulation::instance();
    DirectPlatform& platform = *simulation.direct;
    std::vector<Word> words(platform.core.words());
    for (auto _ : state) {
        simulation.kernel.simulate([&] { platform.dma.read(0, words); });
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(words.size()));
}
BENCHMARK(BM_TlmDirectMemoryInterface)->MeasureProcessCPUTime();

/// Items are clock cycles; a cycle takes one request, so they are also words.
void rtlCycles(benchmark::State& state, RtlMemory& memory) {
    const auto& ops = Simulation::instance().mixed;
    std::vector<Word> words(ops.size() / 2);
    std::vector<WordStatus> statuses(words.size());
    const std::uint64_t before = *memory.activity().cycles;
    for (auto _ : state) memory.execute(ops, BackPressure::kNone, words, statuses);
    state.SetItemsProcessed(static_cast<std::int64_t>(*memory.activity().cycles - before));
}

void BM_RtlCyclesWithoutCodec(benchmark::State& state) {
    rtlCycles(state, Simulation::instance().rtlNone);
}
BENCHMARK(BM_RtlCyclesWithoutCodec)->MeasureProcessCPUTime();

void BM_RtlCyclesSecded(benchmark::State& state) {
    rtlCycles(state, Simulation::instance().rtlSecded);
}
BENCHMARK(BM_RtlCyclesSecded)->MeasureProcessCPUTime();

}  // namespace
