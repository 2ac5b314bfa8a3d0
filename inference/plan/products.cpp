// Gemm and MatMul: like convolutions they become kernels::ConvolveArgs with packed weights, where
// one operand is the same for all images; products of two activations have a kernel of their own.

#include "inference/plan/products.h"

#include <limits>

#include "base/processor.h"
#include "inference/plan/pooled_rows.h"

namespace brownout {

using kernels::ConvolveArgs;

namespace {

/// Makes room for the scratch memory of a kernel, if it wants any.
std::optional<ValueRef> scratchFor(PlanBuilder& builder, const Node& node, const Product& product) {
    const kernels::Kernels& kernels = builder.kernelsFor(product.output.uniform);
    ConvolveArgs args = product.args;
    args.offsets = product.offsets.data();
    const std::int64_t floats = kernels.convolveScratch(args, halvesWideVectors());
    if (floats == 0) return std::nullopt;
    return builder.scratch(node, {(floats + kernels.lanes - 1) / kernels.lanes},
                           product.output.uniform);
}

/// Tells how a product makes rows of planes, if it can. With scratch memory it makes those of all
/// channels at a time, which share what is there.
std::optional<MadeInRows> madeInRows(const Product& product, bool withScratch) {
    const ConvolveArgs& a = product.args;
    if (product.inputChannels == 0 || product.batch != 1 || a.groups != 1 || a.grid[0] != 1 ||
        a.positionStep != 1 || product.output.uniform) {
        return std::nullopt;
    }
    return MadeInRows{a.rows, a.grid[1], a.grid[2], withScratch ? a.rows : a.rowBlock,
                      a.gridStep[1] * product.inputChannels};
}

}  // namespace

void addProduct(PlanBuilder& builder, const Node& node, const Product& product) {
    auto shared = std::make_shared<const Product>(product);
    shared->epilogue->takesResidual = true;
    const std::optional<ValueRef> scratch = scratchFor(builder, node, product);
    shared->epilogue->inRows = madeInRows(product, scratch.has_value());
    std::vector<ValueRef> uses = {product.input};
    if (scratch) uses.push_back(*scratch);
    builder.setEpilogue(node, product.epilogue);
    builder.addStep(product.output, uses, [shared, scratch](const PlanMemory& m) {
        const kernels::Kernels& kernels = m.kernelsOf(shared->output);
        ConvolveArgs args = shared->args;
        args.offsets = shared->offsets.data();
        args.weights = m.packed + shared->weightsAt;
        args.bias = shared->hasBias ? m.data(shared->bias) : nullptr;
        args.scratch = scratch ? m.data(*scratch) : nullptr;
        args.low = shared->epilogue->low;
        args.high = shared->epilogue->high;
        for (std::int64_t n = 0; n < shared->batch; ++n) {
            args.input = m.data(shared->input) + n * shared->inputBatchStep * kernels.lanes;
            args.output = m.data(shared->output) + n * shared->outputBatchStep * kernels.lanes;
            if (shared->epilogue->pooled) {
                const PooledRows& pooled = *shared->epilogue->pooled;
                convolveAndPool(kernels, args, pooled, m.data(pooled.output));
                continue;
            }
            args.residual = shared->epilogue->residualAt(m, n * shared->outputBatchStep);
            kernels.convolve(args);
        }
    });
}

std::size_t rowBlockFor(const PlanBuilder& builder, bool uniform, std::int64_t rows) {
    return rows >= 4 ? toSize(builder.kernelsFor(uniform).rowBlock) : 1;
}

namespace {

/// Returns the sizes of `groups` products of positions x depth with depth x rows elements.
ProductShape matrixShape(std::size_t groups, std::int64_t positions, std::int64_t depth,
                         std::int64_t rows) {
    ProductShape product;
    product.groups = groups;
    product.channels = toSize(depth);
    product.filters = toSize(rows);
    product.in[2] = product.out[2] = toSize(positions);
    return product;
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
    builder.countProduct(matrixShape(1, sizes.positions, sizes.depth, sizes.rows),
                         weights.parameter);
    return p;
}

/// Adds the steps output += beta * c, with c broadcast to the output.
void addSummand(PlanBuilder& builder, const Node& node, const PlanValue& c, float beta,
                ValueRef output, const Shape& outputShape) {
    ValueRef summand = builder.refOf(c);
    const std::vector<std::int64_t> steps = broadcastSteps(c.shape, outputShape);
    const ValueRef scaled = builder.scratch(node, c.shape, summand.uniform);
    const ValueRef factor = builder.constant({beta});
    const std::int64_t count = static_cast<std::int64_t>(elementCount(c.shape));
    const float inf = std::numeric_limits<float>::infinity();
    builder.addStep(scaled, {summand}, [=](const PlanMemory& m) {
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
    builder.addStep(output, {scaled}, [=](const PlanMemory& m) {
        kernels::BinaryArgs args{};
        args.left = m.operand(output);
        args.right = m.operand(scaled);
        args.output = m.data(output);
        args.axes = 2;
        args.size[0] = outputShape[0];
        args.size[1] = outputShape[1];
        args.leftStep[0] = outputShape[1];
        args.leftStep[1] = 1;
        args.rightStep[0] = steps[0];
        args.rightStep[1] = steps[1];
        args.op = kernels::BinaryOp::kAdd;
        args.low = -inf;
        args.high = inf;
        m.kernelsOf(output).binary(args);
    });
}

void compileGemm(PlanBuilder& builder, const Node& node) {
    const PlanValue& a = builder.productInput(node, 0);
    const PlanValue& b = builder.productInput(node, 1);
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
    const PlanValue& c = builder.productInput(node, 2);
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
    addSummand(builder, node, c, beta, output, outputShape);
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
    builder.addStep(output, {leftRef, rightRef}, [=](const PlanMemory& m) {
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
    ProductShape product = matrixShape(leftOffsets->size(), rows, depth, columns);
    product.fixedWeights = a.uniform() || b.uniform();
    builder.countProduct(product, b.uniform() ? b.parameter : a.parameter);
}

void compileMatMul(PlanBuilder& builder, const Node& node) {
    const PlanValue& a = builder.productInput(node, 0);
    const PlanValue& b = builder.productInput(node, 1);
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
    static const std::map<std::string, CompileNode> kOperators = {{"Gemm", compileGemm},
                                                                  {"MatMul", compileMatMul}};
    return kOperators;
}

}  // namespace brownout
