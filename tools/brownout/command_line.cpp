#include "tools/brownout/command_line.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>
#include <sstream>
#include <thread>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/text.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// More threads than this help only where there are more cores; each takes memory of its own.
constexpr unsigned kMostThreads = 256;

constexpr std::uint64_t kMostConfigBytes = 1 << 20;

po::options_description commonOptions() {
    po::options_description common("Common options", 100);
    common.add_options()  //
        ("config", po::value<std::string>()->value_name("FILE"),
         "read options from FILE, one 'key = value' a line, same keys; the command line wins")  //
        ("threads", po::value<std::string>()->value_name("N")->default_value("0", "all cores"),
         "worker threads; results don't depend on it. At most 256, or one for each core")  //
        ("seed", po::value<std::string>()->value_name("N")->default_value("1"),
         "of everything that is drawn: the same seed gives the same result")                 //
        ("json", po::bool_switch(), "print the result as JSON on stdout, and nothing else")  //
        ("quiet,q", po::bool_switch(), "no progress on stderr")                              //
        ("help,h", po::bool_switch(), "this text");
    return common;
}

}  // namespace

CommandLine::CommandLine(std::string synopsis, std::string about, std::string examples)
    : synopsis_(std::move(synopsis)),
      about_(std::move(about)),
      examples_(std::move(examples)),
      own_("Options", 100) {}

bool CommandLine::parse(const std::vector<std::string>& arguments) {
    po::options_description all;
    all.add(own_).add(commonOptions());
    try {
        po::store(
            po::command_line_parser(arguments)
                .options(all)
                .positional(positional_)
                .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
                .run(),
            values_);
        if (values_["help"].as<bool>()) {
            printHelp();
            return false;
        }
        if (values_.count("config") > 0) {
            const auto& path = values_["config"].as<std::string>();
            const std::string text = readFile(path, kMostConfigBytes);
            std::istringstream file{std::string(withoutByteOrderMark(text))};
            try {
                po::store(po::parse_config_file(file, all), values_);
            } catch (const po::error& error) {
                throw UsageError(path, error.what());
            }
        }
        po::notify(values_);
        refuseEmptyValues();
    } catch (const po::error& error) {
        const auto command = synopsis_.substr(0, synopsis_.find(' '));
        throw UsageError("brownout " + command,
                         std::string(error.what()) + " (see brownout " + command + " --help)");
    }
    const std::uint64_t threads = parseWhole("--threads", get<std::string>("threads"), 0);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    common_.threads = threads == 0 ? cores
                                   : static_cast<unsigned>(std::min<std::uint64_t>(
                                         threads, std::max(kMostThreads, cores)));
    common_.seed = parseWhole("--seed", get<std::string>("seed"), 0);
    common_.json = values_["json"].as<bool>();
    common_.quiet = values_["quiet"].as<bool>();
    return true;
}

void CommandLine::refuseEmptyValues() const {
    const auto check = [](const std::string& option, const std::string& value) {
        if (value.empty()) throw UsageError("--" + option, "its value is empty");
    };
    for (const auto& [option, value] : values_) {
        if (const auto* text = boost::any_cast<std::string>(&value.value())) check(option, *text);
        if (const auto* texts = boost::any_cast<std::vector<std::string>>(&value.value())) {
            for (const std::string& text : *texts) check(option, text);
        }
    }
}

std::optional<std::uint32_t> CommandLine::count(const char* option, std::uint32_t most) const {
    if (!has(option)) return std::nullopt;
    const std::string name = std::string("--") + option;
    const std::uint64_t value = parseCount(name, get<std::string>(option));
    if (value > most) {
        throw UsageError(name,
                         get<std::string>(option) + "; expected at most " + std::to_string(most));
    }
    return static_cast<std::uint32_t>(value);
}

double CommandLine::between(const char* option, double least, double most) const {
    const std::string name = std::string("--") + option;
    const double value = parseNumber(name, get<std::string>(option));
    if (value < least || value > most) {
        throw UsageError(name, "'" + get<std::string>(option) + "'; expected a number from " +
                                   shortestNumber(least) + " to " + shortestNumber(most));
    }
    return value;
}

void CommandLine::require(const char* option, const std::string& meaning) const {
    if (!has(option)) {
        const auto command = synopsis_.substr(0, synopsis_.find(' '));
        throw UsageError("brownout " + command, "--" + std::string(option) +
                                                    " is missing: " + meaning + " (see brownout " +
                                                    command + " --help)");
    }
}

UsageError CommandLine::withOptionNamed(const UsageError& error) const {
    const std::string text = error.what();
    const auto colon = text.find(": ");
    const std::string place = text.substr(0, colon);
    if (colon == std::string::npos || own_.find_nothrow(place, false) == nullptr) return error;
    return UsageError("--" + place, text.substr(colon + 2));
}

void CommandLine::printHelp() const {
    std::cout << "Usage: brownout " << synopsis_ << "\n\n" << about_ << "\n\n";
    std::cout << own_ << "\n" << commonOptions();
    if (!examples_.empty()) std::cout << "\nExamples:\n" << examples_ << "\n";
}

std::vector<std::string> splitList(const std::string& option, const std::string& text) {
    std::vector<std::string> items;
    std::size_t start = 0;
    for (;;) {
        const std::size_t comma = text.find(',', start);
        std::string item = text.substr(start, comma == std::string::npos ? comma : comma - start);
        const auto first = item.find_first_not_of(" \t");
        if (first == std::string::npos) throw UsageError(option, "empty item in '" + text + "'");
        items.push_back(item.substr(first, item.find_last_not_of(" \t") - first + 1));
        if (comma == std::string::npos) return items;
        start = comma + 1;
    }
}

std::pair<std::string, std::string> namedValue(const std::string& option, const std::string& text,
                                               const char* expected) {
    const auto at = text.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
        throw UsageError(option, "'" + text + "'; expected " + expected);
    }
    return {text.substr(0, at), text.substr(at + 1)};
}

std::string joined(const std::vector<std::string>& items, const std::string& separator) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : separator) + item;
    return text;
}

std::uint64_t parseWhole(const std::string& option, const std::string& text, std::uint64_t least) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, value);
    if (problem == std::errc::result_out_of_range && rest == end) {
        throw UsageError(option, "'" + text + "' is beyond 2^64");
    }
    if (problem != std::errc() || rest != end || value < least) {
        throw UsageError(option, "'" + text + "'; expected a whole number" +
                                     (least > 0 ? " of at least " + std::to_string(least) : ""));
    }
    return value;
}

std::uint64_t parseCount(const std::string& option, const std::string& text) {
    return parseWhole(option, text, 1);
}

double parseNumber(const std::string& option, const std::string& text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, value);
    if (problem != std::errc() || rest != end || !std::isfinite(value)) {
        throw UsageError(option, "'" + text + "'; expected a number");
    }
    return value;
}

}  // namespace brownout
