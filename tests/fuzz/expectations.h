#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"

namespace brownout::fuzz {

/// Ends the program, which the fuzzer or the test takes for a crash, unless `good`.
inline void require(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "fuzz target: %s\n", what);
    std::abort();
}

/// Calls `read`, whose errors must be one line that begins with the place "input".
template <typename Read>
void expectErrorsOfOneLine(const Read& read) {
    try {
        read();
    } catch (const Error& error) {
        const std::string line = error.what();
        require(line.compare(0, 5, "input") == 0, "an error that names no place");
        require(line.size() < 4000 && line.find('\n') == std::string::npos, "a line break");
    }
}

}  // namespace brownout::fuzz
