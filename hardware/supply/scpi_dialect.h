#pragma once

#include <string>
#include <vector>

#include "base/input.h"

namespace brownout {

/// The commands by which an instrument is set and read. The defaults are those of SCPI-1999, which
/// most supplies with one channel understand.
struct ScpiDialect {
    std::vector<std::string> start;      ///< sent after each connection: "INST:NSEL 1"
    std::string set = "VOLT {volts}";    ///< command that sets the output
    std::string measure = "MEAS:VOLT?";  ///< question for the voltage at the output
    std::string errors = "SYST:ERR?";    ///< question for the oldest error; empty: there is none
    /// Numbers exchanges by the IEEE 488.2 register *ESE, so that an answer of one can't pass for
    /// that of another. It takes an instrument that keeps that register.
    bool numbered = true;
};

/// Reads a dialect from a file with the keys start (a list), set, measure, errors and numbered, all
/// of which may be left out. Throws Error naming the file and the line.
ScpiDialect readScpiDialect(Input& input);

}  // namespace brownout
