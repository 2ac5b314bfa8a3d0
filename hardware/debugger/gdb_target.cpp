#include "hardware/debugger/gdb_target.h"

#include <algorithm>
#include <sstream>

#include "base/fingerprint.h"
#include "base/input.h"
#include "hardware/connection/new_connections.h"
#include "hardware/debugger/gdb_packet.h"

namespace brownout {
namespace {

/// Bytes between two fences, and that are read again after trouble.
constexpr std::size_t kBlock = std::size_t{1} << 16;
/// Bytes by which lengths of requests differ: targets read whole words faster.
constexpr std::size_t kStep = 8;
/// Room in a packet for all but the data: "X", address, length, separators.
constexpr std::size_t kHead = 48;
constexpr std::size_t kMostDescription = std::size_t{1} << 18;

std::string hex(std::uint64_t number) {
    std::ostringstream text;
    text << std::hex << number;
    return text.str();
}

std::string_view textOf(Span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Returns whether an answer is one of an error: "E01", "E.reason".
bool isError(const std::string& answer) {
    return answer.size() >= 2 && answer[0] == 'E' && (answer.size() == 3 || answer[1] == '.');
}

/// Returns the content of the first element <architecture> of a target description, or "".
std::string architectureIn(const std::string& xml) {
    const std::string open = "<architecture>";
    const auto begin = xml.find(open);
    if (begin == std::string::npos) return "";
    const auto end = xml.find("</", begin);
    if (end == std::string::npos) return "";
    return xml.substr(begin + open.size(), end - begin - open.size());
}

}  // namespace

GdbTarget::GdbTarget(TcpAddress address, const GdbSettings& settings)
    : address_(std::move(address)), name_("gdb://" + address_.text()), settings_(settings) {
    repeat([] {});
}

void GdbTarget::connect() {
    session_ = std::make_unique<GdbSession>(
        TcpStream::connect(address_, Deadline::in(settings_.connect)), settings_);
    lengths_.forget();
    try {
        const std::string identity = describeTarget();
        if (identity_.empty()) identity_ = identity;
        if (identity != identity_) {
            throw Error(name_, "is another target now: " + brownout::quoted(identity) +
                                   " instead of " + brownout::quoted(identity_));
        }
    } catch (...) {
        endSession();
        throw;
    }
}

void GdbTarget::endSession() {
    if (session_) formerRepeats_ += session_->repeats();
    session_.reset();
}

std::string GdbTarget::describeTarget() {
    std::string description;
    if (gdbFeature(session_->features(), "qXfer:features:read") == "+") {
        description = readDescription();
    }
    const std::string architecture = architectureIn(description);
    return (architecture.empty() ? "unknown architecture" : architecture) + ", description " +
           fingerprint(description + "\n" + session_->features()).substr(0, 12);
}

std::string GdbTarget::readDescription() {
    std::string description;
    while (description.size() < kMostDescription) {
        const std::string answer = ask("qXfer:features:read:target.xml:" + hex(description.size()) +
                                       "," + hex(session_->packetSize() / 2));
        if (answer.empty() || (answer[0] != 'l' && answer[0] != 'm')) return "";
        description += answer.substr(1);
        if (answer[0] == 'l' || answer.size() == 1) return description;
    }
    throw Error(name_, "describes itself without end");
}

std::string GdbTarget::ask(const std::string& body) {
    ++traffic_.roundTrips;
    return session_->ask(body);
}

void GdbTarget::failAt(std::uint64_t address, const std::string& problem) const {
    throw Error(name_, "at " + hexAddress(address) + ": " + problem);
}

void GdbTarget::repeat(const std::function<void()>& block) {
    const auto drop = [&] {
        ++traffic_.repeats;
        endSession();
    };
    overNewConnections(settings_.connections, drop, [&] {
        if (!session_) connect();
        block();
    });
}

void GdbTarget::fence() {
    const std::string answer = ask("?");
    if (answer.empty() || (answer[0] != 'S' && answer[0] != 'T')) {
        throw LinkTrouble(name_, "answers and requests don't match any more");
    }
    lengths_.forget();
}

void GdbTarget::read(std::uint64_t address, Span<std::uint8_t> bytes) {
    for (std::size_t done = 0; done < bytes.size(); done += kBlock) {
        const auto block = bytes.subspan(done, std::min(kBlock, bytes.size() - done));
        repeat([&] { readBlock(address + done, block); });
    }
    traffic_.bytesRead += bytes.size();
}

void GdbTarget::readBlock(std::uint64_t address, Span<std::uint8_t> bytes) {
    // Two digits a byte; some stubs count the packet's frame, too.
    const std::size_t most = std::max<std::size_t>((session_->packetSize() - 4) / 2, kStep + 1);
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t length = lengths_.next(bytes.size() - done, most, kStep);
        if (length == 0) {
            fence();
            continue;
        }
        const std::string answer = ask("m" + hex(address + done) + "," + hex(length));
        if (isError(answer)) failAt(address + done, "can't be read (" + answer + ")");
        if (answer.empty()) failAt(address + done, "the stub reads no memory");
        const auto got = bytesOfHex(answer);
        if (!got || got->size() != length) {
            throw LinkTrouble(name_, "answered a read of " + std::to_string(length) +
                                         " bytes with something else");
        }
        std::copy(got->begin(), got->end(), bytes.begin() + done);
        done += length;
    }
    fence();
}

void GdbTarget::write(std::uint64_t address, Span<const std::uint8_t> bytes) {
    for (std::size_t done = 0; done < bytes.size(); done += kBlock) {
        const auto block = bytes.subspan(done, std::min(kBlock, bytes.size() - done));
        repeat([&] { writeBlock(address + done, block); });
    }
    traffic_.bytesWritten += bytes.size();
}

void GdbTarget::writeBlock(std::uint64_t address, Span<const std::uint8_t> bytes) {
    // An escaped byte takes as much room as two digits do.
    const std::size_t room = session_->packetSize() > 2 * kHead ? session_->packetSize() - kHead
                                                                : session_->packetSize() / 2;
    const std::size_t most = std::max<std::size_t>(room / 2 / kStep * kStep, kStep);
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t length = std::min(most, bytes.size() - done);
        const std::string place = hex(address + done) + "," + hex(length) + ":";
        const std::string_view data = textOf(bytes.subspan(done, length));
        std::string answer;
        if (binary_) {
            answer = ask("X" + place + gdbEscaped(data));
            if (answer.empty()) binary_ = false;
        }
        if (!binary_) answer = ask("M" + place + hexText(data));
        if (answer.empty()) failAt(address + done, "the stub writes no memory");
        if (isError(answer)) failAt(address + done, "can't be written (" + answer + ")");
        if (answer != "OK") throw LinkTrouble(name_, "answered a write with something else");
        done += length;
    }
    fence();
}

TargetTraffic GdbTarget::traffic() const {
    TargetTraffic traffic = traffic_;
    traffic.repeats += formerRepeats_ + (session_ ? session_->repeats() : 0);
    return traffic;
}

}  // namespace brownout
