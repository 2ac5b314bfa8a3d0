#include "inference/plan/bit_products.h"

#include "inference/plan/bit_operators.h"

namespace brownout {

namespace {

using kernels::BitConvolveArgs;
using kernels::BitKernels;
using Ints = std::vector<std::int64_t>;

/// A step that computes a product of bits.
struct BitProductStep {
    BitConvolveArgs args{};
    std::vector<std::int32_t> masks, depthAt, depthOf, classOf, inputAt, groupAt, inverted,
        thresholds;
    std::vector<float> factors;
    std::vector<kernels::BitClass> classes;
    std::size_t weightsAt = 0;
    ValueRef input, output;

    void run(const PlanMemory& m, const BitKernels& kernels) const {
        BitConvolveArgs now = args;
        now.input = m.words(input);
        now.output = m.words(output);
        now.weights = m.packedWords() + weightsAt;
        now.masks = masks.empty() ? nullptr : masks.data();
        now.depthAt = depthAt.data();
        now.depthOf = depthOf.data();
        now.classes = classes.data();
        now.classOf = classOf.data();
        now.inputAt = inputAt.data();
        now.groupAt = groupAt.data();
        now.inverted = inverted.data();
        now.thresholds = thresholds.empty() ? nullptr : thresholds.data();
        now.factors = factors.data();
        kernels.convolve(now);
    }
};

/// Says for every position what it sums over.
void classify(const BitWindows& w, const BitWeights& weights, std::size_t groupChannels,
              BitProductStep& s) {
    std::map<std::array<std::int64_t, 4>, std::int32_t> known;
    for (std::int64_t y = 0; y < w.out[0]; ++y) {
        for (std::int64_t x = 0; x < w.out[1]; ++x) {
            const auto [top, bottom] = w.tapsInside(0, y);
            const auto [left, right] = w.tapsInside(1, x);
            const auto [found, isNew] =
                known.try_emplace({top, bottom, left, right}, narrow(s.classes.size()));
            s.classOf.push_back(found->second);
            s.inputAt.push_back(
                narrow((y * w.stride[0] - w.pad[0]) * w.in[1] + x * w.stride[1] - w.pad[1]));
            if (!isNew) continue;
            kernels::BitClass one{narrow(s.depthAt.size()), 0, 0};
            for (std::int64_t plane = 0; plane < narrow(weights.planes()); ++plane) {
                for (std::int64_t i = top; i < bottom; ++i) {
                    for (std::int64_t j = left; j < right; ++j) {
                        s.depthAt.push_back(narrow(plane * w.in[0] * w.in[1] +
                                                   i * w.dilation[0] * w.in[1] +
                                                   j * w.dilation[1]));
                        s.depthOf.push_back(narrow((plane * w.kernel[0] + i) * w.kernel[1] + j));
                    }
                }
            }
            one.count = narrow(s.depthAt.size()) - one.first;
            one.operands =
                narrow((bottom - top) * (right - left) * static_cast<std::int64_t>(groupChannels));
            s.classes.push_back(one);
        }
    }
}

/// Returns the factors of sums as the kernels read them.
std::vector<float> paddedFactors(const Node& node, const BitWeights& weights) {
    const auto& units = std::get<std::vector<float>>(node.attributes.at("units"));
    std::vector<float> padded(weights.paddedRows());
    for (std::size_t row = 0; row < units.size(); ++row) {
        padded[weights.paddedRow(row)] = units[row];
    }
    return padded;
}

/// Adds the steps of a product of bits.
void addBitProduct(PlanBuilder& builder, const Node& node, const PlanValue& x, const BitWindows& w,
                   const BitWeightSizes& sizes, const Shape& shape) {
    auto s = std::make_shared<BitProductStep>();
    s->input = builder.refOf(x);
    const auto weights = packBitWeights(builder, node, sizes);
    s->weightsAt = weights->offset();
    const Ints thresholds = node.intsOr("thresholds", {});
    if (thresholds.empty()) {
        s->factors = paddedFactors(node, *weights);
        s->output = builder.define(node, 0, shape, false);
    } else {
        s->thresholds = paddedThresholds(node, *weights);
        s->inverted = invertedRows(node, thresholds.size());
        s->output = builder.defineBits(node, shape, BitLayout(shape));
    }
    classify(w, *weights, sizes.channels, *s);
    s->masks = weights->masks();
    for (std::size_t group = 0; group < sizes.groups; ++group) {
        s->groupAt.push_back(
            narrow(static_cast<std::int64_t>(weights->firstPlane(group)) * w.in[0] * w.in[1]));
    }
    BitConvolveArgs& a = s->args;
    a.groups = narrow(sizes.groups);
    a.rows = narrow(sizes.rows);
    a.depth = narrow(weights->depth());
    a.grid[0] = narrow(w.out[0]);
    a.grid[1] = narrow(w.out[1]);
    const BitKernels& kernels = bitKernelsOf(builder);
    builder.addStep(s->output, {s->input},
                    [s, &kernels](const PlanMemory& m) { s->run(m, kernels); });
}

}  // namespace

std::shared_ptr<const BitWeights> packBitWeights(PlanBuilder& builder, const Node& node,
                                                 const BitWeightSizes& sizes) {
    const std::string& name = node.inputs.at(1);
    auto weights = std::make_shared<const BitWeights>(sizes, builder.nextPacked());
    const FileCodes& codes = builder.graph().fileCodes.at(name);
    std::vector<std::int32_t> bits(codes.codes.begin(), codes.codes.end());
    builder.packIntegers(node, {name, weights, std::move(bits)}, weights->size());
    return weights;
}

std::vector<std::int32_t> paddedThresholds(const Node& node, const BitWeights& weights) {
    const Ints thresholds = node.intsOr("thresholds", {});
    std::vector<std::int32_t> padded(weights.paddedRows(), kernels::kUnreachable);
    for (std::size_t row = 0; row < thresholds.size(); ++row) {
        padded[weights.paddedRow(row)] = narrow(thresholds[row]);
    }
    return padded;
}

std::vector<std::int32_t> invertedRows(const Node& node, std::size_t rows) {
    std::vector<std::int32_t> inverted = wordsOf(node, "inverted");
    inverted.resize((rows + 31) / 32);
    return inverted;
}

void compileBitProduct(PlanBuilder& builder, const Node& node) {
    const bool bytes = node.has("byte_scale");
    const PlanValue& x = bytes ? builder.floatInput(node, 0) : bitsInput(builder, node, 0);
    const bool matrix = x.shape.size() == 2;
    const BitLayout from = bytes ? BitLayout(x.shape) : *x.bitLayout;
    const Shape& weightShape = builder.graph().parameters.at(node.inputs.at(1)).shape;
    const bool transposed = node.intOr("transposed", 1) != 0;

    BitWeightSizes sizes;
    sizes.bytes = bytes;
    sizes.groups = toSize(node.intOr("groups", 1));
    sizes.rows = toSize(weightShape[matrix && !transposed ? 1 : 0]) / sizes.groups;
    BitWindows w;
    if (matrix) {
        // A kernel that covers all of the plane that the row was before it was flattened.
        w.in = bytes ? std::array<std::int64_t, 2>{1, from.channels}
                     : std::array<std::int64_t, 2>{from.height, from.width};
        w.kernel = w.in;
        sizes.channels = bytes ? 1 : toSize(from.channels);
    } else {
        w.in = {from.height, from.width};
        const Ints pads = node.intsOr("pads", {});
        for (std::size_t i = 0; i < 2; ++i) {
            w.kernel[i] = node.intsOr("kernel", {}).at(i);
            w.stride[i] = node.intsOr("strides", {}).at(i);
            w.dilation[i] = node.intsOr("dilations", {}).at(i);
            w.pad[i] = pads.at(i);
            const std::int64_t extent = (w.kernel[i] - 1) * w.dilation[i] + 1;
            w.out[i] = (w.in[i] + pads.at(i) + pads.at(i + 2) - extent) / w.stride[i] + 1;
        }
        sizes.channels = toSize(weightShape[1]);
    }
    sizes.kernel = {toSize(w.kernel[0]), toSize(w.kernel[1])};
    sizes.rowStep = transposed ? sizes.taps() : 1;
    sizes.depthStep = transposed ? 1 : sizes.rows;

    const auto rows = static_cast<std::int64_t>(sizes.groups * sizes.rows);
    Shape shape = {1, rows};
    if (x.shape.size() == 4) shape.push_back(w.out[0]);
    if (x.shape.size() > 2) shape.push_back(w.out[1]);
    if (bytes) {
        addByteProduct(builder, node, x, w, sizes, shape);
    } else {
        addBitProduct(builder, node, x, w, sizes, shape);
    }
    builder.countMacs(toSize(rows * w.out[0] * w.out[1]) * sizes.taps(), node.inputs[1]);
}

}  // namespace brownout
