#pragma once

#include <cstdint>
#include <optional>

namespace brownout {

/// The sending end of a serial line, a pin that is looked at at every clock cycle of who receives:
/// 8 data bits, no parity, one stop bit. Written from the standard, not from the RTL.
class SerialSender {
 public:
    explicit SerialSender(double clocksPerBit) : clocksPerBit_(clocksPerBit) {}

    bool ready() const { return !sending_; }
    /// Starts to send a byte. Must be ready.
    void send(std::uint8_t byte) {
        bits_ = 0x200U | std::uint32_t{byte} << 1;  // start bit, data from the lowest on, stop bit
        at_ = 0;
        sending_ = true;
    }
    /// Returns the line's level in this clock cycle, and goes on to the next.
    bool pin() {
        if (!sending_) return true;
        const bool level = (bits_ >> static_cast<unsigned>(at_ / clocksPerBit_) & 1U) != 0;
        at_ += 1;
        sending_ = at_ < 10 * clocksPerBit_;
        return level;
    }

 private:
    double clocksPerBit_;
    std::uint32_t bits_ = 0;
    double at_ = 0;  ///< clock cycles since the start bit began
    bool sending_ = false;
};

/// The receiving end of such a line.
class SerialReceiver {
 public:
    explicit SerialReceiver(double clocksPerBit) : clocksPerBit_(clocksPerBit) {}

    bool receiving() const { return receiving_; }
    /// Takes the line's level in this clock cycle; returns a byte in the middle of its stop bit.
    std::optional<std::uint8_t> sample(bool level) {
        if (!receiving_) {
            receiving_ = !level;
            at_ = 0;
            bit_ = 0;
            bits_ = 0;
            return std::nullopt;
        }
        at_ += 1;
        if (at_ < (bit_ + 0.5) * clocksPerBit_) return std::nullopt;
        if (bit_ == 0 && level) receiving_ = false;  // a disturbance
        if (bit_ >= 1 && bit_ <= 8) bits_ |= static_cast<std::uint32_t>(level) << (bit_ - 1);
        if (++bit_ < 10) return std::nullopt;
        receiving_ = false;
        if (!level) return std::nullopt;
        return static_cast<std::uint8_t>(bits_);
    }

 private:
    double clocksPerBit_;
    std::uint32_t bits_ = 0;
    int bit_ = 0;    ///< bit whose middle comes next
    double at_ = 0;  ///< clock cycles since the start bit began
    bool receiving_ = false;
};

}  // namespace brownout
