#include "profiles/import/file_names.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <regex>
#include <sstream>

#include "base/error.h"
#include "base/fields.h"
#include "base/input.h"
#include "profiles/device.h"

namespace brownout {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// The name without folders and without an extension, which begins with a letter: ".58" is none.
std::string stem(const std::string& path) {
    std::string name = std::filesystem::path(path).filename().string();
    for (int i = 0; i < 2; ++i) {  // .txt.gz
        const auto dot = name.rfind('.');
        if (dot == std::string::npos || dot + 1 >= name.size() || !isLetter(name[dot + 1])) break;
        name.resize(dot);
    }
    return name;
}

std::size_t digitsFrom(const std::string& name, std::size_t at) {
    std::size_t end = at;
    while (end < name.size() && isDigit(name[end])) ++end;
    return end - at;
}

struct Candidate {
    double volts;
    bool hasUnit;
};

/// The number that begins at `at`, and its end in `end`.
std::optional<Candidate> candidateAt(const std::string& name, std::size_t at, std::size_t& end) {
    const std::size_t whole = digitsFrom(name, at);
    end = at + whole;
    const char point = end < name.size() ? lower(name[end]) : ' ';
    std::string number = name.substr(at, whole);
    std::size_t fraction = 0;
    if (point == '.' || point == ',' || point == '_' || point == 'v' || point == 'p') {
        fraction = digitsFrom(name, end + 1);
        // "707_0.60": an underscore, a comma or a letter is a point only in "0_58".
        const bool isPoint =
            point == '.' ? fraction > 0 : whole == 1 && number <= "1" && fraction >= 2;
        if (isPoint) {
            number += "." + name.substr(end + 1, fraction);
            end += 1 + fraction;
        } else {
            fraction = 0;
        }
    }
    if (number.empty() || number.size() > 12) return std::nullopt;
    const auto unit = [&](const std::string& text) {
        if (end + text.size() > name.size()) return false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (lower(name[end + i]) != text[i]) return false;
        }
        return end + text.size() == name.size() || !isLetter(name[end + text.size()]);
    };
    const double value = parseReal("0" + number).value_or(0);
    if (!(value > 0)) return std::nullopt;
    if (unit("mv")) return Candidate{value / 1000, true};
    if (unit("v")) return Candidate{value, true};
    if (point == 'v' && fraction > 0) return Candidate{value, true};
    const bool plain = fraction > 0 && fraction <= 6 && (whole == 0 || (whole == 1 && value < 2));
    const bool ended = end == name.size() || name[end] != '.' || digitsFrom(name, end + 1) == 0;
    if (plain && ended) return Candidate{value, false};
    return std::nullopt;
}

/// Returns a number between other signs than letters and points that looks like millivolts, as the
/// 580 of "board-580"; nothing if there is none.
std::optional<std::string> bareMillivoltsIn(const std::string& name) {
    const auto apart = [](char c) { return !isLetter(c) && c != '.'; };
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t digits = digitsFrom(name, at);
        const std::size_t end = at + digits;
        const bool alone =
            (at == 0 || apart(name[at - 1])) && (end == name.size() || apart(name[end]));
        if ((digits == 3 || digits == 4) && alone) {
            const std::string number = name.substr(at, digits);
            const double value = parseReal(number).value_or(0);
            if (value >= 200 && value <= 1500) return number;
        }
        at = std::max(end, at + 1);
    }
    return std::nullopt;
}

}  // namespace

std::optional<double> parseVolts(const std::string& text, char decimal) {
    std::string number = text;
    double scale = 1;
    if (!number.empty() && (number.back() == 'V' || number.back() == 'v')) number.pop_back();
    if (number.size() < text.size() && !number.empty() && number.back() == 'm') {
        number.pop_back();
        scale = 1000;
    }
    const auto value = parseReal(trimmed(number), decimal);
    if (!value || !(*value > 0) || !std::isfinite(*value)) return std::nullopt;
    if (number == text && *value > kHighestBareVoltage) return std::nullopt;
    return *value / scale;
}

