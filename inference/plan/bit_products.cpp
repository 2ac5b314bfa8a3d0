// Products of bits with weights of one bit, and of bytes with them: convolutions of two axes and
// products of a row with a matrix.

#include <algorithm>
#include <limits>

#include "inference/plan/bit_operators.h"
#include "inference/plan/bit_weights.h"

namespace brownout {

namespace {

using kernels::BitConvolveArgs;
using kernels::BitKernels;
using Ints = std::vector<std::int64_t>;

std::int32_t narrow(std::int64_t value) { return static_cast<std::int32_t>(value); }
std::int32_t narrow(std::size_t value) { return static_cast<std::int32_t>(value); }

/// A product as it is done each run.
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

/// The windows of a product over rows and columns.
struct BitWindows {
    std::array<std::int64_t, 2> in{1, 1}, out{1, 1}, kernel{1, 1}, stride{1, 1}, dilation{1, 1},
        pad{0, 0};

    /// Returns the first tap, and the one behind the last, that lie inside the input along an axis.
    std::array<std::int64_t, 2> tapsInside(std::size_t axis, std::int64_t position) const {
        std::array<std::int64_t, 2> range{kernel[axis], kernel[axis]};
        for (std::int64_t tap = kernel[axis] - 1; tap >= 0; --tap) {
            const std::int64_t at = position * stride[axis] - pad[axis] + tap * dilation[axis];
            if (at < 0 || at >= in[axis]) continue;
            if (range[0] == kernel[axis]) range[1] = tap + 1;
            range[0] = tap;
        }
        return range;
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

/// Adds the step that lays the bytes of every position side by side, and says that every position
/// sums over all of them. `elements` is the size of what they are taken from.
void gatherBytes(PlanBuilder& builder, const Node& node, const BitWindows& w,
                 const BitWeights& weights, std::int64_t elements, BitProductStep& s) {
    auto at = std::make_shared<std::vector<std::int32_t>>();
    const auto depth = static_cast<std::int64_t>(weights.depth());
    const std::int64_t positions = w.out[0] * w.out[1];
    for (std::int64_t p = 0; p < positions; ++p) {
        s.classOf.push_back(0);
        s.inputAt.push_back(narrow(p * (1 + depth)));
        const std::int64_t y = p / w.out[1];
        const std::int64_t x = p % w.out[1];
        for (std::int64_t run = 0; run < narrow(weights.planes()) * w.kernel[0]; ++run) {
            const std::int64_t channel = run / w.kernel[0];
            const std::int64_t row = y * w.stride[0] - w.pad[0] + run % w.kernel[0] * w.dilation[0];
            for (std::int64_t j = 0; j < 4 * narrow(weights.columns()); ++j) {
                const std::int64_t column = x * w.stride[1] - w.pad[1] + j * w.dilation[1];
                const bool inside =
                    j < w.kernel[1] && row >= 0 && row < w.in[0] && column >= 0 && column < w.in[1];
                at->push_back(narrow(inside ? (channel * w.in[0] + row) * w.in[1] + column
                                            : elements));  // a zero
            }
        }
    }
    for (std::int64_t d = 0; d < depth; ++d) {
        s.depthAt.push_back(narrow(1 + d));
        s.depthOf.push_back(narrow(d));
    }
    s.classes.push_back({0, narrow(depth), 0});
    const ValueRef floats = s.input;
    const ValueRef bytes = builder.scratch(node, {1, elements + 1}, false);
    s.input = builder.scratch(node, {positions, 1 + depth}, false);
    const ValueRef gathered = s.input;
    const float scale = node.floatOr("byte_scale", 1.0F);
    const bool isSigned = s.args.operands == kernels::BitOperands::kSignedBytes;
    const BitKernels& kernels = bitKernelsOf(builder);
    builder.addStep(gathered, {floats, bytes}, [=, &kernels](const PlanMemory& m) {
        kernels.bytes({m.data(floats), m.words(bytes), elements, scale, isSigned, at->data(),
                       positions, depth, m.words(gathered)});
    });
}

/// Places the weights in the packed memory of the plan.
std::shared_ptr<const BitWeights> pack(PlanBuilder& builder, const Node& node,
                                       const BitWeightSizes& sizes) {
    const std::string& name = node.inputs.at(1);
    auto weights = std::make_shared<const BitWeights>(sizes, builder.nextPacked());
    const FileCodes& codes = builder.graph().fileCodes.at(name);
    std::vector<std::int32_t> bits(codes.codes.begin(), codes.codes.end());
    builder.packIntegers(node, {name, weights, std::move(bits)}, weights->size());
    return weights;
}

/// Lays thresholds or factors of rows out as the kernels read them.
void setRows(const Node& node, const BitWeights& weights, BitProductStep& s) {
    const Ints thresholds = node.intsOr("thresholds", {});
    if (!thresholds.empty()) {
        s.thresholds.assign(weights.paddedRows(), std::numeric_limits<std::int32_t>::max());
        for (std::size_t row = 0; row < thresholds.size(); ++row) {
            s.thresholds[weights.paddedRow(row)] = narrow(thresholds[row]);
        }
        s.inverted = wordsOf(node, "inverted");
        s.inverted.resize((thresholds.size() + 31) / 32);
        return;
    }
    const auto& units = std::get<std::vector<float>>(node.attributes.at("units"));
    s.factors.resize(weights.paddedRows());
    for (std::size_t row = 0; row < units.size(); ++row) {
        s.factors[weights.paddedRow(row)] = units[row];
    }
}

}  // namespace

void compileBitProduct(PlanBuilder& builder, const Node& node) {
    const bool bytes = node.has("byte_scale");
    const PlanValue& x = bytes ? builder.floatInput(node, 0) : bitsInput(builder, node, 0);
    const bool matrix = x.shape.size() == 2;
    const BitLayout from = bytes ? BitLayout(x.shape) : *x.bitLayout;
    const Shape& weightShape = builder.graph().parameters.at(node.inputs.at(1)).shape;
    const bool transposed = node.intOr("transposed", 1) != 0;

    BitWeightSizes sizes;
    if (bytes) {
        sizes.operands = node.intOr("byte_signed", 0) != 0 ? kernels::BitOperands::kSignedBytes
                                                           : kernels::BitOperands::kBytes;
    }
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

    auto s = std::make_shared<BitProductStep>();
    s->input = builder.refOf(x);
    const auto weights = pack(builder, node, sizes);
    s->weightsAt = weights->offset();
    setRows(node, *weights, *s);
    s->args.operands = sizes.operands;
    if (bytes) {
        gatherBytes(builder, node, w, *weights, narrow(elementCount(x.shape)), *s);
    } else {
        classify(w, *weights, sizes.channels, *s);
        s->masks = weights->masks();
    }
    for (std::size_t group = 0; group < sizes.groups; ++group) {
        s->groupAt.push_back(bytes ? 0
                                   : narrow(static_cast<std::int64_t>(weights->firstPlane(group)) *
                                            w.in[0] * w.in[1]));
    }
    BitConvolveArgs& a = s->args;
    a.groups = narrow(sizes.groups);
    a.rows = narrow(sizes.rows);
    a.depth = narrow(weights->depth());
    a.grid[0] = narrow(w.out[0]);
    a.grid[1] = narrow(w.out[1]);

    const auto rows = static_cast<std::int64_t>(sizes.groups * sizes.rows);
    Shape shape = {1, rows};
    if (x.shape.size() == 4) shape.push_back(w.out[0]);
    if (x.shape.size() > 2) shape.push_back(w.out[1]);
    s->output = s->thresholds.empty() ? builder.define(node, 0, shape, false)
                                      : builder.defineBits(node, shape, BitLayout(shape));
    const BitKernels& kernels = bitKernelsOf(builder);
    builder.addStep(s->output, {s->input},
                    [s, &kernels](const PlanMemory& m) { s->run(m, kernels); });
    builder.countMacs(toSize(rows * w.out[0] * w.out[1]) * sizes.taps(), node.inputs[1]);
}

}  // namespace brownout
