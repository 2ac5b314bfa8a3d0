#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "sim/rtl_models.h"
#include "sim/rtl_stimulus.h"
#include "sim/simulation_kernel.h"
#include "sim/systemc_memory.h"
#include "sim/traffic.h"

namespace brownout {

/// Makes our weight buffer with the protection of that name, ready to run. Throws UsageError if
/// there is no RTL of it.
RtlBufferModel builtInBuffer(const std::string& codec);

/// The RTL weight buffer as ordinary code sees it: verilated, clocked in SystemC, behind
/// synchronous calls. The supply is outside the RTL: a change takes the time of the supply domain,
/// and then the fault masks of the new supply are loaded through the overlay port, which emulates
/// and so costs neither time nor energy of the memory. Threads may call concurrently.
class RtlMemory final : public SimulatedMemory {
 public:
    /// Elaborates the memory, before anything has been simulated. `kernel` must outlive the memory.
    /// The clock has a period of `periodPs`. Throws Error if the chip doesn't fit the buffer.
    RtlMemory(SimulationKernel& kernel, RtlBufferModel buffer,
              const SimulatedMemorySettings& settings, Picoseconds periodPs = 1000);
    ~RtlMemory() override;

    std::uint64_t words() const override;
    const Protection& protection() const override;
    void setSupply(const OperatingPoint& at) override;
    void write(std::uint64_t first, Span<const Word> words) override;
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override;
    using WeightMemory::read;
    using WeightMemory::setSupply;

    const SramGeometry& geometry() const override;
    void insert(const LoadId& load) override;
    std::shared_ptr<const FaultOverlay> faults() const override;
    void execute(Span<const MemoryOp> ops, BackPressure pressure, Span<Word> words,
                 Span<WordStatus> statuses) override;
    /// Returns cycles and time of requests and responses only.
    MemoryActivity activity() const override;

    /// Records the next `cycles` clock cycles, loads of fault masks included. Throws Error if the
    /// file can't be written. May be called once.
    void record(const std::string& fstFile, std::uint64_t cycles);

    /// Runs any stimulus on the buffer, outside the memory's own accounts.
    void run(RtlStimulus& stimulus);
    RtlAddressMap addressMap() const;
    bool hasBist() const;

 private:
    struct Modules;
    void simulate(const std::function<std::exception_ptr()>& work);

    SimulationKernel& kernel_;
    std::shared_ptr<const Protection> protection_;
    std::unique_ptr<Modules> modules_;
};

}  // namespace brownout
