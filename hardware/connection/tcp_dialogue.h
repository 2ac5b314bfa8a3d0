#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "hardware/connection/renewed_connection.h"
#include "hardware/connection/stream_reader.h"
#include "hardware/connection/tcp_stream.h"

namespace brownout {

/// A TCP connection over which requests are written and answers are read in portions.
class TcpDialogue {
 public:
    explicit TcpDialogue(std::unique_ptr<TcpStream> stream)
        : stream_(std::move(stream)), reader_(*stream_) {}

    /// Returns what connects to an address, for RenewedConnection.
    static RenewedConnection<TcpDialogue>::Open with(TcpAddress address) {
        return [address = std::move(address)](Deadline deadline) {
            return std::make_unique<TcpDialogue>(TcpStream::connect(address, deadline));
        };
    }

    /// Sends a request. Throws LinkTrouble.
    void write(std::string_view bytes, Deadline deadline) { stream_->write(bytes, deadline); }
    /// Returns the reader of answers.
    StreamReader& reader() { return reader_; }

 private:
    std::unique_ptr<TcpStream> stream_;
    StreamReader reader_;
};

}  // namespace brownout
