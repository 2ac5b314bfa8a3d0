// One file for each verilated class: its header is included nowhere else.
#include "Vbuffer_parity.h"
#include "tests/rtl/verilated_buffer.h"

namespace brownout::rtl_test {

std::unique_ptr<RtlBuffer> makeParityBuffer() {
    return std::make_unique<VerilatedBuffer<Vbuffer_parity>>();
}

}  // namespace brownout::rtl_test
