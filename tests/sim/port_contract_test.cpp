#include "sim/port_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace brownout {
namespace {

using testing::HasSubstr;

/// As Verilator 5.006 writes the ports of a model.
const char kHeader[] = R"(
    // PORTS
    VL_IN8(&clk_i,0,0);
    VL_IN8(&rst_ni,0,0);
    VL_IN8(&req_valid_i,0,0);
    VL_OUT8(&req_ready_o,0,0);
    VL_IN8(&req_write_i,0,0);
    VL_IN16(&req_addr_i,13,0);
    VL_IN64(&req_wdata_i,63,0);
    VL_OUT8(&rsp_valid_o,0,0);
    VL_IN8(&rsp_ready_i,0,0);
    VL_OUT64(&rsp_rdata_o,63,0);
    VL_OUT8(&rsp_status_o,1,0);
    VL_IN8(&ovl_valid_i,0,0);
    VL_OUT8(&ovl_ready_o,0,0);
    VL_IN8(&ovl_clear_i,0,0);
    VL_IN16(&ovl_addr_i,13,0);
    VL_INW(&ovl_and_i,71,0,3);
    VL_INW(&ovl_or_i,71,0,3);
    VL_INW(&ovl_xor_i,71,0,3);
)";

std::string complaint(std::vector<RtlPort> ports) {
    try {
        checkPorts(ports, "mine", "folder");
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

RtlPort& port(std::vector<RtlPort>& ports, const std::string& name) {
    for (RtlPort& port : ports) {
        if (port.name == name) return port;
    }
    throw std::logic_error(name);
}

TEST(PortContract, TakesABufferThatKeepsIt) {
    const auto ports = portsOf(kHeader);
    EXPECT_EQ(ports.size(), 18U);
    const RtlShape shape = checkPorts(ports, "mine", "folder");
    EXPECT_EQ(shape.addressBits, 14U);
    EXPECT_EQ(shape.dataBits, 64U);
}

TEST(PortContract, NamesEveryPortThatIsMissing) {
    const auto whole = portsOf(kHeader);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto ports = whole;
        ports.erase(ports.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_THAT(complaint(ports),
                    HasSubstr("folder: module mine has no port " + whole[i].name));
    }
}

TEST(PortContract, SaysWhatWidthOrDirectionItExpected) {
    auto ports = portsOf(kHeader);
    port(ports, "rsp_status_o").bits = 1;
    EXPECT_THAT(complaint(ports),
                HasSubstr("rsp_status_o is an output of 1 bit; expected an output "
                          "of 2 bits"));
    ports = portsOf(kHeader);
    port(ports, "ovl_xor_i").bits = 64;
    EXPECT_THAT(complaint(ports),
                HasSubstr("ovl_xor_i is an input of 64 bits; expected an input of "
                          "72 bits"));
    ports = portsOf(kHeader);
    port(ports, "req_ready_o").input = true;
    EXPECT_THAT(complaint(ports), HasSubstr("req_ready_o is an input"));
    ports = portsOf(kHeader);
    port(ports, "rsp_rdata_o").bits = 32;
    EXPECT_THAT(complaint(ports), HasSubstr("rsp_rdata_o has 32 bits; expected 64"));
    ports = portsOf(kHeader);
    port(ports, "ovl_addr_i").bits = 9;
    EXPECT_THAT(complaint(ports), HasSubstr("ovl_addr_i has 9 bits; expected 14"));
}

}  // namespace
}  // namespace brownout
