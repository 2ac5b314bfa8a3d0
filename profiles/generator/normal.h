#pragma once

#include <cmath>

#include "base/portable_math.h"

namespace brownout {

/// Returns the standard normal distribution function at z, the same on every machine. Its inverse
/// is probit(), calibration_curve.h.
inline double normalDistribution(double z) { return 0.5 * portableErfc(-z * std::sqrt(0.5)); }

/// Returns the standard normal density at z.
inline double normalDensity(double z) { return 0.3989422804014327 * std::exp(-0.5 * z * z); }

}  // namespace brownout
