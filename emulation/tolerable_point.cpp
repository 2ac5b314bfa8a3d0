#include "emulation/tolerable_point.h"

#include <algorithm>
#include <numeric>

namespace brownout {
namespace {

/// Tells whether a measure is above its clean value that may not be, see Measure::mayNotRise.
bool anyRises(const Summary& summary, const SummaryRow& row) {
    for (std::size_t i = 1; i < summary.measures.size(); ++i) {
        const MeasuredValue& value = row.values[i];
        if (summary.measures[i].mayNotRise && value.clean && value.faulty &&
            value.faulty->mean > *value.clean) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<std::uint32_t> pointsMildestFirst(const CampaignSpec& campaign) {
    std::vector<std::uint32_t> order(campaign.points.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto harshness = [&](std::uint32_t point) {
        const auto& spec = campaign.points[point];
        return spec.voltage ? -*spec.voltage : spec.ber.value_or(spec.berExpected.value_or(0));
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return harshness(a) < harshness(b); });
    return order;
}

std::optional<std::uint32_t> harshestTolerable(const Summary& summary, std::uint32_t network,
                                               double allowedLoss) {
    const Measure& measure = summary.measures.front();
    std::optional<std::uint32_t> harshest;
    for (const auto point : pointsMildestFirst(summary.campaign)) {
        const MeasuredValue& value = summary.row(network, point).main();
        if (!value.clean || !value.faulty || !value.faulty->ci95) break;
        const double loss = allowedLoss * (measure.lossIsRelative ? *value.clean : 1);
        const bool tolerable = measure.higherIsBetter
                                   ? !(value.faulty->ci95->low < *value.clean - loss)
                                   : !(value.faulty->ci95->high > *value.clean + loss);
        if (!tolerable || anyRises(summary, summary.row(network, point))) break;
        harshest = point;
    }
    return harshest;
}

}  // namespace brownout
