// One file for each verilated class: its header is included nowhere else.
#include "Vbuffer_secded.h"
#include "tests/rtl/verilated_buffer.h"

namespace brownout::rtl_test {

std::unique_ptr<RtlBuffer> makeSecdedBuffer() {
    return std::make_unique<VerilatedBuffer<Vbuffer_secded>>();
}

}  // namespace brownout::rtl_test
