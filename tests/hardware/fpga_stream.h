#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/error.h"
#include "hardware/connection/byte_stream.h"
#include "sim/fpga/fpga_model.h"

namespace brownout::test {

/// A line to a simulated FPGA within this process: reading clocks the design, and returns without
/// bytes once it has nothing to do. What goes over the line can be changed on the way.
class FpgaStream final : public ByteStream {
 public:
    using Change = std::function<std::string(std::string)>;

    explicit FpgaStream(std::unique_ptr<FpgaModel> fpga) : fpga_(std::move(fpga)) {
        if (!fpga_) throw Error("FPGA", "there is no such design");
    }

    const std::string& name() const override { return name_; }

    void write(std::string_view bytes, Deadline) override {
        in_ += toDevice ? toDevice(std::string(bytes)) : std::string(bytes);
    }

    std::size_t read(char* to, std::size_t most, Deadline deadline) override {
        if (out_.empty()) {
            std::string came = clockUntilIdle();
            out_ = fromDevice ? fromDevice(std::move(came)) : std::move(came);
        }
        if (out_.empty()) std::this_thread::sleep_for(deadline.left());
        const std::size_t count = std::min(most, out_.size());
        out_.copy(to, count);
        out_.erase(0, count);
        return count;
    }

    /// Puts another device at the end of the line.
    void replace(std::unique_ptr<FpgaModel> fpga) { fpga_ = std::move(fpga); }

    Change toDevice;    ///< turns what is written into what arrives, if set
    Change fromDevice;  ///< turns what the device sends at once into what arrives here, if set

 private:
    std::string clockUntilIdle() {
        std::string out;
        std::size_t at = 0;
        for (int idle = 0; idle < 8;) {
            std::optional<std::uint8_t> offered;
            if (at < in_.size()) offered = static_cast<std::uint8_t>(in_[at]);
            const FpgaModel::Cycle cycle = fpga_->clock(offered);
            if (cycle.taken) ++at;
            if (cycle.out) out += static_cast<char>(*cycle.out);
            idle = offered || cycle.busy || cycle.out ? 0 : idle + 1;
        }
        in_.erase(0, at);
        return out;
    }

    std::unique_ptr<FpgaModel> fpga_;
    std::string name_ = "FPGA";
    std::string in_;
    std::string out_;
};

}  // namespace brownout::test
