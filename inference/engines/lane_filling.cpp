#include "inference/engines/lane_filling.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace brownout {

namespace {

/// Tells whether the activations of 16 images take much of the time on their way to memory and
/// back.
bool isLarge(const Plan& plan) {
    constexpr std::size_t kLargeBytes = std::size_t{32} << 20;
    return plan.activationElements * 16 * sizeof(float) > kLargeBytes;
}

/// How well the positions of one image, or the tiles of a Winograd convolution, fill the lanes in
/// the products of a plan.
class OneByOne {
 public:
    explicit OneByOne(const Plan& plan) : lanes_(static_cast<double>(plan.kernels->lanes)) {
        for (const Plan::EvaluatedParameter& parameter : plan.evaluatedParameters) {
            tiles_[parameter.parameter] = static_cast<double>(parameter.kernels.tile);
        }
    }

    /// Returns the multiply-accumulates that lanes have room for, for each of a product's.
    double room(const Plan::NodeCost& node, const ProductShape& product) const {
        const double tile = tileOf(node);
        const double units = tile == 0 ? static_cast<double>(product.outPlane())
                                       : std::ceil(static_cast<double>(product.out[1]) / tile) *
                                             std::ceil(static_cast<double>(product.out[2]) / tile);
        return std::ceil(units / lanes_) * lanes_ / units;
    }

    bool isInTiles(const Plan::NodeCost& node) const { return tileOf(node) != 0; }

    /// Returns about how many multiply-accumulates it takes for each that Winograd's way saves,
    /// transforms included; 1 for the direct order.
    double work(const Plan::NodeCost& node) const {
        constexpr double kWithTransforms = 4.0 / 3;
        const double tile = tileOf(node);
        return tile == 0 ? 1 : kWithTransforms * pointsOf(tile) / (9 * tile * tile);
    }

    /// Returns how many numbers are kept for each weight.
    double copies(const Plan::NodeCost& node) const {
        const double tile = tileOf(node);
        return tile == 0 ? 1 : pointsOf(tile) / 9;
    }

 private:
    static double pointsOf(double tile) { return (tile + 2) * (tile + 2); }
    double tileOf(const Plan::NodeCost& node) const {
        const auto tile = tiles_.find(node.weights);
        return tile == tiles_.end() ? 0 : tile->second;
    }

    double lanes_;
    std::map<std::string, double> tiles_;
};

/// Returns the share of the lanes that are filled where one image at a time is multiplied, over all
/// products of a plan.
double shareOfLanes(const Plan& plan) {
    const OneByOne oneByOne(plan);
    double needed = 0;
    double taken = 0;
    for (const Plan::NodeCost& cost : plan.costs) {
        for (const ProductShape& product : cost.products) {
            const auto macs = static_cast<double>(product.macs());
            needed += macs;
            taken += macs * oneByOne.room(cost, product);
        }
    }
    return taken > 0 ? needed / taken : 0;
}

/// Returns what a node's products save where images are run one by one, in vector multiply-adds for
/// as many images as there are lanes: their activations stay in the second-level cache, but some
/// lanes have no position, and weights are read again for every image. What each costs was fitted
/// to SqueezeNet's layers, 224 x 224 (AVX-512, Sapphire Rapids).
double savedOneByOne(const Plan::NodeCost& node, const OneByOne& oneByOne, double lanes) {
    constexpr double kCache = 2 << 20;  // bytes
    constexpr double kMoved = 10;       // a vector from memory and back
    constexpr double kReread = 6;       // a weight for each of 16 images
    constexpr double kTurned = 1.1;     // tiles, whose rows and lanes are exchanged twice
    double saved = 0;
    for (const ProductShape& product : node.products) {
        const auto in = static_cast<double>(product.images * product.groups * product.channels *
                                            product.in[0] * product.in[1] * product.in[2]);
        const double activations = in + static_cast<double>(product.outputs());
        if (activations * lanes * sizeof(float) > kCache) saved += kMoved * activations;
        const double work = oneByOne.work(node) * static_cast<double>(product.macs());
        const double turned = oneByOne.isInTiles(node) ? kTurned : 1;
        saved -= work * (oneByOne.room(node, product) * turned - 1);
        saved -= kReread * oneByOne.copies(node) * static_cast<double>(product.weights());
    }
    return saved;
}

/// Returns the number of nodes up to the last of which two plans of a network may differ: behind
/// them both have the same steps.
std::size_t nodesThatDiffer(const Plan& a, const Plan& b) {
    std::size_t nodes = std::min(a.costs.size(), b.costs.size());
    const auto stepsBehind = [](const Plan& plan, std::size_t node) {
        return plan.steps.size() - plan.costs[node].endStep;
    };
    while (nodes > 0 && stepsBehind(a, nodes - 1) == stepsBehind(b, nodes - 1)) --nodes;
    return nodes;
}

}  // namespace

std::size_t mostOneByOne(const Plan& plan) {
    // Weights are read again for each image, and what isn't a product fills the lanes less well.
    constexpr double kOfTheRest = 0.7;
    if (!plan.integerParameters.empty() || plan.kernels->lanes == 1) return 0;
    const double share = shareOfLanes(plan) * (isLarge(plan) ? 1.0 : kOfTheRest);
    const auto lanes = static_cast<std::size_t>(plan.kernels->lanes);
    return std::min(lanes - 1, static_cast<std::size_t>(share * static_cast<double>(lanes)));
}

std::optional<HandOver> handOverBetween(const Plan& oneByOne, const Plan& sideBySide) {
    // Multiplying takes longer with 8 lanes, and less is moved: SqueezeNet was 0.96 times as fast.
    constexpr std::int32_t kLeastLanes = 16;
    const std::int32_t lanes = sideBySide.kernels->lanes;
    if (!isLarge(sideBySide) || lanes < kLeastLanes) return {};
    if (oneByOne.costs.size() != sideBySide.costs.size()) return {};
    const OneByOne filling(sideBySide);
    const std::size_t differing = nodesThatDiffer(oneByOne, sideBySide);
    std::optional<HandOver> best;
    double saved = 0;
    double most = 0;
    for (std::size_t n = 0; n < sideBySide.costs.size(); ++n) {
        saved += savedOneByOne(sideBySide.costs[n], filling, static_cast<double>(lanes));
        if (n < differing || saved <= most) continue;
        const std::size_t end = oneByOne.costs[n].endStep;
        const std::size_t first = sideBySide.costs[n].endStep;
        const std::vector<ActivationPiece> from = piecesInUse(oneByOne, end);
        const std::vector<ActivationPiece> to = piecesInUse(sideBySide, first);
        // Nothing tells which piece of one plan is which of the other if there are several.
        if (from.size() != 1 || to.size() != 1 || from[0].elements != to[0].elements) continue;
        best = HandOver{end, first, from[0], to[0]};
        most = saved;
    }
    return best;
}

}  // namespace brownout
