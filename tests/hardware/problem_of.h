#pragma once

#include <string>

#include "base/error.h"

namespace brownout::test {

/// Returns the text of the Error that an action throws, or "no error".
template <typename Action>
std::string problemOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace brownout::test
