#pragma once

#include <cmath>

namespace brownout {

/// Standard normal distribution function. Its inverse is probit(), calibration_curve.h.
inline double normalDistribution(double z) { return 0.5 * std::erfc(-z * std::sqrt(0.5)); }

/// Standard normal density.
inline double normalDensity(double z) { return 0.3989422804014327 * std::exp(-0.5 * z * z); }

}  // namespace brownout
