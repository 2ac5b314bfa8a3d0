// The one file that includes the verilated FPGA designs.

#include <verilated.h>

#include "Vfpga_in_place_ecc.h"
#include "Vfpga_none.h"
#include "Vfpga_op_16.h"
#include "Vfpga_op_32.h"
#include "Vfpga_op_64.h"
#include "Vfpga_op_8.h"
#include "Vfpga_parity.h"
#include "Vfpga_parity_byte.h"
#include "Vfpga_secded.h"
#include "Vfpga_uart.h"
#include "sim/fpga/fpga_model.h"
#include "sim/fpga/serial_pins.h"

namespace brownout {
namespace {

/// A design in a context of its own, and its clock.
template <typename Top>
class Clocked {
 public:
    Clocked() : top_(&context_, "TOP") { top_.rst_ni = 0; }
    ~Clocked() { top_.final(); }
    Clocked(const Clocked&) = delete;
    Clocked& operator=(const Clocked&) = delete;

    Top& operator*() { return top_; }
    Top* operator->() { return &top_; }

    /// Lets the design settle with its inputs and a low clock.
    void settle() {
        top_.clk_i = 0;
        top_.eval();
    }
    void rise() {
        top_.clk_i = 1;
        top_.eval();
        ++cycles_;
    }
    /// Resets the design for a few cycles.
    void reset() {
        for (int i = 0; i < 4; ++i) {
            settle();
            rise();
        }
        top_.rst_ni = 1;
    }
    std::uint64_t cycles() const { return cycles_; }

 private:
    VerilatedContext context_;
    Top top_;
    std::uint64_t cycles_ = 0;
};

/// weight_buffer_frames.
template <typename Top>
class ByteFpga final : public FpgaModel {
 public:
    ByteFpga() {
        top_->in_valid_i = 0;
        top_->out_ready_i = 1;
        top_.reset();
    }

    Cycle clock(std::optional<std::uint8_t> in) override {
        top_->in_valid_i = in.has_value();
        if (in) top_->in_data_i = *in;
        top_.settle();
        Cycle cycle;
        cycle.taken = in.has_value() && top_->in_ready_o;
        if (top_->out_valid_o) cycle.out = top_->out_data_o;
        cycle.busy = top_->busy_o;
        top_.rise();
        return cycle;
    }
    std::uint64_t cycles() const override { return top_.cycles(); }

 private:
    Clocked<Top> top_;
};

/// weight_buffer_uart, with the other end of its line.
class UartFpga final : public FpgaModel {
 public:
    explicit UartFpga(double clocksPerBit) : sender_(clocksPerBit), receiver_(clocksPerBit) {
        top_->rx_i = 1;
        top_.reset();
    }

    Cycle clock(std::optional<std::uint8_t> in) override {
        Cycle cycle;
        cycle.taken = in.has_value() && sender_.ready();
        if (cycle.taken) sender_.send(*in);
        top_->rx_i = sender_.pin();
        top_.settle();
        cycle.out = receiver_.sample(top_->tx_o);
        cycle.busy = top_->busy_o || !sender_.ready() || receiver_.receiving();
        top_.rise();
        return cycle;
    }
    std::uint64_t cycles() const override { return top_.cycles(); }

 private:
    Clocked<Vfpga_uart> top_;
    SerialSender sender_;
    SerialReceiver receiver_;
};

template <typename Top>
std::unique_ptr<FpgaModel> make() {
    return std::make_unique<ByteFpga<Top>>();
}

}  // namespace

std::unique_ptr<FpgaModel> makeFpga(const std::string& codec) {
    if (codec == "none") return make<Vfpga_none>();
    if (codec == "parity") return make<Vfpga_parity>();
    if (codec == "parity-byte") return make<Vfpga_parity_byte>();
    if (codec == "secded") return make<Vfpga_secded>();
    if (codec == "op-8") return make<Vfpga_op_8>();
    if (codec == "op-16") return make<Vfpga_op_16>();
    if (codec == "op-32") return make<Vfpga_op_32>();
    if (codec == "op-64") return make<Vfpga_op_64>();
    if (codec == "in-place-ecc") return make<Vfpga_in_place_ecc>();
    return nullptr;
}

std::unique_ptr<FpgaModel> makeUartFpga(double clocksPerBit) {
    return std::make_unique<UartFpga>(clocksPerBit);
}

}  // namespace brownout
