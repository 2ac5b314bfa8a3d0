#include "profiles/statistics/gaussian_pairs.h"

#include <boost/math/special_functions/owens_t.hpp>
#include <cmath>

#include "profiles/generator/calibration_curve.h"

namespace brownout {

double bothAbove(double rate, double rho) {
    if (rho <= -1) return rate > 0.5 ? 2 * rate - 1 : 0;
    const double t = -probit(rate);
    return rate - 2 * boost::math::owens_t(t, std::sqrt((1 - rho) / (1 + rho)));
}

double correlationOf(double rate, double pairRate) {
    if (!(rate > 0 && rate < 1)) return 0;
    double low = -1;
    double high = 1;
    if (!(pairRate > bothAbove(rate, low))) return low;
    if (!(pairRate < rate)) return high;
    while (high - low > 1e-9) {
        const double middle = (low + high) / 2;
        (bothAbove(rate, middle) < pairRate ? low : high) = middle;
    }
    return (low + high) / 2;
}

}  // namespace brownout
