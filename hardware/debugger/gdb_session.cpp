#include "hardware/debugger/gdb_session.h"

#include <algorithm>

#include "base/fields.h"
#include "base/input.h"
#include "hardware/connection/link_trouble.h"
#include "hardware/debugger/gdb_packet.h"

namespace brownout {
namespace {

/// Number of times that a packet is sent or asked for again before the connection is given up.
constexpr int kRepeats = 4;
/// Size beyond which a body is taken for noise; no stub's packet is as large.
constexpr std::size_t kMostBody = std::size_t{1} << 20;

}  // namespace

std::string gdbFeature(const std::string& features, const std::string& name) {
    for (std::size_t begin = 0; begin <= features.size();) {
        const std::size_t end = std::min(features.find(';', begin), features.size());
        const std::string item = features.substr(begin, end - begin);
        if (item.compare(0, name.size(), name) == 0) {
            const std::string value = item.substr(name.size());
            if (value == "+" || value == "-") return value;
            if (!value.empty() && value[0] == '=') return value.substr(1);
        }
        begin = end + 1;
    }
    return "";
}

GdbSession::GdbSession(std::unique_ptr<ByteStream> stream, const GdbSettings& settings)
    : stream_(std::move(stream)), reader_(*stream_), settings_(settings) {
    stream_->write("+", Deadline::in(settings_.answer));
    features_ = ask("qSupported:swbreak+;hwbreak+");
    if (const auto size = parseUnsigned(gdbFeature(features_, "PacketSize"), 16)) {
        packetSize_ = std::clamp<std::uint64_t>(*size, 64, kMostBody);
    }
    if (!settings_.acknowledge && gdbFeature(features_, "QStartNoAckMode") == "+") {
        if (ask("QStartNoAckMode") != "OK") fail("doesn't do without acknowledgements");
        acknowledge_ = false;
    }
    // Some stubs have no thread to look at before they were asked.
    const std::string stop = ask("?");
    if (stop.empty() || (stop[0] != 'S' && stop[0] != 'T')) {
        fail("answers " + quoted(stop) + " to '?'; expected a target that is stopped");
    }
    ask("Hg0");
}

void GdbSession::fail(const std::string& problem) const {
    throw LinkTrouble(stream_->name(), problem);
}

char GdbSession::nextByte(Deadline deadline) {
    const auto byte = reader_.next(deadline);
    if (!byte) fail("the GDB stub didn't answer in time");
    return *byte;
}

void GdbSession::requireSilence() {
    if (reader_.next(Deadline::in(std::chrono::milliseconds(0)))) {
        fail("the GDB stub sent what it wasn't asked for");
    }
}

bool GdbSession::acknowledged(Deadline deadline) {
    switch (nextByte(deadline)) {
        case '+':
            return true;
        case '-':
            return false;
        default:
            fail("the GDB stub sent something else before it acknowledged a packet");
    }
}

std::string GdbSession::answer(Deadline deadline) {
    for (int attempt = 0; attempt <= kRepeats; ++attempt) {
        if (nextByte(deadline) != '$') fail("the GDB stub sent something that is no packet");
        std::string packet = reader_.until("#", kMostBody, deadline);
        packet.pop_back();
        const std::string sum = reader_.exactly(2, deadline);
        const auto body = gdbSumFits(packet, sum) ? gdbExpanded(packet, kMostBody) : std::nullopt;
        if (body) {
            if (acknowledge_) stream_->write("+", deadline);
            return *body;
        }
        if (!acknowledge_) break;
        ++repeats_;
        stream_->write("-", deadline);
    }
    fail("the GDB stub's answer is damaged");
}

std::string GdbSession::ask(std::string_view body) {
    const std::string packet = gdbPacket(body);
    const Deadline deadline = Deadline::in(settings_.answer);
    requireSilence();
    for (int attempt = 0; attempt <= kRepeats; ++attempt) {
        stream_->write(packet, deadline);
        if (!acknowledge_ || acknowledged(deadline)) return answer(deadline);
        ++repeats_;
    }
    fail("the GDB stub finds every packet damaged");
}

}  // namespace brownout
