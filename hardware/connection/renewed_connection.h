#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "hardware/connection/deadline.h"
#include "hardware/connection/new_connections.h"

namespace brownout {

/// The patience with the other end of a connection.
struct LinkTimes {
    std::chrono::milliseconds connect{5000};  ///< longest wait for a connection
    std::chrono::milliseconds answer{2000};   ///< longest wait for an answer
    unsigned connections = 5;  ///< connections that a request is tried over before it fails
};

/// A connection for requests and answers, which is made when it is needed and made anew where the
/// link gives trouble.
template <typename Connection>
class RenewedConnection {
 public:
    /// Makes a connection by a deadline. Throws LinkTrouble if that can't be done.
    using Open = std::function<std::unique_ptr<Connection>(Deadline)>;

    RenewedConnection(Open open, const LinkTimes& times) : open_(std::move(open)), times_(times) {}

    /// Returns what `work` returns, which may use the connection. Where the link gives trouble,
    /// `work` is repeated over a new connection. `greet` is called over each new one first; one
    /// that it throws over is not used.
    template <typename Greet, typename Work>
    auto repeat(const Greet& greet, const Work& work) {
        const auto drop = [&] {
            ++renewals_;
            connection_.reset();
        };
        return overNewConnections(times_.connections, drop, [&] {
            if (!connection_) begin(greet);
            return work();
        });
    }
    template <typename Work>
    auto repeat(const Work& work) {
        return repeat([] {}, work);
    }

    /// Returns the connection; only within repeat().
    Connection* operator->() { return connection_.get(); }
    /// Returns a deadline for an answer to what is asked now.
    Deadline answerDeadline() const { return Deadline::in(times_.answer); }
    /// Returns how many connections were dropped because the link gave trouble.
    std::uint64_t renewals() const { return renewals_; }

 private:
    template <typename Greet>
    void begin(const Greet& greet) {
        connection_ = open_(Deadline::in(times_.connect));
        try {
            greet();
        } catch (...) {
            connection_.reset();
            throw;
        }
    }

    Open open_;
    LinkTimes times_;
    std::unique_ptr<Connection> connection_;
    std::uint64_t renewals_ = 0;
};

}  // namespace brownout
