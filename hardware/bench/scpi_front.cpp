#include "hardware/bench/scpi_front.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/fields.h"
#include "base/numbers.h"

namespace brownout {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kMostErrors = 16;

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

/// A header as SCPI spells it: capitals are its short form, "SOURce" is SOUR or SOURCE; what stands
/// in brackets may be left out.
struct Header {
    const char* shortForm;
    const char* longForm;
};
constexpr Header kHeaders[] = {{"VOLT", "VOLTAGE"},  {"MEAS", "MEASURE"},   {"SYST", "SYSTEM"},
                               {"ERR", "ERROR"},     {"OUTP", "OUTPUT"},    {"SOUR", "SOURCE"},
                               {"IMM", "IMMEDIATE"}, {"AMPL", "AMPLITUDE"}, {"STAT", "STATE"}};

/// Brings a command to its short form without parts that may be left out: "source:voltage:level" is
/// "VOLT".
std::string shortened(const std::string& command) {
    std::string out;
    for (std::size_t begin = 0; begin <= command.size();) {
        const std::size_t end = std::min(command.find(':', begin), command.size());
        std::string part = upper(command.substr(begin, end - begin));
        begin = end + 1;
        const bool query = !part.empty() && part.back() == '?';
        if (query) part.pop_back();
        for (const Header& header : kHeaders) {
            if (part == header.longForm) part = header.shortForm;
        }
        const bool optional = part == "SOUR" || part == "LEV" || part == "LEVEL" || part == "IMM" ||
                              part == "AMPL" || part == "DC" || part == "NEXT" || part == "STAT" ||
                              part == "SCAL" || part.empty();
        if (!optional) out += (out.empty() ? "" : ":") + part;
        if (query) out += '?';
    }
    return out;
}

}  // namespace

std::string ScpiFront::execute(std::string_view message) {
    std::string answer;
    for (std::size_t begin = 0; begin <= message.size();) {
        const std::size_t end = std::min(message.find(';', begin), message.size());
        const std::string one =
            executeOne(std::string(trimmed(message.substr(begin, end - begin))));
        if (!one.empty()) answer += (answer.empty() ? "" : ";") + one;
        begin = end + 1;
    }
    return answer.empty() ? "" : answer + "\n";
}

void ScpiFront::complain(int number, const std::string& text) {
    if (errors_.size() < kMostErrors) {
        errors_.push_back(std::to_string(number) + ",\"" + text + "\"");
    }
}

void ScpiFront::setVolts(const std::string& argument) {
    std::string number = upper(argument);
    if (!number.empty() && number.back() == 'V') number.pop_back();
    const auto volts = parseReal(trimmed(number));
    if (!volts) return complain(-104, "Data type error");
    if (*volts < 0 || *volts > mostVolts_) return complain(-222, "Data out of range");
    beforeChange_();
    supply_.set(*volts, std::chrono::steady_clock::now());
}

std::string ScpiFront::executeOne(const std::string& command) {
    if (command.empty()) return "";
    const std::size_t space = std::min(command.find_first_of(" \t"), command.size());
    const std::string header = shortened(command.substr(0, space));
    const std::string argument(trimmed(command.substr(space)));
    const auto now = std::chrono::steady_clock::now();
    if (header == "*IDN?") return identity_;
    if (header == "*CLS") {
        errors_.clear();
    } else if (header == "*OPC?") {
        return "1";
    } else if (header == "*ESE?") {
        return std::to_string(eventEnable_);
    } else if (header == "*ESE") {
        const auto value = parseUnsigned(argument);
        if (value && *value <= 255) {
            eventEnable_ = static_cast<unsigned>(*value);
        } else {
            complain(-222, "Data out of range");
        }
    } else if (header == "SYST:ERR?") {
        if (errors_.empty()) return "0,\"No error\"";
        const std::string error = errors_.front();
        errors_.pop_front();
        return error;
    } else if (header == "VOLT") {
        setVolts(argument);
    } else if (header == "VOLT?") {
        return shortestNumber(supply_.asked());
    } else if (header == "MEAS:VOLT?" || header == "MEAS?") {
        return shortestNumber(supply_.at(now));
    } else if (header == "OUTP") {
        const std::string state = upper(argument);
        if (state == "ON" || state == "1" || state == "OFF" || state == "0") {
            beforeChange_();
            supply_.switchOutput(state == "ON" || state == "1", now);
        } else {
            complain(-104, "Data type error");
        }
    } else if (header == "OUTP?") {
        return supply_.isOn() ? "1" : "0";
    } else {
        complain(-113, "Undefined header");
    }
    return "";
}

std::string ScpiConnection::receive(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) {
        if (byte == '\n') {
            if (!line_.empty() && line_.back() == '\r') line_.pop_back();
            out += front_.execute(line_);
            line_.clear();
        } else if (line_.size() < kLongestLine) {
            line_ += byte;
        }
    }
    return out;
}

}  // namespace brownout
