#pragma once

#include "model/march.h"
#include "sim/rtl_stimulus.h"
#include "sim/traffic.h"

namespace brownout {

/// Runs a March test on any simulated memory without check bits, as accesses of its port, with a
/// background of zeros.
MarchFindings runMarch(SimulatedMemory& memory, MarchAlgorithm algorithm);

/// The stimulus that runs the March test of a buffer with a BIST of its own.
class BistStimulus final : public RtlStimulus {
 public:
    /// Makes a stimulus that tests the `findings.words()` words of the chip.
    BistStimulus(MarchAlgorithm algorithm, const RtlAddressMap& map, MarchFindings& findings)
        : algorithm_(algorithm), map_(map), findings_(findings) {}

    void drive(RtlInputs& in) override;
    void sample(const RtlInputs& in, const RtlOutputs& out) override;
    bool done() const override { return done_; }

 private:
    MarchAlgorithm algorithm_;
    RtlAddressMap map_;
    MarchFindings& findings_;
    bool started_ = false;
    bool done_ = false;
    std::uint64_t cycles_ = 0;
};

}  // namespace brownout
