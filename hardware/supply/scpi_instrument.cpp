#include "hardware/supply/scpi_instrument.h"

#include <algorithm>

#include "base/fields.h"
#include "base/input.h"
#include "base/numbers.h"

namespace brownout {
namespace {

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

ScpiInstrument::ScpiInstrument(std::string name, OpenScpiLink open, ScpiDialect dialect,
                               const LinkTimes& times)
    : dialect_(std::move(dialect)), name_(std::move(name)), link_(std::move(open), times) {
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
    std::vector<std::string> all;
    if (dialect_.numbered) {
        number_ = number_ % 255 + 1;
        all.push_back("*ESE " + std::to_string(number_));
    }
    all.insert(all.end(), commands.begin(), commands.end());
    if (!dialect_.errors.empty()) all.push_back(dialect_.errors);
    if (dialect_.numbered) all.emplace_back("*ESE?");
    std::vector<std::string> answers = link_->exchange(all, link_.answerDeadline());
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
