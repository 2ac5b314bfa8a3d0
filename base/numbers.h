#pragma once

#include <optional>
#include <string>
#include <vector>

namespace brownout {

/// Returns the shortest decimal text that reads back as exactly `number`, independent of the
/// locale.
std::string shortestNumber(double number);

/// Returns the nearest number of 12 significant decimal digits, so that what arithmetic left of
/// 0.6, 0.6000000000000001, is 0.6 again. `number` must be finite.
double roundTo12Digits(double number);

/// Returns whether two numbers differ by less than a billionth of their size, which is noise of
/// arithmetic in numbers that were set or measured.
bool sameButForNoise(double a, double b);

/// Returns the ends of the groups of numbers in `ascending` that are the same but for noise: group
/// i begins where group i - 1 ended, and holds what is the same as its first number.
std::vector<std::size_t> endsOfNoiseGroups(const std::vector<double>& ascending);

/// Returns the numbers of `ascending` with one for each group of endsOfNoiseGroups: the one that
/// takes fewest digits to write.
std::vector<double> withoutNoise(const std::vector<double>& ascending);

/// Returns `number` as a field of a CSV file: its shortest text, empty if absent.
std::string csvNumber(const std::optional<double>& number);

/// Returns `text` as a CSV field that a terminal may show (see `printable`), quoted where RFC 4180
/// asks for it.
std::string csvText(const std::string& text);

/// Returns `number` with `digits` significant digits, for people: 0.0125, 1.3e-05.
std::string humanNumber(double number, int digits);

/// Returns a fraction as percent with `decimals` places, without the sign: 0.1234 gives "12.34".
std::string percent(double fraction, int decimals = 2);

/// A unit of energies, J with an SI prefix.
struct EnergyUnit {
    double joules = 1;
    std::string name = "J";
};
/// Returns the unit in which an energy has one to three digits before the point: from fJ to J.
EnergyUnit energyUnitOf(double joules);

/// Returns an energy with an SI prefix, three significant digits: "12.3 nJ".
std::string humanEnergy(double joules);

/// Returns the number with narrow spaces between groups of three digits: "1 234 567".
std::string groupedNumber(unsigned long long number);

}  // namespace brownout
