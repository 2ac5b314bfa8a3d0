#include "inference/plan/winograd.h"

#include <algorithm>

namespace brownout {

namespace {

using kernels::WinogradArgs;

std::int64_t roundedUp(std::int64_t count, std::int64_t to) { return (count + to - 1) / to * to; }

/// Returns what the direct order takes, in fused multiply-adds of vectors and a group. The input is
/// copied with its padding before.
double directCost(const kernels::Kernels& kernels, const Windows& w, std::int64_t channels,
                  std::int64_t rows) {
    constexpr double kOfPeak = 0.85;  // of one multiply-add a step, measured over ResNet-20
    constexpr double kCopied = 4;
    const auto padded = static_cast<double>(roundedUp(rows, kernels.rowBlock));
    const auto positions = static_cast<double>(w.outPlane());
    const auto depth = static_cast<double>(channels);
    return padded * positions * depth * 9 / kOfPeak + kCopied * depth * positions;
}

/// Returns what tiles of `tile` x `tile` take in the same unit.
double winogradCost(const kernels::Kernels& kernels, const Windows& w, std::int64_t channels,
                    std::int64_t rows, std::int64_t tile) {
    // Additions, multiplications, loads and stores of a transform; about right for every processor
    // we met.
    const double evaluated = tile == 4 ? 216 : 64;
    const double interpolated = tile == 4 ? 190 : 48;
    constexpr double kOfPeak = 0.85;
    constexpr double kAlone = 1.5;  // a tile without a neighbour waits for its own sums
    const std::int64_t tiles =
        roundedUp(w.out[1], tile) / tile * (roundedUp(w.out[2], tile) / tile);
    const auto points = static_cast<double>((tile + 2) * (tile + 2));
    const auto padded = static_cast<double>(roundedUp(rows, kernels.winogradRows));
    const double together = static_cast<double>(tiles / kernels.winogradTiles) *
                            static_cast<double>(kernels.winogradTiles);
    const double alone = kAlone * static_cast<double>(tiles % kernels.winogradTiles);
    const auto depth = static_cast<double>(channels);
    return static_cast<double>(tiles) *
               (depth * evaluated + static_cast<double>(rows) * interpolated) +
           points * padded * depth * (together + alone) / kOfPeak;
}

}  // namespace

std::optional<std::int32_t> winogradTile(const PlanBuilder& builder, const Windows& w,
                                         std::int64_t groups, std::int64_t outChannels,
                                         const PlanValue& x, const PlanValue& weights) {
    const bool fits = w.kernel == Windows::Sizes{1, 3, 3} && w.stride == Windows::Sizes{1, 1, 1} &&
                      w.dilation == Windows::Sizes{1, 1, 1} && w.in[0] == 1 && w.out[0] == 1;
    if (builder.summation() != Summation::kFast || !fits || x.uniform() ||
        weights.parameter.empty()) {
        return std::nullopt;
    }
    const kernels::Kernels& kernels = builder.kernelsFor(false);
    const std::int64_t channels = w.channels / groups;
    const std::int64_t rows = outChannels / groups;
    const double direct = directCost(kernels, w, channels, rows);
    const double two = winogradCost(kernels, w, channels, rows, 2);
    const double four = winogradCost(kernels, w, channels, rows, 4);
    if (direct <= std::min(two, four)) return std::nullopt;
    return four <= two ? 4 : 2;
}

void addWinograd(PlanBuilder& builder, const Node& node, const Windows& w, std::int64_t groups,
                 std::int32_t tile, std::optional<ValueRef> bias) {
    const PlanValue& x = builder.productInput(node, 0);
    const PlanValue& weights = builder.productInput(node, 1);
    const kernels::Kernels& kernels = builder.kernelsFor(false);
    const ValueRef input = builder.refOf(x);

    EvaluatedKernels evaluated;
    evaluated.groups = toSize(groups);
    evaluated.rows = toSize(weights.shape[0] / groups);
    evaluated.channels = toSize(weights.shape[1]);
    evaluated.rowBlock = toSize(kernels.winogradRows);
    evaluated.tile = tile;
    evaluated = builder.placeKernels(node, weights, evaluated);

    WinogradArgs args{};
    args.tile = tile;
    args.channels = static_cast<std::int32_t>(evaluated.channels);
    args.rows = static_cast<std::int32_t>(evaluated.rows);
    args.height = static_cast<std::int32_t>(w.in[1]);
    args.width = static_cast<std::int32_t>(w.in[2]);
    args.outHeight = static_cast<std::int32_t>(w.out[1]);
    args.outWidth = static_cast<std::int32_t>(w.out[2]);
    args.padTop = static_cast<std::int32_t>(w.padBegin[1]);
    args.padLeft = static_cast<std::int32_t>(w.padBegin[2]);
    args.pointStep = static_cast<std::int64_t>(evaluated.pointStep);

    const ValueRef scratch = builder.scratch(
        node, {roundedUp(kernels.winogradScratch(args), kernels.lanes) / kernels.lanes}, false);
    const std::int64_t outChannels = weights.shape[0];
    const ValueRef output = builder.define(node, 0, w.resultShape(outChannels), false);
    auto epilogue = std::make_shared<Epilogue>();
    epilogue->takesResidual = true;
    builder.setEpilogue(node, epilogue);
    const std::int64_t batch = w.batch;
    const std::int64_t inputStep = args.channels * w.inPlane();
    const std::int64_t outputStep = args.rows * w.outPlane();
    builder.addStep(output, {input, scratch}, [=](const PlanMemory& m) {
        WinogradArgs a = args;
        const std::int64_t lanes = m.kernels->lanes;
        a.scratch = m.data(scratch);
        a.low = epilogue->low;
        a.high = epilogue->high;
        for (std::int64_t n = 0; n < batch * groups; ++n) {
            const std::int64_t group = n % groups;
            a.input = m.data(input) + n * inputStep * lanes;
            a.output = m.data(output) + n * outputStep * lanes;
            a.residual = epilogue->residualAt(m, n * outputStep);
            a.bias = bias ? m.data(*bias) + group * a.rows : nullptr;
            a.weights = m.packed + evaluated.values +
                        toSize(group) * evaluated.points() * evaluated.pointStep;
            m.kernels->winograd(a);
        }
    });
}

}  // namespace brownout
