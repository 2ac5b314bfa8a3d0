#pragma once

#include <cstdint>
#include <optional>

namespace brownout {

/// The sending end of a serial line, a pin clocked by the clock of who receives: 8 data bits, no
/// parity, one stop bit. Written from the standard, not from the RTL.
class SerialSender {
 public:
    explicit SerialSender(unsigned clocksPerBit) : clocksPerBit_(clocksPerBit) {}

    bool ready() const { return left_ == 0; }
    /// Starts to send a byte. Must be ready.
    void send(std::uint8_t byte) {
        bits_ = 0x200U | std::uint32_t{byte} << 1;  // start bit, data from the lowest on, stop bit
        left_ = 10 * clocksPerBit_;
    }
    /// Returns the line's level in this clock cycle, and goes on to the next.
    bool pin() {
        if (left_ == 0) return true;
        const unsigned bit = 9 - (left_ - 1) / clocksPerBit_;
        --left_;
        return (bits_ >> bit & 1U) != 0;
    }

 private:
    unsigned clocksPerBit_;
    std::uint32_t bits_ = 0;
    unsigned left_ = 0;  ///< clock cycles until the end of the stop bit
};

/// The receiving end of such a line.
class SerialReceiver {
 public:
    explicit SerialReceiver(unsigned clocksPerBit) : clocksPerBit_(clocksPerBit) {}

    bool receiving() const { return at_ != 0; }
    /// Takes the line's level in this clock cycle; returns a byte in the middle of its stop bit.
    std::optional<std::uint8_t> sample(bool level) {
        if (at_ == 0 && level) return std::nullopt;
        const unsigned bit = at_ / clocksPerBit_;
        const bool middle = at_ % clocksPerBit_ == clocksPerBit_ / 2;
        ++at_;
        if (!middle) return std::nullopt;
        if (bit == 0 && level) at_ = 0;  // a disturbance
        if (bit == 0) bits_ = 0;
        if (bit >= 1 && bit <= 8) bits_ |= static_cast<std::uint32_t>(level) << (bit - 1);
        if (bit < 9) return std::nullopt;
        at_ = 0;
        if (!level) return std::nullopt;
        return static_cast<std::uint8_t>(bits_);
    }

 private:
    unsigned clocksPerBit_;
    std::uint32_t bits_ = 0;
    unsigned at_ = 0;  ///< clock cycles since the start bit began; 0 between bytes
};

}  // namespace brownout
