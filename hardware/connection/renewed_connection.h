#pragma once

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "hardware/connection/new_connections.h"
#include "hardware/connection/stream_reader.h"
#include "hardware/connection/tcp_stream.h"

namespace brownout {

/// The patience with the other end of a connection.
struct LinkTimes {
    std::chrono::milliseconds connect{5000};  ///< longest wait for a connection
    std::chrono::milliseconds answer{2000};   ///< longest wait for an answer
    unsigned connections = 5;  ///< connections that a request is tried over before it fails
};

/// A TCP connection for requests and answers, which is made when it is needed and made anew where
/// the link gives trouble.
class RenewedConnection {
 public:
    RenewedConnection(TcpAddress address, const LinkTimes& times)
        : address_(std::move(address)), times_(times) {}

    /// Returns what `work` returns, which may use write() and reader(). Where the link gives
    /// trouble, `work` is repeated over a new connection. `greet` is called over each new one
    /// first; one that it throws over is not used.
    template <typename Greet, typename Work>
    auto repeat(const Greet& greet, const Work& work) {
        const auto drop = [&] {
            ++renewals_;
            end();
        };
        return overNewConnections(times_.connections, drop, [&] {
            if (!stream_) begin(greet);
            return work();
        });
    }
    template <typename Work>
    auto repeat(const Work& work) {
        return repeat([] {}, work);
    }

    /// Sends a request; only within repeat(). Throws LinkTrouble.
    void write(std::string_view bytes, Deadline deadline) { stream_->write(bytes, deadline); }
    /// Returns the reader of answers; only within repeat().
    StreamReader& reader() { return *reader_; }
    /// Returns a deadline for an answer to what is asked now.
    Deadline answerDeadline() const { return Deadline::in(times_.answer); }
    /// Returns how many connections were dropped because the link gave trouble.
    std::uint64_t renewals() const { return renewals_; }

 private:
    template <typename Greet>
    void begin(const Greet& greet) {
        stream_ = TcpStream::connect(address_, Deadline::in(times_.connect));
        reader_ = std::make_unique<StreamReader>(*stream_);
        try {
            greet();
        } catch (...) {
            end();
            throw;
        }
    }
    void end() {
        reader_.reset();
        stream_.reset();
    }

    TcpAddress address_;
    LinkTimes times_;
    std::unique_ptr<TcpStream> stream_;
    std::unique_ptr<StreamReader> reader_;
    std::uint64_t renewals_ = 0;
};

}  // namespace brownout
