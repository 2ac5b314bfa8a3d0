#include "hardware/connection/serial_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/error.h"
#include "hardware/connection/descriptor.h"

namespace brownout {
namespace {

/// Speeds that terminals know, bits a second. On slower lines a long answer takes longer than a
/// client waits for one.
constexpr std::pair<std::uint32_t, speed_t> kSpeeds[] = {
    {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
    {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000},
    {1152000, B1152000}, {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000},
    {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000}};

speed_t speedOf(const std::string& device, std::uint32_t baud) {
    for (const auto& [number, speed] : kSpeeds) {
        if (number == baud) return speed;
    }
    throw Error(device, "a serial line has no speed of " + std::to_string(baud) +
                            " bits a second; usual ones are 115200, 921600, 1000000 and 3000000");
}

}  // namespace

std::unique_ptr<SerialStream> SerialStream::open(const std::string& device, std::uint32_t baud) {
    const speed_t speed = speedOf(device, baud);
    const int descriptor = ::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) throw ioError(device, "can't be opened", errno);
    auto stream = std::make_unique<SerialStream>(descriptor, device);
    termios settings{};
    if (::tcgetattr(descriptor, &settings) != 0) {
        throw ioError(device, "is no serial line", errno);
    }
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS);
    settings.c_cc[VMIN] = 0;
    settings.c_cc[VTIME] = 0;
    if (::cfsetspeed(&settings, speed) != 0 || ::tcsetattr(descriptor, TCSANOW, &settings) != 0) {
        throw ioError(device, "can't be set to " + std::to_string(baud) + " bits a second", errno);
    }
    ::tcflush(descriptor, TCIOFLUSH);
    return stream;
}

SerialStream::~SerialStream() { ::close(descriptor_); }

void SerialStream::write(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const ssize_t sent = ::write(descriptor_, bytes.data(), bytes.size());
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (sent == 0 || errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!waitFor(descriptor_, POLLOUT, deadline)) {
                throw LinkTrouble(name_, "took no more bytes in time");
            }
        } else if (errno != EINTR) {
            throw linkTrouble(name_, "connection lost", errno);
        }
    }
}

std::size_t SerialStream::read(char* to, std::size_t most, Deadline deadline) {
    // A line without bytes reads as its end: wait first, so that an end can be told from it.
    while (waitFor(descriptor_, POLLIN, deadline)) {
        const ssize_t got = ::read(descriptor_, to, most);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) {
            throw linkTrouble(name_, "connection lost", got == 0 ? EIO : errno);
        }
    }
    return 0;
}

}  // namespace brownout
