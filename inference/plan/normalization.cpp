// Batch and instance normalisation, reductions, softmax. A scale and offset per channel and a clamp
// behind a normalisation are merged into it later (Epilogue): that is how PyTorch exports
// GroupNorm.

#include <algorithm>
#include <cmath>
#include <limits>

#include "inference/plan/builder.h"

namespace brownout {

namespace {

using kernels::NormalizeArgs;
using kernels::ReduceOp;

/// A uniform input of exactly `count` values in one axis.
ValueRef channelInput(PlanBuilder& builder, const Node& node, std::size_t i, std::int64_t count) {
    const PlanValue& value = builder.productInput(node, i);
    if (!value.uniform()) {
        builder.fail(node, "input '" + node.input(i) + "' depends on the image");
    }
    if (value.shape != Shape{count}) {
        builder.fail(node, "input '" + node.input(i) + "' has the shape " + toString(value.shape) +
                               ", expected [" + std::to_string(count) + "]");
    }
    return builder.refOf(value);
}

struct Normalization {
    ValueRef input, output, groupScale, groupOffset, scale, offset, mean, variance;
    bool given = false;  ///< Batch normalisation: scale, offset, mean, variance; else group ones.
    std::int64_t groups = 0, groupSize = 0, groupScaleCount = 0, channels = 0, inner = 0;
    float epsilon = 0.0F;
    std::shared_ptr<Epilogue> epilogue = std::make_shared<Epilogue>();
};

void addNormalization(PlanBuilder& builder, const Node& node, const Normalization& normalization) {
    auto n = std::make_shared<const Normalization>(normalization);
    n->epilogue->takesResidual = true;
    builder.setEpilogue(node, n->epilogue);
    builder.addStep(n->output, {n->input}, [n](const PlanMemory& m) {
        const Epilogue& e = *n->epilogue;
        NormalizeArgs args{};
        args.input = m.data(n->input);
        args.output = m.data(n->output);
        args.epsilon = n->epsilon;
        args.residual = e.residualAt(m, 0);
        args.low = e.low;
        args.high = e.high;
        args.groups = n->groups;
        if (n->given) {
            args.inner = n->inner;
            args.channels = n->channels;
            args.scaleCount = n->channels;
            args.scale = m.data(n->scale);
            args.offset = m.data(n->offset);
            args.givenMean = m.data(n->mean);
            args.givenVariance = m.data(n->variance);
        } else {
            args.groupScale = m.data(n->groupScale);
            args.groupOffset = m.data(n->groupOffset);
            args.groupScaleCount = n->groupScaleCount;
            args.inner = e.inner != 0 ? static_cast<std::int64_t>(e.inner) : n->groupSize;
            args.channels = n->groupSize / args.inner;
            args.scaleCount = static_cast<std::int64_t>(e.channels);
            args.scale = e.scaled ? m.data(e.scale) : nullptr;
            args.offset = e.shifted ? m.data(e.offset) : nullptr;
        }
        m.kernelsOf(n->output).normalize(args);
    });
}

void compileBatchNormalization(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    if (node.intOr("training_mode", 0) != 0 ||
        (builder.graph().opset < 7 && node.intOr("is_test", 0) == 0)) {
        builder.fail(node, "only the inference form is supported");
    }
    for (std::size_t i = 1; i < node.outputs.size(); ++i) {
        builder.refuseRead(node, i, "reading the statistics");
    }
    if (node.intOr("spatial", 1) == 0) {
        builder.fail(node, "statistics for each element (spatial = 0) are not supported");
    }
    if (x.shape.size() < 2) {
        builder.fail(node, "the input " + toString(x.shape) + " has no channels");
    }
    Normalization n;
    n.given = true;
    n.channels = x.shape[1];
    n.groups = x.shape[0];
    n.inner = static_cast<std::int64_t>(elementCount({x.shape.begin() + 2, x.shape.end()}));
    n.input = builder.refOf(x);
    n.scale = channelInput(builder, node, 1, n.channels);
    n.offset = channelInput(builder, node, 2, n.channels);
    n.mean = channelInput(builder, node, 3, n.channels);
    n.variance = channelInput(builder, node, 4, n.channels);
    n.epsilon = node.floatOr("epsilon", 1e-5F);
    n.output = builder.define(node, 0, x.shape, x.uniform());
    addNormalization(builder, node, n);
}

void compileInstanceNormalization(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    if (x.shape.size() < 3) {
        builder.fail(node, "the input " + toString(x.shape) + " should be [N, C, axes...]");
    }
    Normalization n;
    n.groups = x.shape[0] * x.shape[1];
    n.groupSize = static_cast<std::int64_t>(elementCount({x.shape.begin() + 2, x.shape.end()}));
    if (n.groupSize == 0) {
        builder.fail(node, "the input " + toString(x.shape) + " is empty");
    }
    n.groupScaleCount = x.shape[1];
    n.input = builder.refOf(x);
    n.groupScale = channelInput(builder, node, 1, x.shape[1]);
    n.groupOffset = channelInput(builder, node, 2, x.shape[1]);
    n.epsilon = node.floatOr("epsilon", 1e-5F);
    n.epilogue->takesScale = true;
    n.epilogue->groupSize = static_cast<std::size_t>(n.groupSize);
    n.output = builder.define(node, 0, x.shape, x.uniform());
    addNormalization(builder, node, n);
}

/// Offsets of all elements along some axes of a contiguous tensor, the last axis fastest.
std::vector<std::int64_t> offsetsAlong(const Shape& shape, const std::vector<bool>& chosen) {
    const std::vector<std::int64_t> steps = stepsOf(shape);
    std::vector<std::int64_t> offsets = {0};
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (!chosen[axis]) {
            continue;
        }
        std::vector<std::int64_t> longer;
        longer.reserve(offsets.size() * static_cast<std::size_t>(shape[axis]));
        for (std::int64_t offset : offsets) {
            for (std::int64_t i = 0; i < shape[axis]; ++i) {
                longer.push_back(offset + i * steps[axis]);
            }
        }
        offsets = std::move(longer);
    }
    return offsets;
}

/// Reduces the axes that `reduced` marks.
void reduceAxes(PlanBuilder& builder, const Node& node, const std::vector<bool>& reduced,
                ReduceOp op) {
    const PlanValue& x = builder.floatInput(node, 0);
    std::vector<bool> kept = reduced;
    kept.flip();
    Shape shape;
    for (std::size_t i = 0; i < x.shape.size(); ++i) {
        if (!reduced[i]) {
            shape.push_back(x.shape[i]);
        } else if (node.intOr("keepdims", 1) != 0) {
            shape.push_back(1);
        }
    }
    if (elementCount(x.shape) == 0) {
        builder.fail(node, "the input " + toString(x.shape) + " is empty");
    }
    auto keptOffsets =
        std::make_shared<const std::vector<std::int64_t>>(offsetsAlong(x.shape, kept));
    auto reducedOffsets =
        std::make_shared<const std::vector<std::int64_t>>(offsetsAlong(x.shape, reduced));
    const ValueRef input = builder.refOf(x);
    const ValueRef output = builder.define(node, 0, shape, x.uniform());
    builder.addStep(output, {input}, [=](const PlanMemory& m) {
        m.kernelsOf(output).reduce({m.data(input), m.data(output), keptOffsets->data(),
                                    reducedOffsets->data(),
                                    static_cast<std::int64_t>(keptOffsets->size()),
                                    static_cast<std::int64_t>(reducedOffsets->size()), op});
    });
}

template <ReduceOp op>
void compileReduce(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    const std::vector<std::int64_t> axes =
        builder.hasInput(node, 1) ? builder.integerInput(node, 1) : node.intsOr("axes", {});
    if (axes.empty() && node.intOr("noop_with_empty_axes", 0) != 0) {
        return builder.defineAlias(node, 0, x, x.shape);
    }
    std::vector<bool> reduced(x.shape.size(), axes.empty());
    for (std::int64_t axis : axes) {
        reduced[normalizedAxis(builder, node, axis, x.shape.size())] = true;
    }
    reduceAxes(builder, node, reduced, op);
}

template <ReduceOp first, ReduceOp last>
void compilePlace(PlanBuilder& builder, const Node& node) {
    const std::size_t rank = builder.floatInput(node, 0).shape.size();
    std::vector<bool> reduced(rank, false);
    reduced.at(normalizedAxis(builder, node, node.intOr("axis", 0), rank)) = true;
    reduceAxes(builder, node, reduced, node.intOr("select_last_index", 0) != 0 ? last : first);
    builder.setWhole(node);
}

template <bool logarithm>
void compileSoftmax(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    if (x.shape.empty()) {
        builder.fail(node, "the input is a scalar");
    }
    // Before opset 13 all axes from `axis` on count as one.
    const bool flattens = builder.graph().opset < 13;
    const std::size_t axis =
        normalizedAxis(builder, node, node.intOr("axis", flattens ? 1 : -1), x.shape.size());
    const auto at = x.shape.begin() + static_cast<std::ptrdiff_t>(axis);
    kernels::SoftmaxArgs args{};
    args.outer = static_cast<std::int64_t>(elementCount({x.shape.begin(), at}));
    args.count = flattens ? static_cast<std::int64_t>(elementCount({at, x.shape.end()})) : *at;
    args.inner = flattens ? 1 : static_cast<std::int64_t>(elementCount({at + 1, x.shape.end()}));
    args.logarithm = logarithm;
    const ValueRef input = builder.refOf(x);
    const ValueRef output = builder.define(node, 0, x.shape, x.uniform());
    builder.addStep(output, {input}, [=](const PlanMemory& m) {
        kernels::SoftmaxArgs now = args;
        now.input = m.data(input);
        now.output = m.data(output);
        m.kernelsOf(output).softmax(now);
    });
}

}  // namespace

const std::map<std::string, CompileNode>& normalizationOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"BatchNormalization", compileBatchNormalization},
        {"InstanceNormalization", compileInstanceNormalization},
        {"ReduceMean", compileReduce<ReduceOp::kMean>},
        {"ReduceSum", compileReduce<ReduceOp::kSum>},
        {"ReduceMax", compileReduce<ReduceOp::kMax>},
        {"ReduceMin", compileReduce<ReduceOp::kMin>},
        {"ReduceProd", compileReduce<ReduceOp::kProd>},
        {"ReduceL1", compileReduce<ReduceOp::kL1>},
        {"ReduceL2", compileReduce<ReduceOp::kL2>},
        {"ReduceSumSquare", compileReduce<ReduceOp::kSumSquare>},
        {"ArgMax", compilePlace<ReduceOp::kArgMax, ReduceOp::kArgMaxLast>},
        {"ArgMin", compilePlace<ReduceOp::kArgMin, ReduceOp::kArgMinLast>},
        {"Softmax", compileSoftmax<false>},
        {"LogSoftmax", compileSoftmax<true>},
    };
    return kOperators;
}

}  // namespace brownout
