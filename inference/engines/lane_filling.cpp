#include "inference/engines/lane_filling.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "base/processor.h"

namespace brownout {

namespace {

/// Tells whether the activations of 16 images take much of the time on their way to memory and
/// back.
bool isLarge(const Plan& plan) {
    constexpr std::size_t kLargeBytes = std::size_t{32} << 20;
    return plan.activationElements * 16 * sizeof(float) > kLargeBytes;
}

/// Returns what one image has of a product that lanes are filled with: positions, or tiles.
double unitsOf(const ProductShape& product, std::int32_t tile) {
    if (tile == 0) return static_cast<double>(product.outPlane());
    const auto side = static_cast<double>(tile);
    return std::ceil(static_cast<double>(product.out[1]) / side) *
           std::ceil(static_cast<double>(product.out[2]) / side);
}

/// Returns the share of the lanes that are filled where one image at a time is multiplied, over all
/// products of a plan.
double shareOfLanes(const Plan& plan) {
    std::map<std::string, std::int32_t> tiles;
    for (const Plan::EvaluatedParameter& parameter : plan.evaluatedParameters) {
        tiles[parameter.parameter] = parameter.kernels.tile;
    }
    const auto lanes = static_cast<double>(plan.kernels->lanes);
    double needed = 0;
    double taken = 0;
    for (const Plan::NodeCost& cost : plan.costs) {
        const auto tile = tiles.find(cost.weights);
        for (const ProductShape& product : cost.products) {
            const double units = unitsOf(product, tile == tiles.end() ? 0 : tile->second);
            const auto macs = static_cast<double>(product.macs());
            needed += macs;
            taken += macs * std::ceil(units / lanes) * lanes / units;
        }
    }
    return taken > 0 ? needed / taken : 0;
}

}  // namespace

bool isBetterNarrow(const Plan& plan) {
    const bool isWide = plan.kernels == &kernels::kAvx512 && plan.integerParameters.empty();
    return isWide && halvesWideVectors() && !instructionSetIsForced() && isLarge(plan);
}

std::size_t mostOneByOne(const Plan& plan) {
    // Weights are read again for each image, and what isn't a product fills the lanes less well.
    constexpr double kOfTheRest = 0.7;
    if (!plan.integerParameters.empty() || plan.kernels->lanes == 1) return 0;
    const double share = shareOfLanes(plan) * (isLarge(plan) ? 1.0 : kOfTheRest);
    const auto lanes = static_cast<std::size_t>(plan.kernels->lanes);
    return std::min(lanes - 1, static_cast<std::size_t>(share * static_cast<double>(lanes)));
}

}  // namespace brownout
