// A SystemC platform of somebody else's with Brownout's weight memory in it: a processor writes
// words, lowers the supply, reads them back and looks at what the protection said. Builds and runs
// as a test.
#include <cstdio>
#include <systemc>

#include "model/threshold_chips.h"
#include "sim/dma_initiator.h"
#include "sim/weight_memory_target.h"

using namespace brownout;

namespace {

/// A chip of which bit 5 of word 7 fails below 0.9, and two bits of word 9 below 0.85.
std::shared_ptr<ChipSource> chips(const SramGeometry& geometry) {
    const auto cell = [&](std::uint64_t word, std::uint32_t bit) {
        return static_cast<std::uint32_t>(geometry.cellOfBit(word, bit));
    };
    return std::make_shared<ThresholdChips>(
        Chip(geometry,
             std::vector<FaultyCell>{
                 {cell(7, 5), 0.9F, 1, 1}, {cell(9, 0), 0.85F, 1, 1}, {cell(9, 63), 0.85F, 1, 1}},
             0.7));
}

SC_MODULE(Processor) {
    DmaInitiator dma{"dma"};
    SupplyDomain& supply;
    WeightMemoryTarget& memory;
    int problems = 0;

    Processor(const sc_core::sc_module_name& name, SupplyDomain& domain, WeightMemoryTarget& target)
        : sc_core::sc_module(name), supply(domain), memory(target) {
        SC_HAS_PROCESS(Processor);
        SC_THREAD(run);
        dma.socket.bind(target.socket);
    }

    void run() {
        std::vector<Word> words(16, 0x0123456789ABCDEF);
        dma.write(0, words);
        for (const double supplyNow : {1.0, 0.88, 0.8}) {
            supply.request(supplyNow, picosecondsOf(sc_core::sc_time_stamp()));
            std::vector<Word> read(16);
            std::vector<WordStatus> statuses(16);
            dma.read(0, read, statuses);  // waits until the supply has settled
            std::printf("%8.3f us, supply %.2f: word 7 %s, word 9 %s\n",
                        sc_core::sc_time_stamp().to_seconds() * 1e6, supplyNow, nameOf(statuses[7]),
                        nameOf(statuses[9]));
            problems += read[7] != words[7];  // a single error is corrected
            problems += (statuses[9] == WordStatus::kDetected) != (supplyNow < 0.85);
        }
        for (const Statistic& figure :
             memory.ledger().statistics(picosecondsOf(sc_core::sc_time_stamp()))) {
            std::printf("%-16s %12g %-6s %s\n", figure.name.c_str(), figure.value,
                        figure.unit.c_str(), figure.description.c_str());
        }
    }
};

}  // namespace

int sc_main(int, char*[]) {
    const SramGeometry geometry{9, 64, 64, 1};  // 8 arrays of data, 1 of check bits
    MemoryCore core(chips(geometry), makeProtection("secded", 64));
    SupplyDomain supply(1.0, {1e4, 1e-6});
    const EnergyModel energy({{0.7, 0.5e-12, 0.6e-12, 1e-5}, {1.0, 1e-12, 1.2e-12, 4e-5}}, 1.0,
                             "an example");
    WeightMemoryTarget memory("memory", core, supply, {energy, 72.0 / 64, geometry.arrays});
    Processor processor("processor", supply, memory);
    sc_core::sc_start();
    return processor.problems == 0 ? 0 : 1;
}
