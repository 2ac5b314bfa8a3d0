#pragma once

#include <memory>

#include "model/geometry.h"
#include "sim/simulation_kernel.h"
#include "sim/traffic.h"

namespace brownout {

/// What a simulated memory is, besides its faults.
struct SimulatedMemorySettings {
    SramGeometry chip;  ///< all arrays
    std::shared_ptr<const Protection> protection;
    double initialSupply = 1;  ///< settled when the simulation starts
    SupplySettings supply;
    std::optional<EnergyModel> energy;  ///< must cover every supply asked for
};

/// EnergySettings of such a memory: every access is one of a coded word, every array leaks.
EnergySettings energyOf(const SimulatedMemorySettings& settings);

/// The SystemC memory as ordinary code sees it: a TLM target and the DMA initiator that drives it,
/// behind synchronous calls. Threads may call concurrently; each call is one piece of simulation.
class SystemCMemory final : public SimulatedMemory {
 public:
    /// Elaborates; before anything has been simulated. `kernel` must outlive the memory.
    SystemCMemory(SimulationKernel& kernel, const SimulatedMemorySettings& settings,
                  FaultsAtSupply faults);
    ~SystemCMemory() override;

    std::uint64_t words() const override;
    const Protection& protection() const override;
    void setSupply(double supply) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    using WeightMemory::read;

    void setFaults(FaultsAtSupply faults) override;
    void execute(Span<const MemoryOp> ops, BackPressure pressure, Span<Word> words,
                 Span<WordStatus> statuses) override;
    MemoryActivity activity() const override;

 private:
    struct Modules;
    SimulationKernel& kernel_;
    std::shared_ptr<const Protection> protection_;
    std::unique_ptr<Modules> modules_;
};

}  // namespace brownout
