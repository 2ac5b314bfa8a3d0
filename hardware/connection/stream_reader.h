#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "hardware/connection/byte_stream.h"

namespace brownout {

/// Takes the bytes of a stream in the portions that a protocol has: bytes, lines, blocks. Keeps
/// what has arrived beyond a portion for the next one.
class StreamReader {
 public:
    /// Reads from `stream`, which must outlive the reader.
    explicit StreamReader(ByteStream& stream) : stream_(stream) {}

    /// Returns the next byte, or nothing if none came by the deadline. Throws LinkTrouble if the
    /// connection is gone.
    std::optional<char> next(Deadline deadline);

    /// Returns the next `count` bytes. Throws LinkTrouble naming the other end if they didn't come
    /// by the deadline; those that did are kept.
    std::string exactly(std::size_t count, Deadline deadline);

    /// Returns the bytes up to and including `end`. Throws LinkTrouble naming the other end if it
    /// didn't come by the deadline or not among the next `most` bytes.
    std::string until(std::string_view end, std::size_t most, Deadline deadline);

 private:
    /// Waits for more bytes; returns false if none came by the deadline.
    bool fill(Deadline deadline);
    std::size_t held() const { return buffer_.size() - begin_; }

    ByteStream& stream_;
    std::string buffer_;
    std::size_t begin_ = 0;
};

}  // namespace brownout
