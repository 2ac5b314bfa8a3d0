#include "hardware/supply/command_instrument.h"

#include "base/child_process.h"
#include "base/error.h"
#include "base/numbers.h"
#include "hardware/supply/scpi_instrument.h"

namespace brownout {
namespace {

constexpr std::chrono::milliseconds kLimit(10'000);

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

CommandInstrument::CommandInstrument(const std::string& program)
    : program_(program), name_("command://" + program), identity_(run({"identify"})) {}

std::string CommandInstrument::run(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{program_};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const ProgramResult result = runProgram(words, "", kLimit);
    if (!result.status) throw Error(name_, "'" + arguments[0] + "' didn't end within 10 s");
    if (!result.succeeded()) {
        throw Error(name_, "'" + arguments[0] + "' failed: " + firstLine(result.err));
    }
    return firstLine(result.out);
}

void CommandInstrument::set(double volts) { run({"set", shortestNumber(volts)}); }

double CommandInstrument::measure() { return voltsInAnswer(name_, run({"measure"})); }

}  // namespace brownout
