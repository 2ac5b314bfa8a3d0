#include "hardware/frames/open_device.h"

#include "base/error.h"
#include "base/fields.h"
#include "base/input.h"
#include "base/text.h"
#include "hardware/connection/serial_stream.h"
#include "hardware/connection/tcp_stream.h"

namespace brownout {
namespace {

const std::string kTcp = "tcp://";
const std::string kUart = "uart://";
constexpr std::uint32_t kUsualBaud = 1'000'000;
constexpr std::chrono::milliseconds kPatience(5000);  ///< longest wait for a connection

std::unique_ptr<ByteStream> openLine(const std::string& option, const std::string& text) {
    const auto fail = [&] {
        return UsageError(option, quoted(text) +
                                      "; expected uart:///dev/ttyUSB0 or "
                                      "uart:///dev/ttyUSB0?baud=1000000");
    };
    const std::size_t query = text.find('?');
    const std::string device = text.substr(kUart.size(), query - kUart.size());
    if (device.empty() || device[0] != '/') throw fail();
    std::uint32_t baud = kUsualBaud;
    if (query != std::string::npos) {
        const std::string key = "?baud=";
        if (text.compare(query, key.size(), key) != 0) throw fail();
        const auto number = parseUnsigned(text.substr(query + key.size()));
        if (!number || *number == 0 || *number > 100'000'000) throw fail();
        baud = static_cast<std::uint32_t>(*number);
    }
    return SerialStream::open(device, baud);
}

}  // namespace

bool namesFrameDevice(const std::string& text) {
    return startsWith(text, kTcp) || startsWith(text, kUart);
}

std::unique_ptr<FrameDevice> openFrameDevice(const std::string& option, const std::string& text) {
    std::unique_ptr<ByteStream> stream;
    if (startsWith(text, kTcp)) {
        stream = TcpStream::connect(parseTcpAddress(option, text.substr(kTcp.size())),
                                    Deadline::in(kPatience));
    } else if (startsWith(text, kUart)) {
        stream = openLine(option, text);
    } else {
        throw UsageError(option, quoted(text) + "; expected tcp://HOST:PORT or uart:///dev/...");
    }
    return std::make_unique<FrameDevice>(std::move(stream));
}

}  // namespace brownout
