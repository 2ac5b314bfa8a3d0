#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace brownout::rtl_test {

/// Parameters of the verilated buffers of these tests (CMakeLists.txt).
constexpr std::uint32_t kBanks = 5;
constexpr std::uint32_t kRows = 16;
constexpr std::uint32_t kWords = kBanks * kRows;

/// A vector of 72 bits, {check, data}.
struct Wide {
    std::uint64_t data = 0;
    std::uint8_t check = 0;
};

inline bool operator==(const Wide& a, const Wide& b) {
    return a.data == b.data && a.check == b.check;
}

/// The pins of weight_buffer, named as in the port list.
struct Pins {
    bool rst_ni = true;
    bool req_valid_i = false, req_ready_o = false, req_write_i = false;
    std::uint32_t req_addr_i = 0;
    std::uint64_t req_wdata_i = 0;
    bool rsp_valid_o = false, rsp_ready_i = false;
    std::uint64_t rsp_rdata_o = 0;
    std::uint8_t rsp_status_o = 0;
    bool ovl_valid_i = false, ovl_ready_o = false, ovl_clear_i = false;
    std::uint32_t ovl_addr_i = 0;
    Wide ovl_and_i, ovl_or_i, ovl_xor_i;
    bool reg_req_i = false, reg_we_i = false;
    std::uint8_t reg_addr_i = 0;
    std::uint32_t reg_wdata_i = 0, reg_rdata_o = 0;
    bool raw_en_i = false, raw_req_i = false, raw_we_i = false;
    std::uint32_t raw_addr_i = 0;
    Wide raw_wdata_i, raw_rdata_o;
};

/// A verilated weight_buffer.
class RtlBuffer {
 public:
    virtual ~RtlBuffer() = default;

    Pins pins;

    /// Lets the combinational outputs follow the inputs.
    virtual void settle() = 0;
    /// Gives one rising edge of the clock; outputs are then those after the edge.
    virtual void edge() = 0;
    /// Returns whether an assertion has failed since the last call.
    virtual bool contractBroken() = 0;

    /// Resets the buffer, and waits until the load port is ready.
    void reset();
    /// Runs the handshakes of a write to their end, with nothing else going on; so do the others
    /// below.
    void write(std::uint32_t word, std::uint64_t data);
    struct Response {
        std::uint64_t data;
        std::uint8_t status;
    };
    Response read(std::uint32_t word);
    void loadMasks(std::uint32_t word, Wide andMask, Wide orMask, Wide xorMask);
    void clearMasks();
    void rawWrite(std::uint32_t word, Wide coded);
    Wide rawRead(std::uint32_t word);
    std::uint32_t readRegister(std::uint8_t address);
    void writeRegister(std::uint8_t address, std::uint32_t value);
};

inline bool operator==(const RtlBuffer::Response& a, const RtlBuffer::Response& b) {
    return a.data == b.data && a.status == b.status;
}

/// Names of the codecs in the order of the parameter Codec.
constexpr std::array<const char*, 9> kCodecs = {
    "none", "parity", "parity-byte", "secded", "op-8", "op-16", "op-32", "op-64", "in-place-ecc"};
/// Codecs of the verilated buffers: those of opportunistic parity differ in the decoder only, which
/// word_codecs_test.cpp sees alone.
constexpr std::array<const char*, 7> kBufferCodecs = {"none", "parity", "parity-byte", "secded",
                                                      "op-8", "op-64",  "in-place-ecc"};

/// Returns a buffer of kBanks x kRows words of 64 bits, reset. Throws std::invalid_argument for a
/// codec that isn't one of kBufferCodecs.
std::unique_ptr<RtlBuffer> makeRtlBuffer(const std::string& codec);

}  // namespace brownout::rtl_test
