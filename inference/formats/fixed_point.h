#pragma once

#include <memory>
#include <string>

#include "inference/formats/number_format.h"

namespace brownout {

/// Returns the fixed-point format "q<m>.<n>": two's complement of m + n bits with step 2^-n, where
/// the m integer bits include the sign, so that values go from -2^(m-1) to 2^(m-1) - 2^-n. Rounds
/// to nearest even and saturates; not-a-number becomes 0. Returns null for other names, and for
/// sizes other than m from 1 and m + n up to 32.
std::shared_ptr<const NumberFormat> fixedPointFormat(const std::string& name);

}  // namespace brownout
