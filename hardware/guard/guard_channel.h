#pragma once

#include <optional>
#include <string>

#include "hardware/connection/deadline.h"

namespace brownout {

/// One end of the connection between a program and the guardian of its supply: whole messages, in
/// order. It ends when the process at the other end does, however that happens.
class GuardChannel {
 public:
    /// Takes over a socket of the kind SOCK_SEQPACKET.
    explicit GuardChannel(int socket) : socket_(socket) {}
    ~GuardChannel();
    GuardChannel(const GuardChannel&) = delete;
    GuardChannel& operator=(const GuardChannel&) = delete;

    /// The sockets of both ends.
    struct Ends {
        int program = -1;
        int guardian = -1;
    };
    /// Makes both ends. Throws Error if the system has no more sockets.
    static Ends make();

    /// Sends a message of at least one byte; returns false if the other end has gone.
    bool send(const std::string& message);
    /// Waits for a message. Returns "" if the other end has gone, nothing at the deadline.
    std::optional<std::string> receive(Deadline deadline);

 private:
    int socket_;
};

}  // namespace brownout
