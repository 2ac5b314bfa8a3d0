#include "tests/rtl/march_rig.h"

#include <stdexcept>

#include "Vmarch.h"
#include "tests/rtl/verilated_buffer.h"

namespace brownout::rtl_test {

MarchRun runMarch(MarchMemory& memory, const MarchSettings& settings) {
    VerilatedContext context;
    context.fatalOnError(false);
    Vmarch top(&context);
    const auto edge = [&] {
        top.clk_i = 1;
        top.eval();
        top.clk_i = 0;
        top.eval();
    };
    top.rst_ni = 0;
    edge();
    top.rst_ni = 1;
    top.algorithm_i = settings.algorithm;
    top.last_addr_i = static_cast<std::uint8_t>(settings.last);
    assign(top.background_i, settings.background);
    top.start_i = 1;
    edge();
    top.start_i = 0;

    MarchRun run;
    for (; top.done_o == 0; ++run.cycles) {
        if (run.cycles > 1'000'000) throw std::runtime_error("the BIST hangs");
        const bool tick = run.cycles == 10 || run.cycles == 11;
        if (tick && settings.changeBackground) top.background_i[0] ^= 1;
        top.start_i = run.cycles == 10 && settings.startAgain;
        top.fail_ready_i = settings.ready();
        top.eval();
        if (top.fail_valid_o && top.fail_ready_i) {
            run.failures.push_back(
                {top.fail_addr_o, wideOf(top.fail_syndrome_o), wideOf(top.fail_expected_o)});
        }
        // The memory takes the access at the edge; read data are there after it.
        const bool access = top.raw_en_o && top.raw_req_o;
        const bool write = top.raw_we_o;
        const std::uint32_t word = top.raw_addr_o;
        const Wide written = wideOf(top.raw_wdata_o);
        edge();
        if (access && write) {
            memory.write(word, written);
            run.accesses.push_back(
                {word, true, ((written.data ^ settings.background.data) & 1) != 0});
        }
        if (access && !write) {
            assign(top.raw_rdata_i, memory.read(word));
            top.eval();
            run.accesses.push_back(
                {word, false, false});  // what it expects shows in its failures only
        }
    }
    run.failed = top.failed_o;
    run.contractBroken = context.gotError();
    top.final();
    return run;
}

}  // namespace brownout::rtl_test
