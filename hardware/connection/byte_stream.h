#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "hardware/connection/deadline.h"

namespace brownout {

/// A connection that carries bytes both ways: TCP (tcp_stream.h), a serial line. Bytes arrive in
/// order, in pieces of any size. No call installs a signal handler or raises a signal; every call
/// ends at its deadline.
class ByteStream {
 public:
    virtual ~ByteStream() = default;

    /// Returns what errors call the other end: "127.0.0.1:3333", "/dev/ttyUSB0".
    virtual const std::string& name() const = 0;

    /// Sends all of `bytes`. Throws LinkTrouble naming the other end if it can't be done by the
    /// deadline or if the connection is gone; some of the bytes may have been sent then.
    virtual void write(std::string_view bytes, Deadline deadline) = 0;

    /// Waits for bytes and takes what has arrived, at most `most` (at least 1). Returns how many
    /// were put to `to`, or 0 if none came by the deadline. Throws LinkTrouble naming the other end
    /// if the connection is gone.
    virtual std::size_t read(char* to, std::size_t most, Deadline deadline) = 0;
};

}  // namespace brownout
