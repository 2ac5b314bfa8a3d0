#pragma once

#include <verilated.h>

#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {

/// Puts 72 bits onto a wide signal of Verilator's.
template <typename WideSignal>
void assign(WideSignal& signal, const Wide& value) {
    signal[0] = static_cast<std::uint32_t>(value.data);
    signal[1] = static_cast<std::uint32_t>(value.data >> 32);
    signal[2] = value.check;
}

/// Returns the 72 bits of a wide signal of Verilator's.
template <typename WideSignal>
Wide wideOf(const WideSignal& signal) {
    return {signal[0] | std::uint64_t{signal[1]} << 32, static_cast<std::uint8_t>(signal[2])};
}

/// An RtlBuffer around one verilated class.
template <typename Top>
class VerilatedBuffer final : public RtlBuffer {
 public:
    VerilatedBuffer() : top_(&context_) { context_.fatalOnError(false); }
    ~VerilatedBuffer() override { top_.final(); }

    void settle() override {
        Verilated::threadContextp(&context_);
        drive();
        top_.eval();
        sample();
    }

    void edge() override {
        Verilated::threadContextp(&context_);
        drive();
        top_.eval();
        top_.clk_i = 1;
        top_.eval();
        top_.clk_i = 0;
        top_.eval();
        sample();
    }

    bool contractBroken() override {
        const bool broken = context_.gotError();
        context_.gotError(false);
        context_.gotFinish(false);
        return broken;
    }

 private:
    void drive() {
        top_.rst_ni = pins.rst_ni;
        top_.req_valid_i = pins.req_valid_i;
        top_.req_write_i = pins.req_write_i;
        top_.req_addr_i = static_cast<decltype(top_.req_addr_i + 0)>(pins.req_addr_i);
        top_.req_wdata_i = pins.req_wdata_i;
        top_.rsp_ready_i = pins.rsp_ready_i;
        top_.ovl_valid_i = pins.ovl_valid_i;
        top_.ovl_clear_i = pins.ovl_clear_i;
        top_.ovl_addr_i = static_cast<decltype(top_.ovl_addr_i + 0)>(pins.ovl_addr_i);
        assign(top_.ovl_and_i, pins.ovl_and_i);
        assign(top_.ovl_or_i, pins.ovl_or_i);
        assign(top_.ovl_xor_i, pins.ovl_xor_i);
        top_.reg_req_i = pins.reg_req_i;
        top_.reg_we_i = pins.reg_we_i;
        top_.reg_addr_i = pins.reg_addr_i;
        top_.reg_wdata_i = pins.reg_wdata_i;
        top_.raw_en_i = pins.raw_en_i;
        top_.raw_req_i = pins.raw_req_i;
        top_.raw_we_i = pins.raw_we_i;
        top_.raw_addr_i = static_cast<decltype(top_.raw_addr_i + 0)>(pins.raw_addr_i);
        assign(top_.raw_wdata_i, pins.raw_wdata_i);
    }

    void sample() {
        pins.req_ready_o = top_.req_ready_o;
        pins.rsp_valid_o = top_.rsp_valid_o;
        pins.rsp_rdata_o = top_.rsp_rdata_o;
        pins.rsp_status_o = top_.rsp_status_o;
        pins.ovl_ready_o = top_.ovl_ready_o;
        pins.reg_rdata_o = top_.reg_rdata_o;
        pins.raw_rdata_o = wideOf(top_.raw_rdata_o);
    }

    VerilatedContext context_;
    Top top_;
};

}  // namespace brownout::rtl_test
