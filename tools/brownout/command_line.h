#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace brownout {

/// Options that every command has.
struct CommonOptions {
    unsigned threads = 1;    ///< number of threads, at least 1
    std::uint64_t seed = 1;  ///< seed of everything that is drawn
    bool json = false;       ///< a machine-readable result on stdout, and nothing else there
    bool quiet = false;      ///< no progress
};

/// The command line of one command: its own options, the common ones, `--config FILE` with the same
/// keys, and a help text that teaches.
class CommandLine {
 public:
    /// Begins a command line without options. `synopsis` is what follows "brownout" ("sweep --model
    /// FILE [options]"); `about` says in a paragraph or two what the command does; `examples` are
    /// lines to try.
    CommandLine(std::string synopsis, std::string about, std::string examples);

    /// Returns the place where the command adds its own options.
    boost::program_options::options_description& options() { return own_; }
    /// Returns the command's own options.
    const boost::program_options::options_description& options() const { return own_; }
    /// Makes arguments without a name those of `option`, at most `most` of them (-1: any number).
    void positional(const char* option, int most) { positional_.add(option, most); }

    /// Parses the arguments and the file of --config. Returns true if the command is to run, false
    /// if the help was asked for and has been printed. Throws UsageError, also where the value of
    /// an option is empty, and Error where the file can't be read.
    bool parse(const std::vector<std::string>& arguments);

    const boost::program_options::variables_map& values() const { return values_; }
    const CommonOptions& common() const { return common_; }
    bool has(const char* option) const { return values_.count(option) > 0; }
    /// Returns the value of an option that has a default or was given.
    template <typename T>
    const T& get(const char* option) const {
        return values_[option].as<T>();
    }
    /// Returns the whole number, 1 to `most`, that was given or is the option's default; nothing
    /// without one. Throws UsageError.
    std::optional<std::uint32_t> count(const char* option, std::uint32_t most = 0xFFFFFFFE) const;
    /// Returns the number that was given or is the option's default. Throws UsageError unless it is
    /// from `least` to `most`.
    double between(const char* option, double least, double most) const;
    /// Checks that the option is there. Throws UsageError if it is absent; `meaning` says what the
    /// option is for.
    void require(const char* option, const std::string& meaning) const;

    /// Calls `resolve`; where it throws a UsageError about a member of a request that is an option
    /// of this command ("chips"), the line names the option ("--chips").
    template <typename Resolve>
    auto named(Resolve&& resolve) const {
        try {
            return resolve();
        } catch (const UsageError& error) {
            throw withOptionNamed(error);
        }
    }

 private:
    UsageError withOptionNamed(const UsageError& error) const;
    void printHelp() const;
    void refuseEmptyValues() const;

    std::string synopsis_;
    std::string about_;
    std::string examples_;
    boost::program_options::options_description own_;
    boost::program_options::positional_options_description positional_;
    boost::program_options::variables_map values_;
    CommonOptions common_;
};

/// Returns the items of a comma-separated list, without the spaces around them. Throws UsageError
/// naming `option` on an empty one.
std::vector<std::string> splitList(const std::string& option, const std::string& text);

/// Splits "NAME=VALUE". Throws UsageError naming `option`, where neither may be empty; `expected`
/// says what the option wants ("MEMORY=FILE").
std::pair<std::string, std::string> namedValue(const std::string& option, const std::string& text,
                                               const char* expected);

/// Returns the items as one text: "a, b, c".
std::string joined(const std::vector<std::string>& items, const std::string& separator = ", ");

/// Returns the whole number that `text` is: decimal digits and nothing else, `least` to 2^64 - 1.
/// Throws UsageError naming `option`.
std::uint64_t parseWhole(const std::string& option, const std::string& text, std::uint64_t least);

/// Returns the whole number of at least 1 that `text` is. Throws UsageError naming `option`.
std::uint64_t parseCount(const std::string& option, const std::string& text);

/// Returns the finite decimal number that all of `text` is, whatever the locale. Throws UsageError
/// naming `option`.
double parseNumber(const std::string& option, const std::string& text);

}  // namespace brownout
