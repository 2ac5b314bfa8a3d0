#include "emulation/tolerable_point.h"

#include <algorithm>
#include <numeric>

namespace brownout {

std::vector<std::uint32_t> pointsMildestFirst(const CampaignSpec& campaign) {
    std::vector<std::uint32_t> order(campaign.points.size());
    std::iota(order.begin(), order.end(), 0U);
    const auto harshness = [&](std::uint32_t point) {
        const auto& spec = campaign.points[point];
        return spec.voltage ? -*spec.voltage : spec.ber.value_or(spec.berExpected);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return harshness(a) < harshness(b); });
    return order;
}

std::optional<std::uint32_t> harshestTolerable(const Summary& summary, std::uint32_t network,
                                               double allowedLoss) {
    std::optional<std::uint32_t> harshest;
    for (const auto point : pointsMildestFirst(summary.campaign)) {
        const auto& row = summary.row(network, point);
        if (!row.error || !row.error->ci95) break;
        if (row.error->ci95->high > *row.cleanError + allowedLoss) break;
        harshest = point;
    }
    return harshest;
}

}  // namespace brownout
