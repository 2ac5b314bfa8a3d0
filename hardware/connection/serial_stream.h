#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "hardware/connection/byte_stream.h"

namespace brownout {

/// A serial line: 8 data bits, no parity, one stop bit, no flow control. Also takes a
/// pseudo-terminal, which has no speed.
class SerialStream final : public ByteStream {
 public:
    /// Opens a line at `baud` bits a second and drops what has arrived there before. Throws Error
    /// naming the device if it can't be opened, isn't a terminal, or has no such speed.
    static std::unique_ptr<SerialStream> open(const std::string& device, std::uint32_t baud);

    /// Takes over an open descriptor that doesn't block; `name` is that of the other end.
    SerialStream(int descriptor, std::string name)
        : descriptor_(descriptor), name_(std::move(name)) {}
    ~SerialStream() override;
    SerialStream(const SerialStream&) = delete;
    SerialStream& operator=(const SerialStream&) = delete;

    const std::string& name() const override { return name_; }
    void write(std::string_view bytes, Deadline deadline) override;
    std::size_t read(char* to, std::size_t most, Deadline deadline) override;

    int descriptor() const { return descriptor_; }

 private:
    int descriptor_;
    std::string name_;
};

}  // namespace brownout
