#pragma once

#include <string>

namespace brownout {

/// One figure of a component; printers decide how it looks.
struct Statistic {
    std::string name;  ///< "reads"
    std::string description;
    std::string unit;  ///< "words", "J", "ps"; empty for pure numbers
    double value = 0;
};

}  // namespace brownout
