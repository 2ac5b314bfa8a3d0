#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace brownout {

/// A verilated FPGA design of rtl/fpga at its stream of bytes, clock cycle by clock cycle.
class FpgaModel {
 public:
    /// The outcome of a cycle.
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

/// Makes weight_buffer_frames with 32 banks of 512 words of 64 bits and the codec of that name,
/// after a reset. Returns null if there is no such codec.
std::unique_ptr<FpgaModel> makeFpga(const std::string& codec);

/// Makes weight_buffer_uart, without a codec, for a line of 12 clock cycles a bit, and puts the
/// other end of the line at its pins, at which a bit takes `clocksPerBit` cycles of the design's
/// clock. Bytes take the time that they do on the line.
std::unique_ptr<FpgaModel> makeUartFpga(double clocksPerBit = 12);

}  // namespace brownout
