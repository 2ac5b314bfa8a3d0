// Convolution over one to three axes, with groups, strides, dilations and padding.

#include "inference/plan/products.h"
#include "inference/plan/transposed_convolution.h"
#include "inference/plan/windows.h"
#include "inference/plan/winograd.h"

namespace brownout {

namespace {

using kernels::ConvolveArgs;

/// The sizes of a convolution.
struct Convolution {
    Windows windows;
    std::int64_t groups = 1;
    std::int64_t outChannels = 0;
    Windows::Sizes padded{};       ///< of the input with its padding
    std::int64_t channelStep = 0;  ///< distance of channels in the padded input, in elements

    bool pads() const { return padded != windows.in; }
    std::int64_t groupChannels() const { return windows.channels / groups; }
    std::int64_t groupRows() const { return outChannels / groups; }
};

/// Returns the sizes of a convolution of `x`. Throws Error where shapes don't fit together.
Convolution convolutionOf(const PlanBuilder& builder, const Node& node, const Shape& x,
                          const Shape& weights) {
    if (weights.size() != x.size() || x.size() < 3) {
        builder.fail(node, "input " + toString(x) + " and weights " + toString(weights) +
                               " don't fit together");
    }
    Convolution c;
    c.windows = windowsOf(builder, node, x, {weights.begin() + 2, weights.end()}, false);
    const Windows& w = c.windows;
    c.groups = node.intOr("group", 1);
    c.outChannels = weights[0];
    if (c.groups < 1 || c.outChannels < 1 || w.channels < 1 || w.channels % c.groups != 0 ||
        c.outChannels % c.groups != 0 || weights[1] != c.groupChannels()) {
        builder.fail(node, "weights " + toString(weights) + " don't fit an input " + toString(x) +
                               " in " + std::to_string(c.groups) + " groups");
    }
    for (std::size_t i = 0; i < 3; ++i) c.padded[i] = w.in[i] + w.padBegin[i] + w.padEnd[i];
    c.channelStep = w.inPlane();
    if (c.pads()) {
        if (static_cast<double>(c.padded[0]) * static_cast<double>(c.padded[1]) *
                static_cast<double>(c.padded[2]) >
            1e9) {
            builder.fail(node, "the padded input is too large");
        }
        c.channelStep = (c.padded[0] * c.padded[1] * c.padded[2]) | 1;
    }
    return c;
}

/// Adds the step that gives the input its padding, channels an odd number of elements apart: with
/// even ones the lines that a sum walks over fall into few sets of the cache.
ValueRef padInput(PlanBuilder& builder, const Node& node, const Convolution& c, ValueRef input) {
    const Windows& w = c.windows;
    const Windows::Sizes& padded = c.padded;
    const std::int64_t channelStep = c.channelStep;
    const ValueRef result =
        builder.scratch(node, {w.batch * w.channels, channelStep}, input.uniform);
    auto table = std::make_shared<std::vector<std::int32_t>>(toSize(w.channels * channelStep), -1);
    for (std::int64_t channel = 0; channel < w.channels; ++channel) {
        for (std::int64_t d = 0; d < w.in[0]; ++d) {
            for (std::int64_t y = 0; y < w.in[1]; ++y) {
                for (std::int64_t x = 0; x < w.in[2]; ++x) {
                    const std::int64_t from = ((channel * w.in[0] + d) * w.in[1] + y) * w.in[2] + x;
                    const std::int64_t to =
                        channel * channelStep +
                        ((d + w.padBegin[0]) * padded[1] + y + w.padBegin[1]) * padded[2] + x +
                        w.padBegin[2];
                    (*table)[toSize(to)] = static_cast<std::int32_t>(from);
                }
            }
        }
    }
    const std::int64_t batch = w.batch;
    const std::int64_t imageElements = w.channels * w.inPlane();
    builder.addStep(result, {input}, [=](const PlanMemory& m) {
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

/// Returns the places in the padded input that one output sums over, from its own place.
std::vector<std::int32_t> kernelOffsets(const Convolution& c) {
    const Windows& w = c.windows;
    std::vector<std::int32_t> offsets;
    for (std::int64_t channel = 0; channel < c.groupChannels(); ++channel) {
        for (std::int64_t d = 0; d < w.kernel[0]; ++d) {
            for (std::int64_t y = 0; y < w.kernel[1]; ++y) {
                for (std::int64_t x = 0; x < w.kernel[2]; ++x) {
                    const std::int64_t offset =
                        channel * c.channelStep +
                        (d * w.dilation[0] * c.padded[1] + y * w.dilation[1]) * c.padded[2] +
                        x * w.dilation[2];
                    offsets.push_back(static_cast<std::int32_t>(offset));
                }
            }
        }
    }
    return offsets;
}

/// Returns the part of a kernel's arguments that follows from the sizes.
ConvolveArgs argumentsOf(const Convolution& c, std::size_t depth, std::size_t rowBlock) {
    const Windows& w = c.windows;
    ConvolveArgs a{};
    a.groups = static_cast<std::int32_t>(c.groups);
    a.rows = static_cast<std::int32_t>(c.groupRows());
    a.depth = static_cast<std::int32_t>(depth);
    a.rowBlock = static_cast<std::int32_t>(rowBlock);
    for (std::size_t i = 0; i < 3; ++i) a.grid[i] = static_cast<std::int32_t>(w.out[i]);
    a.gridStep[0] = w.stride[0] * c.padded[1] * c.padded[2];
    a.gridStep[1] = w.stride[1] * c.padded[2];
    a.gridStep[2] = w.stride[2];
    a.groupStep = c.groupChannels() * c.channelStep;
    a.rowStep = w.outPlane();
    a.positionStep = 1;
    a.alpha = 1.0F;
    return a;
}

ProductShape::Sizes unsignedSizes(const Windows::Sizes& sizes) {
    return {toSize(sizes[0]), toSize(sizes[1]), toSize(sizes[2])};
}

ProductShape productOf(const Convolution& c) {
    const Windows& w = c.windows;
    ProductShape product;
    product.images = toSize(w.batch);
    product.groups = toSize(c.groups);
    product.channels = toSize(c.groupChannels());
    product.filters = toSize(c.groupRows());
    product.in = unsignedSizes(w.in);
    product.out = unsignedSizes(w.out);
    product.kernel = unsignedSizes(w.kernel);
    product.stride = unsignedSizes(w.stride);
    product.dilation = unsignedSizes(w.dilation);
    product.padding = unsignedSizes(w.padBegin);
    return product;
}

/// Returns the place of the bias, if there is one. Throws Error where it doesn't fit.
std::optional<ValueRef> biasOf(PlanBuilder& builder, const Node& node, const Convolution& c) {
    if (!builder.hasInput(node, 2)) return std::nullopt;
    const PlanValue& bias = builder.productInput(node, 2);
    if (!bias.uniform() || bias.shape != Shape{c.outChannels}) {
        builder.fail(node, "the bias has the shape " + toString(bias.shape) + ", expected [" +
                               std::to_string(c.outChannels) + "]");
    }
    return builder.refOf(bias);
}

void compileConv(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.productInput(node, 0);
    const PlanValue& weights = builder.productInput(node, 1);
    if (!weights.uniform()) {
        builder.fail(node, "weights that depend on the image are not supported");
    }
    const Convolution c = convolutionOf(builder, node, x.shape, weights.shape);
    const Windows& w = c.windows;
    const std::optional<ValueRef> bias = biasOf(builder, node, c);
    builder.countProduct(productOf(c), weights.parameter);
    if (const auto tile = winogradTile(builder, w, c.groups, c.outChannels, x, weights)) {
        return addWinograd(builder, node, w, c.groups, *tile, bias);
    }
    Product p;
    p.input = builder.refOf(x);
    if (c.pads()) p.input = padInput(builder, node, c, p.input);
    p.output = builder.define(node, 0, w.resultShape(c.outChannels), p.input.uniform);
    p.offsets = kernelOffsets(c);
    Packing packing;
    packing.groups = toSize(c.groups);
    packing.rows = toSize(c.groupRows());
    packing.depth = p.offsets.size();
    packing.rowBlock = rowBlockFor(builder, p.input.uniform, c.groupRows());
    packing.rowStep = packing.depth;
    packing = builder.packWeights(node, weights, packing);
    p.weightsAt = packing.offset;
    if (bias) p.bias = *bias;
    p.hasBias = bias.has_value();
    p.inputChannels = w.channels;
    p.batch = w.batch;
    p.inputBatchStep = w.channels * c.channelStep;
    p.outputBatchStep = c.outChannels * w.outPlane();
    p.args = argumentsOf(c, p.offsets.size(), packing.rowBlock);
    addProduct(builder, node, p);
}

}  // namespace

const std::map<std::string, CompileNode>& convolutionOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Conv", compileConv}, {"ConvTranspose", compileConvTranspose}};
    return kOperators;
}

}  // namespace brownout
