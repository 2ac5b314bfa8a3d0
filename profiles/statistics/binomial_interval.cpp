#include "profiles/statistics/binomial_interval.h"

#include <boost/math/special_functions/beta.hpp>

namespace brownout {

RateInterval binomialInterval(double hits, double trials) {
    if (!(trials > 0)) return {};
    RateInterval interval;
    interval.low = hits > 0 ? boost::math::ibeta_inv(hits, trials - hits + 1, 0.025) : 0;
    interval.high = hits < trials ? boost::math::ibeta_inv(hits + 1, trials - hits, 0.975) : 1;
    return interval;
}

}  // namespace brownout
