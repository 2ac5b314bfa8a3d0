#include "base/portable_math.h"

#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>

namespace brownout {
namespace {

// The logarithm of 2, in a part of 32 bits, whose small multiples are exact, and the rest.
constexpr double kLog2High = 0x1.62e42fee00000p-1;
constexpr double kLog2Low = 0x1.a39ef35793c76p-33;
constexpr double kRoot2 = 1.4142135623730951;

/// Returns log(1 + f) for f between sqrt(1/2) - 1 and sqrt(2) - 1. With s = f / (2 + f) it is 2
/// artanh(s) = f - s (f - r), r = 2 s^2 / 3 + 2 s^4 / 5 + ...
double logNearOne(double f) {
    const double s = f / (2 + f);
    const double square = s * s;
    static constexpr double kTerms[] = {2 / 3.0,  2 / 5.0,  2 / 7.0,  2 / 9.0,  2 / 11.0, 2 / 13.0,
                                        2 / 15.0, 2 / 17.0, 2 / 19.0, 2 / 21.0, 2 / 23.0};
    double r = 0;
    for (std::size_t n = std::size(kTerms); n-- > 0;) r = square * (r + kTerms[n]);
    return f - s * (f - r);
}

/// Returns (e^x - 1 - x) / x^2 for |x| <= log(2) / 2, by its Taylor series.
double expRest(double x) {
    static constexpr double kInverseFactorials[] = {
        1 / 2.0,         1 / 6.0,          1 / 24.0,         1 / 120.0,     1 / 720.0,
        1 / 5040.0,      1 / 40320.0,      1 / 362880.0,     1 / 3628800.0, 1 / 39916800.0,
        1 / 479001600.0, 1 / 6227020800.0, 1 / 87178291200.0};
    double sum = 0;
    for (std::size_t n = std::size(kInverseFactorials); n-- > 0;) {
        sum = sum * x + kInverseFactorials[n];
    }
    return sum;
}

/// Returns (1 + 2 x) e^(x^2) erfc(x), which is smooth from 1 at 0 to 2 / sqrt(pi) at infinity, as a
/// Chebyshev series in t = (x - 3.75) / (x + 3.75) (the mapping of Shepherd and Laframboise,
/// Mathematics of Computation 36, 1981); its coefficients were integrated with 50 digits.
double scaledErfc(double x) {
    static const double kSeries[] = {
        2.3551578691348035082 / 2,  -0.0045900545806464773309,  -0.084249133366517915584,
        0.059209939998191890498,    -0.026658668435305752277,   0.0090749976707052650939,
        -0.0024131635404176081909,  0.00049077583652580863229,  -0.000069169733025012063671,
        4.1390279860730101675e-6,   7.7403830661984906686e-7,   -2.1886401049234395661e-7,
        1.0764999465670910377e-8,   4.5219598112182868979e-9,   -7.7544002088313511065e-10,
        -6.3180883408866844944e-11, 2.8687950109306698981e-11,  1.945586854577734723e-13,
        -9.6546967484334389059e-13, 3.2525481481487398415e-14,  3.3478119482868053878e-14,
        -1.8645628804193131015e-15, -1.2507950530688647085e-15, 7.418235256624043463e-17,
        5.0681489047961113168e-17,  -2.2370566594359995974e-18, -2.187342944303017665e-18};
    const double t = (x - 3.75) / (x + 3.75);
    double next = 0;
    double afterNext = 0;
    for (std::size_t i = std::size(kSeries); i-- > 1;) {
        const double here = 2 * t * next - afterNext + kSeries[i];
        afterNext = next;
        next = here;
    }
    return t * next - afterNext + kSeries[0];
}

}  // namespace

double portableLog(double x) {
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent);
    if (mantissa < kRoot2 / 2) {
        mantissa *= 2;
        --exponent;
    }
    return exponent * kLog2High + (logNearOne(mantissa - 1) + exponent * kLog2Low);
}

double portableLog1p(double x) {
    return x > kRoot2 / 2 - 1 && x < kRoot2 - 1 ? logNearOne(x) : portableLog(1 + x);
}

double portableExp(double x) {
    if (x > 709.8) return std::numeric_limits<double>::infinity();
    if (x < -745.2) return 0;
    const double count = std::floor(x / (kLog2High + kLog2Low) + 0.5);
    const double rest = (x - count * kLog2High) - count * kLog2Low;
    return std::ldexp(1 + (rest + rest * rest * expRest(rest)), static_cast<int>(count));
}

double portableErfc(double x) {
    if (x < 0) return 2 - portableErfc(-x);
    if (!(x < 28)) return x >= 28 ? 0 : x;  // NaN stays
    // The square is split, or its rounding would be magnified.
    const double high = static_cast<double>(static_cast<float>(x));
    const double rest = (high - x) * (high + x);  // at most 1e-4
    const double gauss = portableExp(-high * high);
    return (gauss + gauss * (rest + rest * rest * (1 / 2.0 + rest * (1 / 6.0 + rest / 24)))) *
           (scaledErfc(x) / (1 + 2 * x));
}

}  // namespace brownout
