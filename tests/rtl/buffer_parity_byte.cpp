// One file for each verilated class: its header is included nowhere else.
#include "Vbuffer_parity_byte.h"
#include "tests/rtl/verilated_buffer.h"

namespace brownout::rtl_test {

std::unique_ptr<RtlBuffer> makeParityByteBuffer() {
    return std::make_unique<VerilatedBuffer<Vbuffer_parity_byte>>();
}

}  // namespace brownout::rtl_test
