// Convolution, Gemm and MatMul: all become kernels::ConvolveArgs with packed weights, where one
// operand is the same for all images; products of two activations have a kernel of their own.

#include <limits>
#include <memory>

#include "inference/plan_builder.h"
#include "inference/plan_windows.h"

namespace brownout {

namespace {

using kernels::ConvolveArgs;

std::size_t toSize(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Everything a product step needs when the plan runs; input, weights and output are filled in
/// then.
struct Product {
    ConvolveArgs args{};
    std::vector<std::int32_t> offsets;
    ValueRef input, output, bias;
    bool hasBias = false;
    std::size_t weightsAt = 0;
    std::int64_t batch = 1, inputBatchStep = 0, outputBatchStep = 0;
    std::shared_ptr<Epilogue> epilogue = std::make_shared<Epilogue>();
};

void addProduct(PlanBuilder& builder, const Node& node, const Product& product) {
    auto shared = std::make_shared<const Product>(product);
    builder.setEpilogue(node, product.epilogue);
    builder.addStep(product.output, {product.input}, [shared](const Memory& m) {
        const kernels::Kernels& kernels = m.kernelsOf(shared->output);
        ConvolveArgs args = shared->args;
        args.offsets = shared->offsets.data();
        args.weights = m.packed + shared->weightsAt;
        args.bias = shared->hasBias ? m.data(shared->bias) : nullptr;
        args.low = shared->epilogue->low;
        args.high = shared->epilogue->high;
        for (std::int64_t n = 0; n < shared->batch; ++n) {
            args.input = m.data(shared->input) + n * shared->inputBatchStep * kernels.lanes;
            args.output = m.data(shared->output) + n * shared->outputBatchStep * kernels.lanes;
            kernels.convolve(args);
        }
    });
}

/// Rows worked on at once; with few rows a group (depthwise) one by one wastes least.
std::size_t rowBlockFor(const PlanBuilder& builder, bool uniform, std::int64_t rows) {
    return rows >= 4 ? toSize(builder.kernelsFor(uniform).rowBlock) : 1;
}

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

/// Sizes of one matrix product and how its operands lie.
struct MatrixProduct {
    std::int64_t positions, depth, rows;  ///< Result: positions x rows (or rows x positions).
    std::int64_t inputPositionStep, inputDepthStep;
    std::int64_t weightRowStep, weightDepthStep;
    std::int64_t outputRowStep, outputPositionStep;
    float alpha;
};

/// Output[p, row] = alpha sum over k of input[p, k] weights[row, k] for weights the same for all
/// images.
Product matrixProduct(PlanBuilder& builder, const Node& node, const PlanValue& weights,
                      ValueRef input, ValueRef output, const MatrixProduct& sizes) {
    Product p;
    p.input = input;
    p.output = output;
    for (std::int64_t k = 0; k < sizes.depth; ++k) {
        p.offsets.push_back(static_cast<std::int32_t>(k * sizes.inputDepthStep));
    }
    Packing packing;
    packing.rows = toSize(sizes.rows);
    packing.depth = toSize(sizes.depth);
    packing.rowBlock = rowBlockFor(builder, output.uniform, sizes.rows);
    packing.rowStep = toSize(sizes.weightRowStep);
    packing.depthStep = toSize(sizes.weightDepthStep);
    if (packing.depthStep == 1 && packing.rowStep == 1) {
        packing.rowStep = packing.depth;  // a single row or column: as if row by row
    }
    packing = builder.packWeights(node, weights, packing);
    p.weightsAt = packing.offset;
    ConvolveArgs& a = p.args;
    a.groups = 1;
    a.rows = static_cast<std::int32_t>(sizes.rows);
    a.depth = static_cast<std::int32_t>(sizes.depth);
    a.rowBlock = static_cast<std::int32_t>(packing.rowBlock);
    a.grid[0] = a.grid[1] = 1;
    a.grid[2] = static_cast<std::int32_t>(sizes.positions);
    a.gridStep[2] = sizes.inputPositionStep;
    a.rowStep = sizes.outputRowStep;
    a.positionStep = sizes.outputPositionStep;
    a.alpha = sizes.alpha;
    builder.countMacs(toSize(sizes.positions) * toSize(sizes.rows) * toSize(sizes.depth),
                      weights.parameter);
    return p;
}

void compileGemm(PlanBuilder& builder, const Node& node) {
    const PlanValue& a = builder.floatInput(node, 0);
    const PlanValue& b = builder.floatInput(node, 1);
    const bool transA = node.intOr("transA", 0) != 0;
    const bool transB = node.intOr("transB", 0) != 0;
    if (a.shape.size() != 2 || b.shape.size() != 2) {
        builder.fail(node, "the shapes " + toString(a.shape) + " and " + toString(b.shape) +
                               " are not those of matrices");
    }
    const std::int64_t positions = a.shape[transA ? 1 : 0];
    const std::int64_t depth = a.shape[transA ? 0 : 1];
    const std::int64_t rows = b.shape[transB ? 0 : 1];
    if (b.shape[transB ? 1 : 0] != depth || depth < 1 || rows < 1) {
        builder.fail(node, "the shapes " + toString(a.shape) + " and " + toString(b.shape) +
                               " don't fit together");
    }
    if (!b.uniform()) {
        builder.fail(node, "a second factor that depends on the image is not supported");
    }
    const ValueRef input = builder.refOf(a);
    const ValueRef output = builder.define(node, 0, {positions, rows}, a.uniform());
    MatrixProduct sizes{};
    sizes.positions = positions;
    sizes.depth = depth;
    sizes.rows = rows;
    sizes.inputPositionStep = transA ? 1 : depth;
    sizes.inputDepthStep = transA ? positions : 1;
    sizes.weightRowStep = transB ? depth : 1;
    sizes.weightDepthStep = transB ? 1 : rows;
    sizes.outputRowStep = 1;
    sizes.outputPositionStep = rows;
    sizes.alpha = node.floatOr("alpha", 1.0F);
    Product p = matrixProduct(builder, node, b, input, output, sizes);
    const float beta = node.floatOr("beta", 1.0F);
    if (!builder.hasInput(node, 2) || beta == 0.0F) {
        return addProduct(builder, node, p);
    }
    const PlanValue& c = builder.floatInput(node, 2);
    const Shape outputShape = {positions, rows};
    if (broadcastShape(builder, node, c.shape, outputShape) != outputShape) {
        builder.fail(node, "the summand " + toString(c.shape) + " doesn't fit a result " +
                               toString(outputShape));
    }
    if (!c.uniform() && a.uniform()) {
        builder.fail(node,
                     "a summand that depends on the image, to a product that does not, is not "
                     "supported");
    }
    const bool oneForEachRow = c.uniform() && elementCount(c.shape) == toSize(rows) &&
                               (c.shape.size() == 1 || c.shape[0] == 1) && !c.shape.empty() &&
                               c.shape.back() == rows;
    if (oneForEachRow && beta == 1.0F) {
        p.bias = builder.refOf(c);
        p.hasBias = true;
        return addProduct(builder, node, p);
    }
    // Rare forms: the product, then output + beta * summand.
    addProduct(builder, node, p);
    builder.setEpilogue(node, nullptr);
    ValueRef summand = builder.refOf(c);
    const std::vector<std::int64_t> steps = broadcastSteps(c.shape, outputShape);
    const ValueRef scaled = builder.scratch(node, c.shape, summand.uniform);
    const ValueRef factor = builder.constant({beta});
    const std::int64_t count = static_cast<std::int64_t>(elementCount(c.shape));
    const float inf = std::numeric_limits<float>::infinity();
    builder.addStep(scaled, {summand}, [=](const Memory& m) {
        kernels::BinaryArgs args{};
        args.left = m.operand(summand);
        args.right = m.operand(factor);
        args.output = m.data(scaled);
        args.axes = 1;
        args.size[0] = count;
        args.leftStep[0] = 1;
        args.op = kernels::BinaryOp::kMul;
        args.low = -inf;
        args.high = inf;
        m.kernelsOf(scaled).binary(args);
    });
    builder.addStep(output, {scaled}, [=](const Memory& m) {
        kernels::BinaryArgs args{};
        args.left = m.operand(output);
        args.right = m.operand(scaled);
        args.output = m.data(output);
        args.axes = 2;
        args.size[0] = positions;
        args.size[1] = rows;
        args.leftStep[0] = rows;
        args.leftStep[1] = 1;
        args.rightStep[0] = steps[0];
        args.rightStep[1] = steps[1];
        args.op = kernels::BinaryOp::kAdd;
        args.low = -inf;
        args.high = inf;
        m.kernelsOf(output).binary(args);
    });
}

/// Product of two tensors that both depend on the image, or that have no packed form.
void generalMatMul(PlanBuilder& builder, const Node& node, const PlanValue& a, const PlanValue& b,
                   const Shape& left, const Shape& right, const Shape& batchShape,
                   const Shape& resultShape) {
    auto leftOffsets = std::make_shared<std::vector<std::int64_t>>();
    auto rightOffsets = std::make_shared<std::vector<std::int64_t>>();
    const Shape leftBatch(left.begin(), left.end() - 2);
    const Shape rightBatch(right.begin(), right.end() - 2);
    const std::vector<std::int64_t> leftSteps = broadcastSteps(leftBatch, batchShape);
    const std::vector<std::int64_t> rightSteps = broadcastSteps(rightBatch, batchShape);
    const std::int64_t rows = left[left.size() - 2];
    const std::int64_t depth = left.back();
    const std::int64_t columns = right.back();
    for (std::size_t i = 0; i < elementCount(batchShape); ++i) {
        std::size_t rest = i;
        std::int64_t l = 0;
        std::int64_t r = 0;
        for (std::size_t axis = batchShape.size(); axis-- > 0;) {
            const std::int64_t at = static_cast<std::int64_t>(rest % toSize(batchShape[axis]));
            rest /= toSize(batchShape[axis]);
            l += at * leftSteps[axis];
            r += at * rightSteps[axis];
        }
        leftOffsets->push_back(l * rows * depth);
        rightOffsets->push_back(r * depth * columns);
    }
    const ValueRef leftRef = builder.refOf(a);
    const ValueRef rightRef = builder.refOf(b);
    const ValueRef output = builder.define(node, 0, resultShape, a.uniform() && b.uniform());
    builder.addStep(output, {leftRef, rightRef}, [=](const Memory& m) {
        kernels::MatMulArgs args{};
        args.left = m.operand(leftRef);
        args.right = m.operand(rightRef);
        args.output = m.data(output);
        args.batches = static_cast<std::int64_t>(leftOffsets->size());
        args.leftBatch = leftOffsets->data();
        args.rightBatch = rightOffsets->data();
        args.rows = rows;
        args.depth = depth;
        args.columns = columns;
        m.kernelsOf(output).matMul(args);
    });
    builder.countMacs(leftOffsets->size() * toSize(rows * depth * columns),
                      b.uniform() ? b.parameter : a.parameter);
}

void compileMatMul(PlanBuilder& builder, const Node& node) {
    const PlanValue& a = builder.floatInput(node, 0);
    const PlanValue& b = builder.floatInput(node, 1);
    if (a.shape.empty() || b.shape.empty()) {
        builder.fail(node, "a factor is a scalar");
    }
    Shape left = a.shape;
    Shape right = b.shape;
    if (left.size() == 1) {
        left.insert(left.begin(), 1);
    }
    if (right.size() == 1) {
        right.push_back(1);
    }
    const std::int64_t depth = left.back();
    const std::int64_t columns = right.back();
    if (right[right.size() - 2] != depth || depth < 1 || columns < 1) {
        builder.fail(node, "the shapes " + toString(a.shape) + " and " + toString(b.shape) +
                               " don't fit together");
    }
    const Shape batch = broadcastShape(builder, node, {left.begin(), left.end() - 2},
                                       {right.begin(), right.end() - 2});
    Shape result = batch;
    if (a.shape.size() > 1) {
        result.push_back(left[left.size() - 2]);
    }
    if (b.shape.size() > 1) {
        result.push_back(columns);
    }
    if (b.uniform() && right.size() == 2) {
        const ValueRef input = builder.refOf(a);
        const ValueRef output = builder.define(node, 0, result, a.uniform());
        MatrixProduct sizes{};
        sizes.positions = static_cast<std::int64_t>(elementCount(left)) / depth;
        sizes.depth = depth;
        sizes.rows = columns;
        sizes.inputPositionStep = depth;
        sizes.inputDepthStep = 1;
        sizes.weightRowStep = 1;
        sizes.weightDepthStep = columns;
        sizes.outputRowStep = 1;
        sizes.outputPositionStep = columns;
        sizes.alpha = 1.0F;
        return addProduct(builder, node, matrixProduct(builder, node, b, input, output, sizes));
    }
    if (a.uniform() && left.size() == 2 && right.size() == 2) {
        const ValueRef input = builder.refOf(b);
        const ValueRef output = builder.define(node, 0, result, false);
        MatrixProduct sizes{};
        sizes.positions = columns;
        sizes.depth = depth;
        sizes.rows = left[0];
        sizes.inputPositionStep = 1;
        sizes.inputDepthStep = columns;
        sizes.weightRowStep = depth;
        sizes.weightDepthStep = 1;
        sizes.outputRowStep = columns;
        sizes.outputPositionStep = 1;
        sizes.alpha = 1.0F;
        return addProduct(builder, node, matrixProduct(builder, node, a, input, output, sizes));
    }
    generalMatMul(builder, node, a, b, left, right, batch, result);
}

}  // namespace

const std::map<std::string, CompileNode>& productOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Conv", compileConv}, {"Gemm", compileGemm}, {"MatMul", compileMatMul}};
    return kOperators;
}

}  // namespace brownout
