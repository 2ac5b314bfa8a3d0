#include "sim/port_contract.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::uint32_t kAnyWidth = 0;

struct RequiredPort {
    const char* name;
    bool input;
    std::uint32_t bits;
    const char* role;
};

const RequiredPort kRequired[] = {
    {"clk_i", true, 1, "clock"},
    {"rst_ni", true, 1, "reset, low"},
    {"req_valid_i", true, 1, "request"},
    {"req_ready_o", false, 1, "request"},
    {"req_write_i", true, 1, "request"},
    {"req_addr_i", true, kAnyWidth, "word address of a request"},
    {"req_wdata_i", true, kAnyWidth, "data to write"},
    {"rsp_valid_o", false, 1, "response"},
    {"rsp_ready_i", true, 1, "response"},
    {"rsp_rdata_o", false, kAnyWidth, "data read"},
    {"rsp_status_o", false, 2, "0 clean, 1 corrected, 2 detected"},
    {"ovl_valid_i", true, 1, "load of fault masks"},
    {"ovl_ready_o", false, 1, "load of fault masks"},
    {"ovl_clear_i", true, 1, "removes all fault masks"},
    {"ovl_addr_i", true, kAnyWidth, "word address of fault masks"},
    {"ovl_and_i", true, 72, "fault mask {check, data}"},
    {"ovl_or_i", true, 72, "fault mask {check, data}"},
    {"ovl_xor_i", true, 72, "fault mask {check, data}"},
};

std::string describe(bool input, std::uint32_t bits) {
    std::string direction = input ? "an input" : "an output";
    if (bits == kAnyWidth) return direction;
    return direction + " of " + std::to_string(bits) + (bits == 1 ? " bit" : " bits");
}

const RtlPort* find(const std::vector<RtlPort>& ports, const std::string& name) {
    const auto at = std::find_if(ports.begin(), ports.end(),
                                 [&](const RtlPort& port) { return port.name == name; });
    return at == ports.end() ? nullptr : &*at;
}

std::uint32_t widthOf(const std::vector<RtlPort>& ports, const char* name) {
    return find(ports, name)->bits;
}

void require(bool holds, const std::string& file, const std::string& top, const char* port,
             std::uint32_t bits, const std::string& expected) {
    if (holds) return;
    throw Error(file, "module " + top + ": port " + port + " has " + std::to_string(bits) +
                          " bits; expected " + expected);
}

}  // namespace

std::vector<RtlPort> portsOf(const std::string& verilatedHeader) {
    std::vector<RtlPort> ports;
    for (std::size_t at = 0; (at = verilatedHeader.find("VL_", at)) != std::string::npos; ++at) {
        const bool input = verilatedHeader.compare(at, 5, "VL_IN") == 0;
        if (!input && verilatedHeader.compare(at, 6, "VL_OUT") != 0) continue;
        const std::size_t open = verilatedHeader.find("(&", at);
        const std::size_t close = verilatedHeader.find(')', at);
        if (open == std::string::npos || close == std::string::npos || open > close) continue;
        const std::size_t comma = verilatedHeader.find(',', open);
        if (comma > close) continue;
        char* end = nullptr;
        const long high = std::strtol(verilatedHeader.c_str() + comma + 1, &end, 10);
        const long low = std::strtol(end + 1, nullptr, 10);
        ports.push_back({verilatedHeader.substr(open + 2, comma - open - 2), input,
                         static_cast<std::uint32_t>(std::labs(high - low) + 1)});
    }
    return ports;
}

RtlShape checkPorts(const std::vector<RtlPort>& ports, const std::string& top,
                    const std::string& file) {
    for (const RequiredPort& required : kRequired) {
        const RtlPort* port = find(ports, required.name);
        const std::string expected =
            describe(required.input, required.bits) + " (" + required.role + ")";
        if (port == nullptr) {
            throw Error(
                file, "module " + top + " has no port " + required.name + "; expected " + expected);
        }
        if (port->input != required.input ||
            (required.bits != kAnyWidth && port->bits != required.bits)) {
            throw Error(file, "module " + top + ": port " + required.name + " is " +
                                  describe(port->input, port->bits) + "; expected " + expected);
        }
    }
    const RtlShape shape{widthOf(ports, "req_addr_i"), widthOf(ports, "req_wdata_i")};
    require(shape.addressBits <= 32, file, top, "req_addr_i", shape.addressBits, "at most 32");
    require(shape.dataBits <= 64, file, top, "req_wdata_i", shape.dataBits, "at most 64");
    require(widthOf(ports, "rsp_rdata_o") == shape.dataBits, file, top, "rsp_rdata_o",
            widthOf(ports, "rsp_rdata_o"),
            std::to_string(shape.dataBits) + ", as many as req_wdata_i");
    require(widthOf(ports, "ovl_addr_i") == shape.addressBits, file, top, "ovl_addr_i",
            widthOf(ports, "ovl_addr_i"),
            std::to_string(shape.addressBits) + ", as many as req_addr_i");
    return shape;
}

}  // namespace brownout
