#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace brownout {

/// A port of a verilated top module.
struct RtlPort {
    std::string name;
    bool input = true;
    std::uint32_t bits = 1;
};

/// Returns the ports of a model, from the text of its header as Verilator 5 writes it: lines
/// "VL_IN8(&clk_i,0,0);", name, highest and lowest bit.
std::vector<RtlPort> portsOf(const std::string& verilatedHeader);

/// The widths that the contract leaves open.
struct RtlShape {
    std::uint32_t addressBits = 0;
    std::uint32_t dataBits = 0;
};

/// Checks the ports of module `top` in `file` against the contract of rtl/README.md: clk_i, rst_ni,
/// req_*, rsp_* and ovl_* are required, and each must have its direction and width. Throws Error
/// naming file, port and what was expected.
RtlShape checkPorts(const std::vector<RtlPort>& ports, const std::string& top,
                    const std::string& file);

}  // namespace brownout
