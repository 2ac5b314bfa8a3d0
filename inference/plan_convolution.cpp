// Convolution over one to three axes, with groups, strides, dilations and padding.

#include "inference/plan_products.h"
#include "inference/plan_windows.h"

namespace brownout {

namespace {

using kernels::ConvolveArgs;

/// The input with its padding, channels an odd number of elements apart: with even ones the lines
/// that a sum walks over fall into few sets of the cache.
ValueRef padInput(PlanBuilder& builder, const Node& node, const Windows& w, ValueRef input,
                  const Windows::Sizes& padded, std::int64_t channelStep) {
    const ValueRef result =
        builder.scratch(node, {w.batch * w.channels, channelStep}, input.uniform);
    auto table = std::make_shared<std::vector<std::int32_t>>(toSize(w.channels * channelStep), -1);
    for (std::int64_t c = 0; c < w.channels; ++c) {
        for (std::int64_t d = 0; d < w.in[0]; ++d) {
            for (std::int64_t y = 0; y < w.in[1]; ++y) {
                for (std::int64_t x = 0; x < w.in[2]; ++x) {
                    const std::int64_t from = ((c * w.in[0] + d) * w.in[1] + y) * w.in[2] + x;
                    const std::int64_t to =
                        c * channelStep +
                        ((d + w.padBegin[0]) * padded[1] + y + w.padBegin[1]) * padded[2] + x +
                        w.padBegin[2];
                    (*table)[toSize(to)] = static_cast<std::int32_t>(from);
                }
            }
        }
    }
    const std::int64_t batch = w.batch;
    const std::int64_t imageElements = w.channels * w.inPlane();
    builder.addStep(result, {input}, [=](const Memory& m) {
        const kernels::Kernels& kernels = m.kernelsOf(result);
        kernels::GatherArgs args{};
        args.table = table->data();
        args.count = static_cast<std::int64_t>(table->size());
        args.fill = 0.0F;
        for (std::int64_t n = 0; n < batch; ++n) {
            args.input = m.operand(input);
            args.input.data += n * imageElements * kernels.lanes;
            args.output = m.data(result) + n * args.count * kernels.lanes;
            kernels.gather(args);
        }
    });
    return result;
}

void compileConv(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    const PlanValue& weights = builder.floatInput(node, 1);
    if (!weights.uniform()) {
        builder.fail(node, "weights that depend on the image are not supported");
    }
    if (weights.shape.size() != x.shape.size() || x.shape.size() < 3) {
        builder.fail(node, "input " + toString(x.shape) + " and weights " +
                               toString(weights.shape) + " don't fit together");
    }
    Windows w =
        windowsOf(builder, node, x.shape, {weights.shape.begin() + 2, weights.shape.end()}, false);
    const std::int64_t groups = node.intOr("group", 1);
    const std::int64_t outChannels = weights.shape[0];
    if (groups < 1 || outChannels < 1 || w.channels < 1 || w.channels % groups != 0 ||
        outChannels % groups != 0 || weights.shape[1] != w.channels / groups) {
        builder.fail(node, "weights " + toString(weights.shape) + " don't fit an input " +
                               toString(x.shape) + " in " + std::to_string(groups) + " groups");
    }
    Product p;
    p.input = builder.refOf(x);
    Windows::Sizes padded{};
    bool pads = false;
    for (std::size_t i = 0; i < 3; ++i) {
        padded[i] = w.in[i] + w.padBegin[i] + w.padEnd[i];
        pads = pads || padded[i] != w.in[i];
    }
    std::int64_t channelStep = w.inPlane();
    if (pads) {
        if (static_cast<double>(padded[0]) * static_cast<double>(padded[1]) *
                static_cast<double>(padded[2]) >
            1e9) {
            builder.fail(node, "the padded input is too large");
        }
        channelStep = (padded[0] * padded[1] * padded[2]) | 1;
        p.input = padInput(builder, node, w, p.input, padded, channelStep);
    }
    p.output = builder.define(node, 0, w.resultShape(outChannels), p.input.uniform);
    const std::int64_t groupChannels = w.channels / groups;
    for (std::int64_t c = 0; c < groupChannels; ++c) {
        for (std::int64_t d = 0; d < w.kernel[0]; ++d) {
            for (std::int64_t y = 0; y < w.kernel[1]; ++y) {
                for (std::int64_t x0 = 0; x0 < w.kernel[2]; ++x0) {
                    const std::int64_t offset =
                        c * channelStep +
                        (d * w.dilation[0] * padded[1] + y * w.dilation[1]) * padded[2] +
                        x0 * w.dilation[2];
                    p.offsets.push_back(static_cast<std::int32_t>(offset));
                }
            }
        }
    }
    Packing packing;
    packing.groups = toSize(groups);
    packing.rows = toSize(outChannels / groups);
    packing.depth = p.offsets.size();
    packing.rowBlock = rowBlockFor(builder, p.input.uniform, outChannels / groups);
    packing.rowStep = packing.depth;
    packing = builder.packWeights(node, weights, packing);
    p.weightsAt = packing.offset;
    if (builder.hasInput(node, 2)) {
        const PlanValue& bias = builder.floatInput(node, 2);
        if (!bias.uniform() || bias.shape != Shape{outChannels}) {
            builder.fail(node, "the bias has the shape " + toString(bias.shape) + ", expected [" +
                                   std::to_string(outChannels) + "]");
        }
        p.bias = builder.refOf(bias);
        p.hasBias = true;
    }
    p.batch = w.batch;
    p.inputBatchStep = w.channels * channelStep;
    p.outputBatchStep = outChannels * w.outPlane();
    ConvolveArgs& a = p.args;
    a.groups = static_cast<std::int32_t>(groups);
    a.rows = static_cast<std::int32_t>(outChannels / groups);
    a.depth = static_cast<std::int32_t>(p.offsets.size());
    a.rowBlock = static_cast<std::int32_t>(packing.rowBlock);
    for (std::size_t i = 0; i < 3; ++i) {
        a.grid[i] = static_cast<std::int32_t>(w.out[i]);
    }
    a.gridStep[0] = w.stride[0] * padded[1] * padded[2];
    a.gridStep[1] = w.stride[1] * padded[2];
    a.gridStep[2] = w.stride[2];
    a.groupStep = groupChannels * channelStep;
    a.rowStep = w.outPlane();
    a.positionStep = 1;
    a.alpha = 1.0F;
    addProduct(builder, node, p);
    builder.countMacs(toSize(w.batch * outChannels * w.outPlane()) * p.offsets.size(),
                      weights.parameter);
}

}  // namespace

const std::map<std::string, CompileNode>& convolutionOperators() {
    static const std::map<std::string, CompileNode> kOperators = {{"Conv", compileConv}};
    return kOperators;
}

}  // namespace brownout
