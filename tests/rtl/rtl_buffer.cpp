#include "tests/rtl/rtl_buffer.h"

#include <stdexcept>

namespace brownout::rtl_test {

namespace {

/// Edges until `done` is seen after one; a hang is an exception, not an endless test.
template <typename Done>
void waitFor(RtlBuffer& buffer, Done done) {
    for (std::uint32_t cycle = 0; !done(); ++cycle) {
        if (cycle > 100 + 2 * kRows) throw std::runtime_error("the buffer hangs");
        buffer.edge();
    }
}

}  // namespace

void RtlBuffer::reset() {
    pins = {};
    pins.rst_ni = false;
    edge();
    edge();
    pins.rst_ni = true;
    settle();
    waitFor(*this, [&] { return pins.ovl_ready_o; });
}

void RtlBuffer::write(std::uint32_t word, std::uint64_t data) {
    pins.req_valid_i = true;
    pins.req_write_i = true;
    pins.req_addr_i = word;
    pins.req_wdata_i = data;
    settle();
    waitFor(*this, [&] { return pins.req_ready_o; });
    edge();
    pins.req_valid_i = false;
}

RtlBuffer::Response RtlBuffer::read(std::uint32_t word) {
    pins.req_valid_i = true;
    pins.req_write_i = false;
    pins.req_addr_i = word;
    settle();
    waitFor(*this, [&] { return pins.req_ready_o; });
    edge();
    pins.req_valid_i = false;
    pins.rsp_ready_i = true;
    waitFor(*this, [&] { return pins.rsp_valid_o; });
    const Response response{pins.rsp_rdata_o, pins.rsp_status_o};
    edge();
    pins.rsp_ready_i = false;
    return response;
}

void RtlBuffer::loadMasks(std::uint32_t word, Wide andMask, Wide orMask, Wide xorMask) {
    pins.ovl_valid_i = true;
    pins.ovl_clear_i = false;
    pins.ovl_addr_i = word;
    pins.ovl_and_i = andMask;
    pins.ovl_or_i = orMask;
    pins.ovl_xor_i = xorMask;
    settle();
    waitFor(*this, [&] { return pins.ovl_ready_o; });
    edge();
    pins.ovl_valid_i = false;
}

void RtlBuffer::clearMasks() {
    pins.ovl_valid_i = true;
    pins.ovl_clear_i = true;
    settle();
    waitFor(*this, [&] { return pins.ovl_ready_o; });
    edge();
    pins.ovl_valid_i = false;
    pins.ovl_clear_i = false;
    settle();
}

void RtlBuffer::rawWrite(std::uint32_t word, Wide coded) {
    pins.raw_en_i = pins.raw_req_i = pins.raw_we_i = true;
    pins.raw_addr_i = word;
    pins.raw_wdata_i = coded;
    edge();
    pins.raw_en_i = pins.raw_req_i = pins.raw_we_i = false;
    settle();
}

Wide RtlBuffer::rawRead(std::uint32_t word) {
    pins.raw_en_i = pins.raw_req_i = true;
    pins.raw_we_i = false;
    pins.raw_addr_i = word;
    edge();
    const Wide coded = pins.raw_rdata_o;
    pins.raw_en_i = pins.raw_req_i = false;
    settle();
    return coded;
}

std::uint32_t RtlBuffer::readRegister(std::uint8_t address) {
    pins.reg_req_i = true;
    pins.reg_we_i = false;
    pins.reg_addr_i = address;
    edge();
    pins.reg_req_i = false;
    return pins.reg_rdata_o;
}

void RtlBuffer::writeRegister(std::uint8_t address, std::uint32_t value) {
    pins.reg_req_i = true;
    pins.reg_we_i = true;
    pins.reg_addr_i = address;
    pins.reg_wdata_i = value;
    edge();
    pins.reg_req_i = false;
    pins.reg_we_i = false;
}

}  // namespace brownout::rtl_test
