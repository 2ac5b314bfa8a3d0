// One file for each verilated class: its header is included nowhere else.
#include "Vbuffer_none.h"
#include "tests/rtl/verilated_buffer.h"

namespace brownout::rtl_test {

std::unique_ptr<RtlBuffer> makeNoneBuffer() {
    return std::make_unique<VerilatedBuffer<Vbuffer_none>>();
}

}  // namespace brownout::rtl_test
