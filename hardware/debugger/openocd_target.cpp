#include "hardware/debugger/openocd_target.h"

#include <algorithm>
#include <sstream>

#include "base/fields.h"
#include "base/input.h"

namespace brownout {
namespace {

/// End of every request and answer.
constexpr char kEnd = 0x1a;
/// Bytes of a request: an answer takes up to 5 characters for each.
constexpr std::size_t kMostBytes = 4096;
constexpr std::size_t kMostAnswer = std::size_t{1} << 17;

/// Returns the bits of the accesses that a block of bytes can be made of: 32 where it is words.
unsigned widthFor(std::uint64_t address, std::size_t bytes) {
    return address % 4 == 0 && bytes % 4 == 0 ? 32 : 8;
}

}  // namespace

OpenOcdTarget::OpenOcdTarget(TcpAddress address, const LinkTimes& times)
    : name_("openocd://" + address.text()), link_(TcpDialogue::with(std::move(address)), times) {
    identity_ = ask("concat [version] , targets [target names]");
}

TargetTraffic OpenOcdTarget::traffic() const {
    TargetTraffic traffic = traffic_;
    traffic.repeats = link_.renewals();
    return traffic;
}

std::string OpenOcdTarget::ask(const std::string& command) {
    return link_.repeat([&] { return askOnce(command); });
}

std::string OpenOcdTarget::askOnce(const std::string& command) {
    const Deadline deadline = link_.answerDeadline();
    const std::string number = std::to_string(++number_);
    ++traffic_.roundTrips;
    link_->write("set brownout_status [catch {" + command + "} brownout_answer]; concat " + number +
                     " $brownout_status $brownout_answer" + kEnd,
                 deadline);
    std::string answer = link_->reader().until(std::string(1, kEnd), kMostAnswer, deadline);
    answer.pop_back();
    if (answer.rfind(number + " ", 0) != 0) {
        throw LinkTrouble(name_, "answers and requests don't match any more");
    }
    answer.erase(0, number.size() + 1);
    const std::string status = answer.substr(0, answer.find(' '));
    answer.erase(0, status.size() + 1);
    if (status == "0") return answer;
    throw Error(name_, "OpenOCD says " + brownout::quoted(answer) + " to " +
                           brownout::quoted(command.substr(0, 60)));
}

void OpenOcdTarget::read(std::uint64_t address, Span<std::uint8_t> bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t count = std::min(kMostBytes, bytes.size() - done);
        const unsigned width = widthFor(address + done, count);
        std::istringstream words(ask("read_memory " + hexAddress(address + done) + " " +
                                     std::to_string(width) + " " +
                                     std::to_string(count * 8 / width)));
        std::size_t got = 0;
        for (std::string word; words >> word;) {
            auto value = parseUnsigned(word);
            if (!value || got + width / 8 > count) {
                throw Error(name_, "at " + hexAddress(address + done) + ": OpenOCD reads " +
                                       brownout::quoted(word) + "; expected " +
                                       std::to_string(count * 8 / width) + " numbers");
            }
            for (unsigned i = 0; i < width / 8; ++i, *value >>= 8) {
                bytes[done + got++] = static_cast<std::uint8_t>(*value);
            }
        }
        if (got != count) {
            throw Error(name_, "at " + hexAddress(address + done) + ": OpenOCD read " +
                                   std::to_string(got) + " of " + std::to_string(count) + " bytes");
        }
        done += count;
    }
    traffic_.bytesRead += bytes.size();
}

void OpenOcdTarget::write(std::uint64_t address, Span<const std::uint8_t> bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t count = std::min(kMostBytes, bytes.size() - done);
        const unsigned width = widthFor(address + done, count);
        std::string words;
        for (std::size_t at = done; at < done + count; at += width / 8) {
            std::uint64_t value = 0;
            for (unsigned i = width / 8; i-- > 0;) value = value << 8 | bytes[at + i];
            words += (words.empty() ? "" : " ") + hexAddress(value);
        }
        ask("write_memory " + hexAddress(address + done) + " " + std::to_string(width) + " {" +
            words + "}");
        done += count;
    }
    traffic_.bytesWritten += bytes.size();
}

}  // namespace brownout
