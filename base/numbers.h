#pragma once

#include <optional>
#include <string>

namespace brownout {

/// Returns the shortest decimal text that reads back as exactly `number`, independent of the
/// locale.
std::string shortestNumber(double number);

/// Returns `number` as a field of a CSV file: its shortest text, empty if absent.
std::string csvNumber(const std::optional<double>& number);

/// Returns `text` as a CSV field that a terminal may show (see `printable`), quoted where RFC 4180
/// asks for it.
std::string csvText(const std::string& text);

/// Returns `number` with `digits` significant digits, for people: 0.0125, 1.3e-05.
std::string humanNumber(double number, int digits);

/// Returns a fraction as percent with `decimals` places, without the sign: 0.1234 gives "12.34".
std::string percent(double fraction, int decimals = 2);

/// Returns an energy with an SI prefix, three significant digits: "12.3 nJ".
std::string humanEnergy(double joules);

/// Returns the number with narrow spaces between groups of three digits: "1 234 567".
std::string groupedNumber(unsigned long long number);

}  // namespace brownout
