#pragma once

#include <optional>
#include <string>

#include "hardware/connection/deadline.h"

namespace brownout {

/// One end of a connection between this program and a process that it forked: whole messages, in
/// order. It ends when the process at the other end does, however that happens.
class MessageChannel {
 public:
    /// Takes over a socket of the kind SOCK_SEQPACKET.
    explicit MessageChannel(int socket) : socket_(socket) {}
    ~MessageChannel();
    MessageChannel(const MessageChannel&) = delete;
    MessageChannel& operator=(const MessageChannel&) = delete;

    /// The sockets of both ends.
    struct Ends {
        int program = -1;
        int child = -1;
    };
    /// Makes both ends. Throws Error naming `what` the other end is for if the system has no more
    /// sockets.
    static Ends make(const std::string& what);

    /// Sends a message of at least one byte; returns false if the other end has gone. What is
    /// beyond 8 KiB is cut off.
    bool send(const std::string& message);
    /// Waits for a message. Returns "" if the other end has gone, nothing at the deadline.
    std::optional<std::string> receive(Deadline deadline);
    /// Tells whether the other end has gone, though messages of it may still be there.
    bool hungUp() const;

 private:
    int socket_;
};

}  // namespace brownout
