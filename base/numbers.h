#pragma once

#include <optional>
#include <string>

namespace brownout {

/// The shortest decimal text that reads back as exactly `number`, independent of the locale.
std::string shortestNumber(double number);

/// The same, empty if absent: a field of a CSV file.
std::string csvNumber(const std::optional<double>& number);

/// Returns `bytes` as a CSV field, quoted where RFC 4180 asks for it, with U+FFFD for bytes that
/// are no UTF-8.
std::string csvText(const std::string& bytes);

/// `number` with `digits` significant digits, for people: 0.0125, 1.3e-05.
std::string humanNumber(double number, int digits);

/// Fraction as percent with `decimals` places, without the sign: 0.1234 gives "12.34".
std::string percent(double fraction, int decimals = 2);

/// An energy with an SI prefix, three significant digits: "12.3 nJ".
std::string humanEnergy(double joules);

/// "1 234 567", with narrow spaces between groups of three digits.
std::string groupedNumber(unsigned long long number);

}  // namespace brownout
