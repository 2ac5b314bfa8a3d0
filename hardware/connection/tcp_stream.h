#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "hardware/connection/byte_stream.h"

namespace brownout {

/// A TCP port of a machine.
struct TcpAddress {
    std::string host;
    std::uint16_t port = 0;

    /// Returns "host:port", with brackets around an IPv6 address.
    std::string text() const;
};

/// Reads "HOST:PORT", "[IPv6]:PORT", or "HOST" where there is a usual port. Port 0 is accepted: a
/// listener that is given it takes a free port. Throws UsageError naming `option` for another text.
TcpAddress parseTcpAddress(const std::string& option, const std::string& text,
                           std::optional<std::uint16_t> usualPort = std::nullopt);

/// A TCP connection. Small packets leave at once (TCP_NODELAY); child programs don't inherit it.
class TcpStream final : public ByteStream {
 public:
    /// Connects to an address. Throws LinkTrouble naming it if that can't be done by the deadline;
    /// looking up the name of a host may take longer.
    static std::unique_ptr<TcpStream> connect(const TcpAddress& address, Deadline deadline);

    /// Takes over a connected socket; `name` is that of the other end.
    TcpStream(int socket, std::string name);
    ~TcpStream() override;
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;

    const std::string& name() const override { return name_; }
    void write(std::string_view bytes, Deadline deadline) override;
    std::size_t read(char* to, std::size_t most, Deadline deadline) override;

    /// Returns the socket, to wait for it together with others.
    int socket() const { return socket_; }

 private:
    int socket_;
    std::string name_;
};

/// A TCP port that others connect to.
class TcpListener {
 public:
    /// Listens at an address; at port 0 the system chooses a free port. Throws Error naming the
    /// address if that can't be done.
    explicit TcpListener(const TcpAddress& address);
    ~TcpListener();
    TcpListener(const TcpListener&) = delete;
    TcpListener& operator=(const TcpListener&) = delete;

    /// Returns the address with the port that is listened at.
    const TcpAddress& address() const { return address_; }
    /// Waits for a connection; returns null if none was made by the deadline.
    std::unique_ptr<TcpStream> accept(Deadline deadline);
    /// Returns the socket, to wait for it together with others.
    int socket() const { return socket_; }

 private:
    TcpAddress address_;
    int socket_ = -1;
};

}  // namespace brownout
