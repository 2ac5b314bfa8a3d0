#include "profiles/generator/calibration_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/portable_math.h"
#include "profiles/generator/normal.h"

namespace brownout {
namespace {

// Closer than this, single precision can't tell them apart with a margin.
constexpr double kLeastGap = 1e-6;

[[noreturn]] void fail(std::size_t point, const std::string& quantity, double value,
                       const std::string& expected) {
    std::ostringstream text;
    text << quantity << " " << value << " of point " << point << "; expected " << expected;
    throw Error("calibration curve", text.str());
}

void check(const std::vector<CurvePoint>& points) {
    if (points.size() < 2) throw Error("calibration curve", "has fewer than two points");
    for (std::size_t i = 0; i < points.size(); ++i) {
        const CurvePoint& point = points[i];
        if (!(point.voltage > 0) || !std::isfinite(point.voltage)) {
            fail(i, "voltage", point.voltage, "a positive number");
        }
        if (i > 0 && !(point.voltage >= points[i - 1].voltage * (1 + kLeastGap))) {
            fail(i, "voltage", point.voltage, "ascending voltages at least 1e-6 apart");
        }
        if (!(point.rate >= 0 && point.rate < 1)) {
            fail(i, "rate", point.rate, "a number in [0, 1)");
        }
        if (i > 0 && point.rate > points[i - 1].rate) {
            fail(i, "rate", point.rate, "rates that don't rise with the voltage");
        }
    }
    if (points.back().rate != 0) {
        fail(points.size() - 1, "rate", points.back().rate, "the last rate to be zero");
    }
}

/// The float nearest to `value` that is above `low` and not above `high`.
float floatIn(double value, double low, double high) {
    constexpr float kUp = std::numeric_limits<float>::infinity();
    auto nearest = static_cast<float>(value);
    while (!(static_cast<double>(nearest) > low)) nearest = std::nextafter(nearest, kUp);
    while (static_cast<double>(nearest) > high) nearest = std::nextafter(nearest, -kUp);
    return nearest;
}

template <std::size_t N>
double polynomial(const double (&coefficients)[N], double x) {
    double sum = 0;
    for (std::size_t i = N; i-- > 0;) sum = sum * x + coefficients[i];
    return sum;
}

}  // namespace

double probit(double p) {
    // Coefficients of AS 241 (PPND16), lowest power first.
    static const double kCentralA[] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                       1.9715909503065514427e3, 1.3731693765509461125e4,
                                       4.5921953931549871457e4, 6.7265770927008700853e4,
                                       3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double kCentralB[] = {1,
                                       4.2313330701600911252e1,
                                       6.8718700749205790830e2,
                                       5.3941960214247511077e3,
                                       2.1213794301586595867e4,
                                       3.9307895800092710610e4,
                                       2.8729085735721942674e4,
                                       5.2264952788528545610e3};
    static const double kTailC[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                    5.76949722146069140550e0,  3.64784832476320460504e0,
                                    1.27045825245236838258e0,  2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double kTailD[] = {1,
                                    2.05319162663775882187e0,
                                    1.67638483018380384940e0,
                                    6.89767334985100004550e-1,
                                    1.48103976427480074590e-1,
                                    1.51986665636164571966e-2,
                                    5.47593808499534494600e-4,
                                    1.05075007164441684324e-9};
    static const double kFarTailE[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                       1.78482653991729133580e0,  2.96560571828504891230e-1,
                                       2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                       2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double kFarTailF[] = {1,
                                       5.99832206555887937690e-1,
                                       1.36929880922735805310e-1,
                                       1.48753612908506148525e-2,
                                       7.86869131145613259100e-4,
                                       1.84631831751005468180e-5,
                                       1.42151175831644588870e-7,
                                       2.04426310338993978564e-15};
    const double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(kCentralA, r) / polynomial(kCentralB, r);
    }
    const double r = std::sqrt(-portableLog(q < 0 ? p : 1 - p));
    const double z = r <= 5 ? polynomial(kTailC, r - 1.6) / polynomial(kTailD, r - 1.6)
                            : polynomial(kFarTailE, r - 5) / polynomial(kFarTailF, r - 5);
    return q < 0 ? -z : z;
}

CalibrationCurve::CalibrationCurve(std::vector<CurvePoint> points) : points_(std::move(points)) {
    check(points_);
    probits_.reserve(points_.size());
    for (const CurvePoint& point : points_) {
        probits_.push_back(point.rate > 0 ? probit(point.rate) : 0);
    }
}

double CalibrationCurve::rate(double supply) const {
    if (!(supply >= lowestVoltage())) {
        std::ostringstream text;
        text << supply << " is below the calibration curve, which begins at " << lowestVoltage();
        throw Error("voltage", text.str());
    }
    if (supply >= highestVoltage()) return 0;
    const auto above = std::upper_bound(
        points_.begin(), points_.end(), supply,
        [](double value, const CurvePoint& point) { return value < point.voltage; });
    const auto i = static_cast<std::size_t>(above - points_.begin());
    const CurvePoint& low = points_[i - 1];
    const CurvePoint& high = points_[i];
    if (supply == low.voltage || low.rate == high.rate) return low.rate;
    const double share = (supply - low.voltage) / (high.voltage - low.voltage);
    if (high.rate == 0) return low.rate * (1 - share);
    const double z = probits_[i - 1] + (probits_[i] - probits_[i - 1]) * share;
    return std::clamp(normalDistribution(z), high.rate, low.rate);
}

float CalibrationCurve::criticalVoltage(double rank) const {
    if (!(rank >= 0 && rank < points_.front().rate)) {
        throw std::out_of_range("rank outside the calibration curve");
    }
    const auto first = std::partition_point(
        points_.begin(), points_.end(), [=](const CurvePoint& point) { return point.rate > rank; });
    const auto i = static_cast<std::size_t>(first - points_.begin());
    const CurvePoint& low = points_[i - 1];
    const CurvePoint& high = points_[i];
    const double share = high.rate == 0
                             ? (low.rate - rank) / low.rate
                             : (probit(rank) - probits_[i - 1]) / (probits_[i] - probits_[i - 1]);
    return floatIn(low.voltage + (high.voltage - low.voltage) * share, low.voltage, high.voltage);
}

}  // namespace brownout
