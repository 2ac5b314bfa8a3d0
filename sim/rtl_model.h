#pragma once

// The interface between Brownout and a verilated weight buffer. Nothing of Verilator and nothing
// else of Brownout is included, for the adapter is also compiled with a user's own buffer, at run
// time.

#include <cstdint>

namespace brownout {

/// A vector of up to 72 bits, {check, data}.
struct RtlCoded {
    std::uint64_t data = 0;
    std::uint8_t check = 0;
};

/// Input pins of the port contract (rtl/README.md) without the clock, as a test bench drives them.
struct RtlInputs {
    bool reset = false;  ///< active reset: rst_ni low
    bool reqValid = false;
    bool reqWrite = false;
    std::uint32_t reqAddr = 0;
    std::uint64_t reqWdata = 0;
    bool rspReady = false;
    bool ovlValid = false;
    bool ovlClear = false;
    std::uint32_t ovlAddr = 0;
    RtlCoded ovlAnd;
    RtlCoded ovlOr;
    RtlCoded ovlXor;
    // Only of buffers with a BIST.
    bool bistStart = false;
    std::uint8_t bistAlgorithm = 0;
    std::uint32_t bistLastAddr = 0;
    bool failReady = false;
};

/// Output pins as a register would sample them at the next rising edge.
struct RtlOutputs {
    bool reqReady = false;
    bool rspValid = false;
    std::uint64_t rspRdata = 0;
    std::uint8_t rspStatus = 0;
    bool ovlReady = false;
    bool bistBusy = false;
    bool bistDone = false;
    bool failValid = false;
    std::uint32_t failAddr = 0;
    RtlCoded failSyndrome;
    RtlCoded failExpected;
};

/// One verilated weight buffer. A clock cycle is `settle`, then `rise`. An assertion of the RTL
/// that fails, or a $stop, throws std::runtime_error with its message.
class RtlModel {
 public:
    virtual ~RtlModel() = default;

    /// Evaluates the model with the clock low and these inputs, and writes what the outputs settle
    /// to into `out`.
    virtual void settle(const RtlInputs& in, RtlOutputs& out) = 0;
    /// Evaluates the rising edge of the clock.
    virtual void rise() = 0;

    /// Returns whether the buffer has a BIST.
    virtual bool hasBist() const = 0;
    /// Records the next `cycles` clock cycles of `periodPs` picoseconds into a file. Throws
    /// std::runtime_error if it can't be opened. May be called once.
    virtual void record(const char* fstFile, std::uint64_t cycles, std::uint64_t periodPs) = 0;
};

/// Version of this interface, which grows with every change of this file: a shared library of
/// another number is refused.
constexpr int kRtlModelVersion = 1;

}  // namespace brownout
