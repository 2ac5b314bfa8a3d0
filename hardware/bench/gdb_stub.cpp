#include "hardware/bench/gdb_stub.h"

#include <optional>

#include "base/error.h"
#include "base/fields.h"
#include "base/text.h"
#include "hardware/debugger/gdb_packet.h"

namespace brownout {
namespace {

/// Most bytes of a body, as PacketSize says in hexadecimal.
constexpr std::size_t kPacketSize = 0x1000;
constexpr char kFeatures[] = "PacketSize=1000;QStartNoAckMode+";

struct Range {
    std::uint64_t address = 0;
    std::uint64_t count = 0;
};

/// Reads "20000000,40".
std::optional<Range> rangeIn(const std::string& text) {
    const auto comma = text.find(',');
    if (comma == std::string::npos) return std::nullopt;
    const auto address = parseUnsigned(text.substr(0, comma), 16);
    const auto count = parseUnsigned(text.substr(comma + 1), 16);
    if (!address || !count) return std::nullopt;
    return Range{*address, *count};
}

}  // namespace

std::string GdbStub::packet(const std::string& body) {
    lastPacket_ = gdbPacket(body);
    return lastPacket_;
}

std::string GdbStub::receive(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) {
        if (pending_.empty()) {
            if (byte == '$') pending_ = "$";
            if (byte == '-') out += lastPacket_;
            continue;  // acknowledgements, interrupts, and noise between packets
        }
        pending_ += byte;
        if (pending_.size() > 2 * kPacketSize) pending_.clear();
        const std::size_t size = pending_.size();
        if (size < 4 || pending_[size - 3] != '#') continue;
        const std::string body = pending_.substr(1, size - 4);
        const bool fits = gdbSumFits(body, std::string_view(pending_).substr(size - 2));
        pending_.clear();
        if (!fits) {
            if (acknowledge_) out += '-';
            continue;
        }
        if (acknowledge_) out += '+';
        out += packet(answerTo(body));
    }
    return out;
}

std::string GdbStub::answerTo(const std::string& body) {
    if (startsWith(body, "qSupported")) return kFeatures;
    if (body == "QStartNoAckMode") {
        acknowledge_ = false;
        return "OK";
    }
    if (body == "?") return "S05";
    if (body == "qAttached") return "1";
    if (startsWith(body, "H") || body == "D") return "OK";
    if (startsWith(body, "m")) return readMemory(body.substr(1));
    if (startsWith(body, "M")) return writeMemory(body.substr(1), false);
    if (startsWith(body, "X")) return writeMemory(body.substr(1), true);
    return "";
}

std::string GdbStub::readMemory(const std::string& text) {
    const auto range = rangeIn(text);
    if (!range || 2 * range->count > kPacketSize) return "E22";
    if (!memory_.holds(range->address, range->count)) return "E14";
    try {
        beforeAccess_();
        return hexText(memory_.read(range->address, range->count));
    } catch (const Error& error) {
        return std::string("E.") + error.what();
    }
}

std::string GdbStub::writeMemory(const std::string& request, bool binary) {
    const auto colon = request.find(':');
    const auto range = rangeIn(request.substr(0, colon));
    if (!range || colon == std::string::npos) return "E22";
    const std::string sent = request.substr(colon + 1);
    const auto bytes = binary ? gdbExpanded(sent, kPacketSize) : bytesOfHex(sent);
    if (!bytes || bytes->size() != range->count) return "E22";
    if (!memory_.holds(range->address, range->count)) return "E14";
    try {
        beforeAccess_();
        memory_.write(range->address, *bytes);
    } catch (const Error& error) {
        return std::string("E.") + error.what();
    }
    return "OK";
}

}  // namespace brownout
