#pragma once

namespace brownout {

// Functions on which the faults of a chip depend. A C library may round its own to either side, and
// another one differently; these take nothing but additions, multiplications, divisions and exact
// scalings, which IEEE 754 defines to the last bit, and are compiled without contraction to fused
// operations (BrownoutOptions.cmake). So a chip is the same on every machine. They are within 8
// units in the last place of the true value.

/// Returns the natural logarithm of x > 0.
double portableLog(double x);

/// Returns log(1 + x) for x > -1, also where x is small.
double portableLog1p(double x);

/// Returns e^x; 0 or infinity where that is out of range.
double portableExp(double x);

/// Returns the complementary error function.
double portableErfc(double x);

}  // namespace brownout
