#pragma once

namespace brownout {

/// A 95 % interval of a rate.
struct RateInterval {
    double low = 0, high = 1;
};

/// Returns Clopper and Pearson's 95 % interval of a rate after `hits` of `trials`; neither need be
/// whole. Without trials it is all rates.
RateInterval binomialInterval(double hits, double trials);

}  // namespace brownout
