#include "hardware/connection/message_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "hardware/connection/descriptor.h"

namespace brownout {
namespace {

constexpr std::size_t kLongest = 8192;

}  // namespace

MessageChannel::~MessageChannel() { ::close(socket_); }

MessageChannel::Ends MessageChannel::make(const std::string& what) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        throw ioError(what, "can't be spoken with", errno);
    }
    return {ends[0], ends[1]};
}

bool MessageChannel::send(const std::string& message) {
    const std::size_t size = message.size() < kLongest ? message.size() : kLongest;
    for (;;) {
        if (::send(socket_, message.data(), size, MSG_NOSIGNAL) >= 0) return true;
        if (errno != EINTR) return false;
    }
}

std::optional<std::string> MessageChannel::receive(Deadline deadline) {
    std::array<char, kLongest> bytes{};
    while (waitFor(socket_, POLLIN, deadline)) {
        const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        if (got >= 0) return std::string(bytes.data(), static_cast<std::size_t>(got));
        if (errno != EINTR) return "";
    }
    return std::nullopt;
}

bool MessageChannel::hungUp() const {
    pollfd entry{socket_, 0, 0};
    return ::poll(&entry, 1, 0) > 0 && (entry.revents & POLLHUP) != 0;
}

}  // namespace brownout
