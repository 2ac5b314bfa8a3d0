// The one file that includes verilated headers. Compiled as part of Brownout it holds our weight
// buffer, once for each protection; compiled with BROWNOUT_USER_BUFFER it is the inside of a shared
// library around a user's own buffer.

#include <verilated.h>
#if VM_TRACE_FST
#include <verilated_fst_c.h>
#endif

#include <cstdarg>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "sim/rtl_model.h"
#ifdef BROWNOUT_USER_BUFFER
#include "Vuser_buffer.h"
#else
#include "Vbuffer_in_place_ecc.h"
#include "Vbuffer_none.h"
#include "Vbuffer_op_16.h"
#include "Vbuffer_op_32.h"
#include "Vbuffer_op_64.h"
#include "Vbuffer_op_8.h"
#include "Vbuffer_parity.h"
#include "Vbuffer_parity_byte.h"
#include "Vbuffer_secded.h"
#include "sim/rtl_models.h"
#endif

namespace {

/// What the RTL printed last. Models are evaluated by one thread, that of the kernel.
std::string lastMessage;

/// Text without what a line of Brownout's doesn't need: "%Error: " and line ends.
std::string oneLine(std::string text) {
    const auto error = text.find("%Error: ");
    if (error != std::string::npos) text.erase(0, error + 8);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return text;
}

}  // namespace

// Verilator's run-time library calls these instead of its own (VL_USER_STOP and the like): a
// failing assertion is an error like any other, not the end of the process.
extern "C" int brownoutRtlPrint(const char* format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    const int length = std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    lastMessage = text;
    return length;
}
void vl_stop(const char* filename, int line, const char*) {
    throw std::runtime_error(lastMessage.empty()
                                 ? std::string(filename) + ":" + std::to_string(line) + ": $stop"
                                 : oneLine(lastMessage));
}
void vl_finish(const char* filename, int line, const char*) {
    throw std::runtime_error(std::string(filename) + ":" + std::to_string(line) + ": $finish");
}
void vl_fatal(const char* filename, int line, const char*, const char* message) {
    throw std::runtime_error(std::string(filename) + ":" + std::to_string(line) + ": " +
                             oneLine(message));
}

namespace brownout {
namespace {

// port_NAME(model) is a pointer to the port, or nullptr if the model has none of that name: the
// register, raw and BIST ports are optional.
#define BROWNOUT_OPTIONAL_PORT(name)                             \
    template <typename Model>                                    \
    auto port_##name(Model& model, int)->decltype(&model.name) { \
        return &model.name;                                      \
    }                                                            \
    template <typename Model>                                    \
    std::nullptr_t port_##name(Model&, long) {                   \
        return nullptr;                                          \
    }

BROWNOUT_OPTIONAL_PORT(raw_en_i)
BROWNOUT_OPTIONAL_PORT(raw_req_i)
BROWNOUT_OPTIONAL_PORT(reg_req_i)
BROWNOUT_OPTIONAL_PORT(bist_start_i)

template <typename Port>
constexpr bool kHas = !std::is_same_v<Port, std::nullptr_t>;

void setWide(VlWide<3>& port, const RtlCoded& value) {
    port[0] = static_cast<EData>(value.data);
    port[1] = static_cast<EData>(value.data >> 32);
    port[2] = value.check;
}

[[maybe_unused]] RtlCoded getWide(const VlWide<3>& port) {
    return {(std::uint64_t{port[1]} << 32) | port[0], static_cast<std::uint8_t>(port[2])};
}

template <typename Model>
class VerilatedBuffer final : public RtlModel {
 public:
    VerilatedBuffer() {
        context_->traceEverOn(kWaves);  // before the model is made
        model_ = std::make_unique<Model>(context_.get(), "TOP");
        if constexpr (kHas<decltype(port_raw_en_i(*model_, 0))>) model_->raw_en_i = 0;
        if constexpr (kHas<decltype(port_raw_req_i(*model_, 0))>) model_->raw_req_i = 0;
        if constexpr (kHas<decltype(port_reg_req_i(*model_, 0))>) model_->reg_req_i = 0;
        if constexpr (kBist) setWide(model_->bist_background_i, {});
    }

    ~VerilatedBuffer() override {
#if VM_TRACE_FST
        if (waves_) waves_->close();
#endif
        useContext();
        model_->final();
        // A model takes leave of the context of its thread, not of its own: it must still be there.
        model_.reset();
        ::Verilated::threadContextp(::Verilated::defaultContextp());
    }

