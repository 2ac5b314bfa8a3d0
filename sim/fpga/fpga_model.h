#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace brownout {

/// A verilated FPGA design of rtl/fpga at its stream of bytes, clock cycle by clock cycle.
class FpgaModel {
 public:
    /// What a cycle did.
    struct Cycle {
        bool taken = false;               ///< the byte that was offered went in
        std::optional<std::uint8_t> out;  ///< a byte that came out
        bool busy = false;                ///< the design has something to do
    };

    virtual ~FpgaModel() = default;

    /// Evaluates one clock cycle, in which `in` is offered to the design if there is one.
    virtual Cycle clock(std::optional<std::uint8_t> in) = 0;
    /// Returns the clock cycles so far, those of the reset included.
    virtual std::uint64_t cycles() const = 0;
};

/// Makes the design with 32 banks of 512 words of 64 bits and the codec of that name, reset. At its
/// serial pins with `uart`: bytes then take the time of a line of 1/12 of the clock's rate, and
/// there is the codec "none" only. Returns null if there is no such design.
std::unique_ptr<FpgaModel> makeFpga(const std::string& codec, bool uart);

}  // namespace brownout
