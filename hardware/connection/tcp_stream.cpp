#include "hardware/connection/tcp_stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fields.h"
#include "base/input.h"
#include "hardware/connection/descriptor.h"

namespace brownout {
namespace {

/// A socket that closes itself unless it is released.
class OwnSocket {
 public:
    explicit OwnSocket(int socket) : socket_(socket) {}
    ~OwnSocket() {
        if (socket_ >= 0) ::close(socket_);
    }
    OwnSocket(const OwnSocket&) = delete;
    OwnSocket& operator=(const OwnSocket&) = delete;

    int get() const { return socket_; }
    int release() {
        const int socket = socket_;
        socket_ = -1;
        return socket;
    }

 private:
    int socket_;
};

struct FreeAddresses {
    void operator()(addrinfo* first) const { ::freeaddrinfo(first); }
};

/// Looks the addresses of a host up. Throws Error naming the address.
std::unique_ptr<addrinfo, FreeAddresses> resolve(const TcpAddress& address, bool toListen) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = toListen ? AI_PASSIVE : 0;
    addrinfo* found = nullptr;
    const int problem =
        ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
    if (problem != 0) {
        throw Error(address.text(), std::string("no such host: ") + ::gai_strerror(problem));
    }
    return std::unique_ptr<addrinfo, FreeAddresses>(found);
}

/// Connects a non-blocking socket; returns 0 or the number of the error.
int connectBy(int socket, const addrinfo& to, Deadline deadline) {
    if (::connect(socket, to.ai_addr, to.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS && errno != EINTR) return errno;
    if (!waitFor(socket, POLLOUT, deadline)) return ETIMEDOUT;
    int problem = 0;
    socklen_t size = sizeof problem;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size) != 0) return errno;
    return problem;
}

int newSocket(const addrinfo& like) {
    return ::socket(like.ai_family, like.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    like.ai_protocol);
}

}  // namespace

std::string TcpAddress::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

TcpAddress parseTcpAddress(const std::string& option, const std::string& text,
                           std::optional<std::uint16_t> usualPort) {
    const auto fail = [&] {
        return UsageError(option, quoted(text) + "; expected HOST:PORT, as 127.0.0.1:3333");
    };
    TcpAddress address;
    std::string rest;
    if (!text.empty() && text[0] == '[') {
        const auto end = text.find(']');
        if (end == std::string::npos) throw fail();
        address.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else {
        const auto end = text.find(':');
        address.host = text.substr(0, end);
        rest = end == std::string::npos ? "" : text.substr(end);
    }
    if (address.host.empty() || address.host.find_first_of("/ ") != std::string::npos) throw fail();
    if (rest.empty()) {
        if (!usualPort) throw fail();
        address.port = *usualPort;
        return address;
    }
    const std::string digits = rest.substr(1);
    const auto port = parseUnsigned(digits);
    if (rest[0] != ':' || !port || *port > 0xFFFF) throw fail();
    address.port = static_cast<std::uint16_t>(*port);
    return address;
}

std::unique_ptr<TcpStream> TcpStream::connect(const TcpAddress& address, Deadline deadline) {
    const auto found = resolve(address, false);
    int problem = ETIMEDOUT;
    for (const addrinfo* to = found.get(); to != nullptr; to = to->ai_next) {
        OwnSocket socket(newSocket(*to));
        if (socket.get() < 0) {
            problem = errno;
            continue;
        }
        problem = connectBy(socket.get(), *to, deadline);
        if (problem == 0) return std::make_unique<TcpStream>(socket.release(), address.text());
    }
    throw linkTrouble(address.text(), "no connection", problem);
}

TcpStream::TcpStream(int socket, std::string name) : socket_(socket), name_(std::move(name)) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

TcpStream::~TcpStream() { ::close(socket_); }

void TcpStream::write(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!waitFor(socket_, POLLOUT, deadline)) {
                throw LinkTrouble(name_, "took no more bytes in time");
            }
        } else if (errno != EINTR) {
            throw linkTrouble(name_, "connection lost", errno);
        }
    }
}

std::size_t TcpStream::read(char* to, std::size_t most, Deadline deadline) {
    for (;;) {
        const ssize_t got = ::recv(socket_, to, most, 0);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0) throw LinkTrouble(name_, "the connection was closed from there");
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!waitFor(socket_, POLLIN, deadline)) return 0;
        } else if (errno != EINTR) {
            throw linkTrouble(name_, "connection lost", errno);
        }
    }
}

TcpListener::TcpListener(const TcpAddress& address) : address_(address) {
    const auto found = resolve(address, true);
    OwnSocket socket(newSocket(*found));
    if (socket.get() < 0) throw ioError(address.text(), "can't be listened at", errno);
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
        ::listen(socket.get(), 8) != 0) {
        throw ioError(address.text(), "can't be listened at", errno);
    }
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
        throw ioError(address.text(), "can't be listened at", errno);
    }
    address_.port =
        ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                          : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
    socket_ = socket.release();
}

TcpListener::~TcpListener() {
    if (socket_ >= 0) ::close(socket_);
}

std::unique_ptr<TcpStream> TcpListener::accept(Deadline deadline) {
    for (;;) {
        const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            return std::make_unique<TcpStream>(socket, "peer of " + address_.text());
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!waitFor(socket_, POLLIN, deadline)) return nullptr;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            throw ioError(address_.text(), "takes no connection", errno);
        }
    }
}

}  // namespace brownout
