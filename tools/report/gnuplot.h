#pragma once

#include <chrono>
#include <string>

namespace brownout {

/// Tells whether there is a gnuplot to draw with.
bool gnuplotExists();

/// Runs `script` in a gnuplot of its own and returns what it writes to its standard output. No
/// shell is involved, the user's start-up files aren't read, and no file is left behind. Throws
/// Error with what gnuplot said if it isn't there, complains or writes nothing, or isn't done after
/// `limit`.
std::string runGnuplot(const std::string& script, const std::string& program = "gnuplot",
                       std::chrono::milliseconds limit = std::chrono::seconds(60));

/// Returns the commands that every plot begins with: SVG, its size and type, and the labels of the
/// axes. `grid` is "y" for lines at the values of y only, empty for both axes.
std::string plotHead(const std::string& xLabel, const std::string& yLabel, const std::string& grid);

/// Returns `text` as a gnuplot string in single quotes, in which gnuplot replaces nothing: not even
/// the text between backquotes, which elsewhere it would run as a command. Control characters
/// and bytes that are no UTF-8 become visible escapes.
std::string gnuplotText(const std::string& text);

/// Returns `text` as a field of a gnuplot data block, cleaned in the same way. Characters that
/// could end the field become an apostrophe.
std::string gnuplotDatum(const std::string& text);

/// Returns a command that labels a linear x axis from `low` to `high` at most eight times, at
/// multiples of 1, 2 or 5 times a power of ten. gnuplot alone lets the labels of a short range run
/// into each other.
std::string linearXTics(double low, double high);

}  // namespace brownout
