#include "model/energy_model.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

std::string quantity(const char* name, double value) {
    std::ostringstream text;
    text << name << " " << value;
    return text.str();
}

bool isEnergy(double value) { return std::isfinite(value) && value >= 0; }

/// The two neighbours of a supply in the table and how far it is from the first to the second, in
/// V^2 or V.
struct Bracket {
    const EnergyPoint& low;
    const EnergyPoint& high;

    double inSquares(double supply) const {
        const double span = high.supply * high.supply - low.supply * low.supply;
        return span > 0 ? (supply * supply - low.supply * low.supply) / span : 0;
    }
    double linear(double supply) const {
        const double span = high.supply - low.supply;
        return span > 0 ? (supply - low.supply) / span : 0;
    }
};

Bracket bracket(const std::vector<EnergyPoint>& points, double supply) {
    if (!(supply >= points.front().supply && supply <= points.back().supply)) {
        std::ostringstream text;
        text << supply << " is outside the energy table, " << points.front().supply << " to "
             << points.back().supply;
        throw Error("voltage", text.str());
    }
    const auto high = std::lower_bound(
        points.begin(), points.end(), supply,
        [](const EnergyPoint& point, double value) { return point.supply < value; });
    const auto low = high == points.begin() ? high : high - 1;
    return {*low, *high};
}

double mix(double a, double b, double share) { return a + (b - a) * share; }

}  // namespace

EnergyModel::EnergyModel(std::vector<EnergyPoint> points, double reference, std::string source)
    : points_(std::move(points)), reference_(reference), source_(std::move(source)) {
    const std::string place = "energy table";
    if (points_.empty()) throw Error(place, "is empty; expected at least one voltage");
    const bool leaks = points_.front().leakageW.has_value();
    for (std::size_t i = 0; i < points_.size(); ++i) {
        const EnergyPoint& point = points_[i];
        if (!std::isfinite(point.supply) || point.supply <= 0) {
            throw Error(place, quantity("voltage", point.supply) + "; expected a positive number");
        }
        if (i > 0 && point.supply <= points_[i - 1].supply) {
            throw Error(place, quantity("voltage", point.supply) + " doesn't ascend");
        }
        if (!isEnergy(point.readJ) || !isEnergy(point.writeJ)) {
            throw Error(place, quantity("energy at voltage", point.supply) +
                                   " is negative or not a number");
        }
        if (point.leakageW.has_value() != leaks) {
            throw Error(place, quantity("leakage at voltage", point.supply) +
                                   ": either every voltage has leakage or none");
        }
        if (leaks && !(std::isfinite(*point.leakageW) && *point.leakageW > 0)) {
            throw Error(
                place, quantity("leakage at voltage", point.supply) + " must be a positive number");
        }
    }
    if (!covers(reference_)) {
        throw Error(place, quantity("doesn't cover the reference voltage", reference_));
    }
    if (!(readJ(reference_) > 0)) {
        throw Error(place, quantity("read energy is zero at the reference voltage", reference_));
    }
}

double EnergyModel::readJ(double supply) const {
    const Bracket at = bracket(points_, supply);
    return mix(at.low.readJ, at.high.readJ, at.inSquares(supply));
}

double EnergyModel::writeJ(double supply) const {
    const Bracket at = bracket(points_, supply);
    return mix(at.low.writeJ, at.high.writeJ, at.inSquares(supply));
}

std::optional<double> EnergyModel::leakageW(double supply) const {
    const Bracket at = bracket(points_, supply);
    if (!at.low.leakageW) return std::nullopt;
    return std::exp(
        mix(std::log(*at.low.leakageW), std::log(*at.high.leakageW), at.linear(supply)));
}

double EnergyModel::relative(double supply) const { return readJ(supply) / readJ(reference_); }

bool EnergyModel::covers(double supply) const {
    return supply >= points_.front().supply && supply <= points_.back().supply;
}

}  // namespace brownout