    void settle(const RtlInputs& in, RtlOutputs& out) override {
        useContext();
        Model& m = *model_;
        m.clk_i = 0;
        m.rst_ni = !in.reset;
        m.req_valid_i = in.reqValid;
        m.req_write_i = in.reqWrite;
        m.req_addr_i = static_cast<std::decay_t<decltype(m.req_addr_i)>>(in.reqAddr);
        m.req_wdata_i = static_cast<std::decay_t<decltype(m.req_wdata_i)>>(in.reqWdata);
        m.rsp_ready_i = in.rspReady;
        m.ovl_valid_i = in.ovlValid;
        if (in.ovlValid) {
            m.ovl_clear_i = in.ovlClear;
            m.ovl_addr_i = static_cast<std::decay_t<decltype(m.ovl_addr_i)>>(in.ovlAddr);
            setWide(m.ovl_and_i, in.ovlAnd);
            setWide(m.ovl_or_i, in.ovlOr);
            setWide(m.ovl_xor_i, in.ovlXor);
        }
        if constexpr (kBist) {
            m.bist_start_i = in.bistStart;
            m.bist_algorithm_i = in.bistAlgorithm;
            m.bist_last_addr_i =
                static_cast<std::decay_t<decltype(m.bist_last_addr_i)>>(in.bistLastAddr);
            m.fail_ready_i = in.failReady;
        }
        m.eval();
        dump(time_);
        out.reqReady = m.req_ready_o;
        out.rspValid = m.rsp_valid_o;
        out.rspRdata = m.rsp_rdata_o;
        out.rspStatus = m.rsp_status_o;
        out.ovlReady = m.ovl_ready_o;
        if constexpr (kBist) {
            out.bistBusy = m.bist_busy_o;
            out.bistDone = m.bist_done_o;
            out.failValid = m.fail_valid_o;
            if (out.failValid) {
                out.failAddr = m.fail_addr_o;
                out.failSyndrome = getWide(m.fail_syndrome_o);
                out.failExpected = getWide(m.fail_expected_o);
            }
        }
    }

    void rise() override {
        model_->clk_i = 1;
        model_->eval();
        dump(time_ + periodPs_ / 2);
        time_ += periodPs_;
        context_->time(time_);
    }

    bool hasBist() const override { return kBist; }

    void record(const char* fstFile, [[maybe_unused]] std::uint64_t cycles,
                std::uint64_t periodPs) override {
        periodPs_ = periodPs;
#if VM_TRACE_FST
        waves_ = std::make_unique<VerilatedFstC>();
        model_->trace(waves_.get(), 99);
        waves_->open(fstFile);
        if (waves_->isOpen()) {
            dumps_ = 2 * cycles;
            return;
        }
#endif
        throw std::runtime_error(std::string(fstFile) + ": cannot be written");
    }

 private:
    static constexpr bool kBist = kHas<decltype(port_bist_start_i(std::declval<Model&>(), 0))>;

    /// Several models live in one thread; what they print and where is in their context.
    void useContext() { ::Verilated::threadContextp(context_.get()); }

    void dump([[maybe_unused]] std::uint64_t time) {
#if VM_TRACE_FST
        if (dumps_ == 0) return;
        waves_->dump(time);
        if (--dumps_ == 0) waves_->close();
#endif
    }

    std::unique_ptr<VerilatedContext> context_ = std::make_unique<VerilatedContext>();
    std::unique_ptr<Model> model_;
#if VM_TRACE_FST
    static constexpr bool kWaves = true;
    std::unique_ptr<VerilatedFstC> waves_;
    std::uint64_t dumps_ = 0;  ///< still to write: two a cycle
#else
    static constexpr bool kWaves = false;
#endif
    std::uint64_t periodPs_ = 1000;
    std::uint64_t time_ = 0;
};

}  // namespace

#ifndef BROWNOUT_USER_BUFFER
namespace {

template <typename Top>
std::unique_ptr<RtlModel> make() {
    return std::make_unique<VerilatedBuffer<Top>>();
}

}  // namespace

std::unique_ptr<RtlModel> makeBuiltInBuffer(const std::string& codec) {
    if (codec == "none") return make<Vbuffer_none>();
    if (codec == "parity") return make<Vbuffer_parity>();
    if (codec == "parity-byte") return make<Vbuffer_parity_byte>();
    if (codec == "secded") return make<Vbuffer_secded>();
    if (codec == "op-8") return make<Vbuffer_op_8>();
    if (codec == "op-16") return make<Vbuffer_op_16>();
    if (codec == "op-32") return make<Vbuffer_op_32>();
    // Which weight gives its bit is software's business.
    if (codec == "op-64" || codec == "op-64-largest") return make<Vbuffer_op_64>();
    if (codec == "in-place-ecc") return make<Vbuffer_in_place_ecc>();
    return nullptr;
}
#endif

}  // namespace brownout

#ifdef BROWNOUT_USER_BUFFER
extern "C" __attribute__((visibility("default"))) int brownoutRtlModelVersion() {
    return brownout::kRtlModelVersion;
}
extern "C" __attribute__((visibility("default"))) brownout::RtlModel* brownoutMakeRtlModel() {
    return new brownout::VerilatedBuffer<Vuser_buffer>();
}
#endif
