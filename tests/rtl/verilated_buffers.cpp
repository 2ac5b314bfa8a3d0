// The one file that includes the headers of the verilated buffers.
#include <stdexcept>

#include "Vbuffer_in_place_ecc.h"
#include "Vbuffer_none.h"
#include "Vbuffer_op_64.h"
#include "Vbuffer_op_8.h"
#include "Vbuffer_parity.h"
#include "Vbuffer_parity_byte.h"
#include "Vbuffer_secded.h"
#include "tests/rtl/verilated_buffer.h"

namespace brownout::rtl_test {
namespace {

std::unique_ptr<RtlBuffer> makeBuffer(const std::string& codec) {
    if (codec == "none") return std::make_unique<VerilatedBuffer<Vbuffer_none>>();
    if (codec == "parity") return std::make_unique<VerilatedBuffer<Vbuffer_parity>>();
    if (codec == "parity-byte") return std::make_unique<VerilatedBuffer<Vbuffer_parity_byte>>();
    if (codec == "secded") return std::make_unique<VerilatedBuffer<Vbuffer_secded>>();
    if (codec == "op-8") return std::make_unique<VerilatedBuffer<Vbuffer_op_8>>();
    if (codec == "op-64") return std::make_unique<VerilatedBuffer<Vbuffer_op_64>>();
    if (codec == "in-place-ecc") return std::make_unique<VerilatedBuffer<Vbuffer_in_place_ecc>>();
    throw std::invalid_argument(codec);
}

}  // namespace

std::unique_ptr<RtlBuffer> makeRtlBuffer(const std::string& codec) {
    auto buffer = makeBuffer(codec);
    buffer->reset();
    return buffer;
}

}  // namespace brownout::rtl_test
