#pragma once

#include "base/error.h"

namespace brownout {

/// Exit status of a program whose supply could not be brought back to nominal, beside those of
/// base/error.h: a person has to look.
constexpr auto kSupplyAway = static_cast<ExitStatus>(4);

/// A supply that could not be brought back to nominal.
class SupplyAwayError : public Error {
 public:
    SupplyAwayError(const std::string& supply, const std::string& problem)
        : Error(supply, problem, kSupplyAway) {}
};

}  // namespace brownout
