#include "tools/brownout/command_line.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/error.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// More threads than this help only where there are more cores; each takes memory of its own.
constexpr unsigned kMostThreads = 256;

po::options_description commonOptions() {
    po::options_description common("Common options", 100);
    common.add_options()  //
        ("config", po::value<std::string>()->value_name("FILE"),
         "read options from FILE, one 'key = value' a line, same keys; the command line wins")  //
        ("threads", po::value<int>()->value_name("N")->default_value(0, "all cores"),
         "worker threads; results don't depend on it. At most 256, or one for each core")  //
        ("seed", po::value<std::uint64_t>()->value_name("N")->default_value(1),
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
            std::ifstream file(path);
            if (!file) throw Error(path, "cannot be read; --config expects a file of options");
            try {
                po::store(po::parse_config_file(file, all), values_);
            } catch (const po::error& error) {
                throw UsageError(path, error.what());
            }
        }
        po::notify(values_);
    } catch (const po::error& error) {
        const auto command = synopsis_.substr(0, synopsis_.find(' '));
        throw UsageError("brownout " + command,
                         std::string(error.what()) + " (see brownout " + command + " --help)");
    }
    const int threads = values_["threads"].as<int>();
    if (threads < 0) throw UsageError("--threads", "expected a number of at least 1");
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    common_.threads = threads > 0
                          ? std::min(static_cast<unsigned>(threads), std::max(kMostThreads, cores))
                          : cores;
    common_.seed = values_["seed"].as<std::uint64_t>();
    common_.json = values_["json"].as<bool>();
    common_.quiet = values_["quiet"].as<bool>();
    return true;
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

std::string joined(const std::vector<std::string>& items, const std::string& separator) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : separator) + item;
    return text;
}

std::uint64_t parseCount(const std::string& option, const std::string& text) {
    char* end = nullptr;
    errno = 0;
    const unsigned long long value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || text[0] == '-' || *end != '\0' || errno != 0 || value == 0) {
        throw UsageError(option, "'" + text + "'; expected a whole number of at least 1");
    }
    return value;
}

double parseNumber(const std::string& option, const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value)) {
        throw UsageError(option, "'" + text + "'; expected a number");
    }
    return value;
}

}  // namespace brownout
