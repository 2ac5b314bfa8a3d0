#pragma once

namespace brownout {

/// Returns the probability that two standard normal numbers of correlation `rho` in [-1, 1] are
/// both above the height that one alone is above with probability `rate` in (0, 1): Phi(-t) - 2
/// T(t, sqrt((1 - rho) / (1 + rho))), T Owen's function.
double bothAbove(double rate, double rho);

/// Returns the correlation in [-1, 1] at which bothAbove(rate, rho) is `pairRate`, to 1e-9; the
/// nearest end where none is.
double correlationOf(double rate, double pairRate);

}  // namespace brownout
