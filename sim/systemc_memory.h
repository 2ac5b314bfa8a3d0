#pragma once

#include <memory>

#include "model/chip_source.h"
#include "sim/simulation_kernel.h"
#include "sim/traffic.h"

namespace brownout {

/// The parts that a simulated memory is made of.
struct SimulatedMemorySettings {
    std::shared_ptr<ChipSource> chips;  ///< chips for the memory's socket
    std::shared_ptr<const Protection> protection;
    double initialSupply = 1;  ///< supply that is settled when the simulation starts
    SupplySettings supply;
    std::optional<EnergyModel> energy;  ///< energy table, which must cover every supply asked for
};

/// Returns the EnergySettings of a memory with these parts: every access is one of a coded word,
/// every array leaks.
EnergySettings energyOf(const SimulatedMemorySettings& settings);

/// The SystemC memory as ordinary code sees it: a TLM target and the DMA initiator that drives it,
/// behind synchronous calls. Threads may call concurrently; each call is one piece of simulation.
class SystemCMemory final : public SimulatedMemory {
 public:
    /// Elaborates the memory, before anything has been simulated. `kernel` must outlive the memory.
    SystemCMemory(SimulationKernel& kernel, const SimulatedMemorySettings& settings);
    ~SystemCMemory() override;

    std::uint64_t words() const override;
    const Protection& protection() const override;
    void setSupply(const OperatingPoint& at) override;
    /// Asks for another supply at simulated time `time`, or now if that is past, and returns
    /// without waiting: the supply ramps, and accesses that follow wait until it has settled.
    /// Throws as setSupply does.
    void requestSupply(const OperatingPoint& at, Picoseconds time);
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    using WeightMemory::read;
    using WeightMemory::setSupply;

    const SramGeometry& geometry() const override;
    void insert(const LoadId& load) override { load_ = load; }
    std::shared_ptr<const FaultOverlay> faults() const override;
    void execute(Span<const MemoryOp> ops, BackPressure pressure, Span<Word> words,
                 Span<WordStatus> statuses) override;
    MemoryActivity activity() const override;

 private:
    struct Modules;
    SimulationKernel& kernel_;
    std::shared_ptr<const Protection> protection_;
    LoadId load_;
    std::unique_ptr<Modules> modules_;
};

}  // namespace brownout