std::string voltsProblem(const std::string& text, const std::string& what) {
    if (const auto question = millivoltsQuestion(text)) return *question;
    return what + quoted(text) + "; expected a voltage such as 0.58, 0.58V or 580mV";
}

std::vector<double> voltagesInName(const std::string& path) {
    const std::string name = stem(path);
    std::vector<Candidate> found;
    for (std::size_t at = 0; at < name.size();) {
        const bool number = isDigit(name[at]) || (name[at] == '.' && digitsFrom(name, at + 1) > 0 &&
                                                  (at == 0 || !isDigit(name[at - 1])));
        std::size_t end = at + 1;
        if (number) {
            if (const auto candidate = candidateAt(name, at, end)) found.push_back(*candidate);
            // After a number that isn't one, go on behind its digits and points.
            while (end < name.size() && (isDigit(name[end]) || (name[end] == '.' && end > at))) {
                ++end;
            }
        }
        at = end;
    }
    const bool units = std::any_of(found.begin(), found.end(),
                                   [](const Candidate& candidate) { return candidate.hasUnit; });
    std::vector<double> voltages;
    for (const Candidate& candidate : found) {
        if (units && !candidate.hasUnit) continue;
        if (std::find(voltages.begin(), voltages.end(), candidate.volts) == voltages.end()) {
            voltages.push_back(candidate.volts);
        }
    }
    return voltages;
}

double voltageOfName(const std::string& path, const std::string& pattern) {
    const std::string expected =
        "; expected one such as 0.58V, 580mV or 0_58 in the name, or give --voltage FILE=0.58V";
    if (!pattern.empty()) {
        std::smatch match;
        const std::string name = std::filesystem::path(path).filename().string();
        bool found = false;
        try {
            found = std::regex_search(name, match, std::regex(pattern));
        } catch (const std::regex_error& error) {
            throw UsageError("--voltage-pattern", "'" + pattern + "' is no regular expression");
        }
        if (found && match.size() < 2) {
            throw UsageError("--voltage-pattern", "'" + pattern + "' has no group (...)");
        }
        const auto volts = found ? parseVolts(match[1].str()) : std::nullopt;
        const auto question = found ? millivoltsQuestion(match[1].str()) : std::nullopt;
        if (question) throw Error(path, *question + ", as in --voltage FILE=0.58V");
        if (!volts) throw Error(path, "--voltage-pattern finds no voltage in the file's name");
        return *volts;
    }
    const std::vector<double> voltages = voltagesInName(path);
    if (voltages.empty()) {
        const auto bare = bareMillivoltsIn(stem(path));
        throw Error(path, bare ? *millivoltsQuestion(*bare) +
                                     ", in the name or as --voltage FILE=" + *bare + "mV"
                               : "no voltage in the file's name" + expected);
    }
    if (voltages.size() > 1) {
        std::ostringstream text;
        text << "the file's name can be read as " << voltages[0] << " V and as " << voltages[1]
             << " V" << expected;
        throw Error(path, text.str());
    }
    return voltages.front();
}

std::optional<FailDirection> directionInName(const std::string& path) {
    std::string name = std::filesystem::path(path).filename().string();
    std::transform(name.begin(), name.end(), name.begin(), lower);
    const auto has = [&](std::initializer_list<const char*> words) {
        return std::any_of(words.begin(), words.end(),
                           [&](const char* word) { return name.find(word) != std::string::npos; });
    };
    const bool is01 = has({"p01", "sa1", "stuck1", "stuck-at-1", "stuck_at_1"});
    const bool is10 = has({"p10", "sa0", "stuck0", "stuck-at-0", "stuck_at_0"});
    if (is01 == is10) return std::nullopt;
    return is01 ? FailDirection::k01 : FailDirection::k10;
}

}  // namespace brownout
