#include "hardware/supply/scpi_instrument.h"

#include <algorithm>

#include "base/fields.h"
#include "base/input.h"
#include "base/numbers.h"

namespace brownout {
namespace {

constexpr std::size_t kLongestAnswer = 4096;

bool isQuestion(const std::string& command) { return command.find('?') != std::string::npos; }

/// Returns whether an answer to SYST:ERR? says that there is none: "0,..." or "+0,...".
bool saysNoError(const std::string& answer) {
    const std::string code(trimmed(answer.substr(0, answer.find(','))));
    return parseReal(code) == 0.0;
}

}  // namespace

double voltsInAnswer(const std::string& name, const std::string& answer) {
    std::string_view number = trimmed(answer);
    if (!number.empty() && (number.back() == 'V' || number.back() == 'v')) number.remove_suffix(1);
    const auto volts = parseReal(trimmed(number));
    if (!volts) throw Error(name, "answers " + brownout::quoted(answer) + "; expected a voltage");
    return *volts;
}

ScpiInstrument::ScpiInstrument(TcpAddress address, ScpiDialect dialect, const LinkTimes& times)
    : dialect_(std::move(dialect)),
      name_("scpi://" + address.text()),
      link_(std::move(address), times) {
    identity_ = exchange({"*IDN?"}).front();
}

void ScpiInstrument::greet() {
    exchangeOnce({"*CLS"});
    if (!dialect_.start.empty()) exchangeOnce(dialect_.start);
    if (!identity_.empty() && exchangeOnce({"*IDN?"}).front() != identity_) {
        throw Error(name_, "is another instrument now; expected " + brownout::quoted(identity_));
    }
}

std::vector<std::string> ScpiInstrument::exchange(const std::vector<std::string>& commands) {
    return link_.repeat([&] { greet(); }, [&] { return exchangeOnce(commands); });
}

std::vector<std::string> ScpiInstrument::exchangeOnce(const std::vector<std::string>& commands) {
    const Deadline deadline = link_.answerDeadline();
    if (link_.reader().next(Deadline::in(std::chrono::milliseconds(0)))) {
        throw LinkTrouble(name_, "sent what it wasn't asked for");
    }
    std::string message;
    std::size_t questions = 0;
    const auto add = [&](const std::string& command) {
        message += command + "\n";
        questions += isQuestion(command) ? 1 : 0;
    };
    if (dialect_.numbered) {
        number_ = number_ % 255 + 1;
        add("*ESE " + std::to_string(number_));
    }
    for (const std::string& command : commands) add(command);
    if (!dialect_.errors.empty()) add(dialect_.errors);
    if (dialect_.numbered) add("*ESE?");
    link_.write(message, deadline);
    std::vector<std::string> answers;
    while (answers.size() < questions) {
        std::string line = link_.reader().until("\n", kLongestAnswer, deadline);
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
        answers.push_back(std::move(line));
    }
    if (dialect_.numbered) {
        if (parseReal(trimmed(answers.back())) != static_cast<double>(number_)) {
            throw LinkTrouble(name_, "answers and questions don't match any more");
        }
        answers.pop_back();
    }
    if (!dialect_.errors.empty()) {
        if (!saysNoError(answers.back())) {
            throw Error(name_, "reports " + brownout::quoted(answers.back()) + " after " +
                                   brownout::quoted(commands.back()));
        }
        answers.pop_back();
    }
    return answers;
}

void ScpiInstrument::set(double volts) {
    std::string command = dialect_.set;
    const std::string mark = "{volts}";
    command.replace(command.find(mark), mark.size(), shortestNumber(volts));
    exchange({command});
}

double ScpiInstrument::measure() {
    return voltsInAnswer(name_, exchange({dialect_.measure}).front());
}

}  // namespace brownout
