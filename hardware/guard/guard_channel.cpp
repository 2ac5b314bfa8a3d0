#include "hardware/guard/guard_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::size_t kLongest = 2048;

}  // namespace

GuardChannel::~GuardChannel() { ::close(socket_); }

GuardChannel::Ends GuardChannel::make() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        throw ioError("guardian", "can't be spoken with", errno);
    }
    return {ends[0], ends[1]};
}

bool GuardChannel::send(const std::string& message) {
    const std::size_t size = message.size() < kLongest ? message.size() : kLongest;
    for (;;) {
        if (::send(socket_, message.data(), size, MSG_NOSIGNAL) >= 0) return true;
        if (errno != EINTR) return false;
    }
}

std::optional<std::string> GuardChannel::receive(Deadline deadline) {
    std::array<char, kLongest> bytes{};
    for (;;) {
        pollfd entry{socket_, POLLIN, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(deadline.left().count()));
        if (ready > 0) {
            const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
            if (got >= 0) return std::string(bytes.data(), static_cast<std::size_t>(got));
            if (errno != EINTR) return "";
        } else if (deadline.passed()) {
            return std::nullopt;
        }
    }
}

}  // namespace brownout
