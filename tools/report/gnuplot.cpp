#include "tools/report/gnuplot.h"

#include <cmath>

#include "base/child_process.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/text.h"

namespace brownout {
bool gnuplotExists() { return programExists("gnuplot"); }

std::string runGnuplot(const std::string& script, const std::string& program,
                       std::chrono::milliseconds limit) {
    auto result = runProgram({program, "--default-settings", "-"}, script, limit);
    if (!result.status) {
        throw Error(program, "was still drawing after " +
                                 humanNumber(static_cast<double>(limit.count()) / 1000, 3) +
                                 " s and was stopped");
    }
    if (!result.succeeded() || result.out.empty()) {
        const auto said = validUtf8(result.err.substr(0, 300));
        throw Error(program, "failed" + (said.empty() ? std::string(" without a word")
                                                      : " and said: " + said));
    }
    return std::move(result.out);
}

std::string plotHead(const std::string& xLabel, const std::string& yLabel,
                     const std::string& grid) {
    return "set encoding utf8\n"
           "set terminal svg size 520,390 dynamic noenhanced font 'sans-serif,16' linewidth 1.4\n"
           "set border 3\nset tics nomirror out scale 0.6\n"
           "set grid " +
           grid +
           " lc rgb '#888888' lw 0.35 dt 3\n"
           "unset key\nset bars 0.7\nset rmargin 3\n"
           "set xlabel " +
           gnuplotText(xLabel) + "\nset ylabel " + gnuplotText(yLabel) + "\n";
}

std::string gnuplotText(const std::string& text) {
    std::string quoted = "'";
    for (const char c : printable(text)) {
        if (c == '\'') quoted += '\'';
        quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    return quoted + "'";
}

std::string gnuplotDatum(const std::string& text) {
    std::string field = "\"";
    for (const char c : printable(text)) {
        const bool special =
            c == '"' || c == '`' || c == '\\' || static_cast<unsigned char>(c) < ' ';
        field += special ? '\'' : c;
    }
    return field + "\"";
}

std::string linearXTics(double low, double high) {
    const double least = (high - low) / 7;
    if (!(least > 0)) return "";
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    double step = 10 * power;
    for (const double digit : {5, 2, 1}) {
        if (digit * power >= least) step = digit * power;
    }
    return "set xtics " + shortestNumber(step) + "\n";
}

}  // namespace brownout
