// Normalisations that are made of others: over layers and groups, of roots of squares, across
// channels.

#include <algorithm>
#include <numeric>

#include "inference/plan/parts.h"

namespace brownout {

namespace {

std::string reshaped(Parts& parts, const std::string& value, const Shape& shape) {
    return parts.add("Reshape", {value, parts.constant(shape)});
}

/// Normalises each of `groups` runs of elements by its mean and variance; returns the name of a
/// value of the input's shape.
std::string normalizedRuns(Parts& parts, const Node& node, const Shape& shape,
                           std::int64_t groups) {
    const auto size = static_cast<std::int64_t>(elementCount(shape)) / groups;
    const std::string runs = reshaped(parts, node.inputs[0], {1, groups, size});
    const auto count = static_cast<std::size_t>(groups);
    const std::string ones = parts.constant(FloatTensor{{groups}, std::vector<float>(count, 1.0F)});
    const std::string zeros =
        parts.constant(FloatTensor{{groups}, std::vector<float>(count, 0.0F)});
    const std::string normalized = parts.add("InstanceNormalization", {runs, ones, zeros},
                                             {{"epsilon", node.floatOr("epsilon", 1e-5F)}});
    return parts.onceRead(reshaped(parts, parts.onceRead(normalized), shape));
}

void compileLayerNormalization(PlanBuilder& builder, const Node& node) {
    const Shape shape = builder.floatInput(node, 0).shape;
    const std::size_t axis = normalizedAxis(builder, node, node.intOr("axis", -1), shape.size());
    const Shape outer(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis));
    if (elementCount(shape) == 0) builder.fail(node, "the input " + toString(shape) + " is empty");
    Parts parts(builder, node);
    std::vector<std::int64_t> axes(shape.size() - axis);
    std::iota(axes.begin(), axes.end(), static_cast<std::int64_t>(axis));
    const std::string along = parts.constant(axes);
    if (builder.isRead(node, 1)) parts.finish("ReduceMean", {node.inputs[0], along}, {}, 1);
    if (builder.isRead(node, 2)) {
        const std::string mean = parts.add("ReduceMean", {node.inputs[0], along});
        const std::string centred = parts.add("Sub", {node.inputs[0], mean});
        const std::string squares = parts.add("Mul", {centred, centred});
        const std::string variance = parts.add("ReduceMean", {squares, along});
        const std::string shifted =
            parts.add("Add", {variance, parts.constant(node.floatOr("epsilon", 1e-5F))});
        parts.finish("Reciprocal", {parts.add("Sqrt", {shifted})}, {}, 2);
    }
    std::string value =
        normalizedRuns(parts, node, shape, static_cast<std::int64_t>(elementCount(outer)));
    value = parts.add("Mul", {value, node.input(1)});
    if (!builder.hasInput(node, 2)) return parts.finish("Identity", {value});
    parts.finish("Add", {value, node.inputs[2]});
}

void compileGroupNormalization(PlanBuilder& builder, const Node& node) {
    const Shape shape = builder.floatInput(node, 0).shape;
    const std::int64_t groups = node.intOr("num_groups", 0);
    if (shape.size() < 2 || groups < 1 || shape[1] % groups != 0 || elementCount(shape) == 0) {
        builder.fail(node,
                     std::to_string(groups) + " groups don't fit an input " + toString(shape));
    }
    Parts parts(builder, node);
    std::string value = normalizedRuns(parts, node, shape, shape[0] * groups);
    for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        const auto count =
            static_cast<std::int64_t>(elementCount(builder.floatInput(node, i).shape));
        Shape channels(shape.size() - 1, 1);
        channels[0] = shape[1];
        std::string factor = node.inputs[i];
        if (count == groups && groups != shape[1]) {
            // Before opset 21 there is one for each group.
            factor = parts.add("Expand", {reshaped(parts, factor, {groups, 1}),
                                          parts.constant(Shape{groups, shape[1] / groups})});
        } else if (count != shape[1]) {
            builder.fail(node, "input " + std::to_string(i) + " has " + std::to_string(count) +
                                   " values for " + std::to_string(shape[1]) + " channels");
        }
        const std::string op = i == 1 ? "Mul" : "Add";
        const std::vector<std::string> inputs = {value, reshaped(parts, factor, channels)};
        if (i == 1) {
            value = parts.onceRead(parts.add(op, inputs));
        } else {
            parts.finish(op, inputs);
        }
    }
}

void compileRmsNormalization(PlanBuilder& builder, const Node& node) {
    const Shape shape = builder.floatInput(node, 0).shape;
    const std::size_t axis = normalizedAxis(builder, node, node.intOr("axis", -1), shape.size());
    std::vector<std::int64_t> axes(shape.size() - axis);
    std::iota(axes.begin(), axes.end(), static_cast<std::int64_t>(axis));
    Parts parts(builder, node);
    const std::string squares = parts.add("Mul", {node.inputs[0], node.inputs[0]});
    const std::string mean = parts.add("ReduceMean", {squares, parts.constant(axes)});
    const std::string shifted =
        parts.add("Add", {mean, parts.constant(node.floatOr("epsilon", 1e-5F))});
    const std::string value = parts.add("Div", {node.inputs[0], parts.add("Sqrt", {shifted})});
    parts.finish("Mul", {value, node.input(1)});
}

/// Divides by a power of the squares of `size` channels around each.
void compileLrn(PlanBuilder& builder, const Node& node) {
    const Shape shape = builder.floatInput(node, 0).shape;
    const std::int64_t size = node.intOr("size", 0);
    if (shape.size() < 2 || size < 1 || size > 10'000) {
        builder.fail(
            node, "a size of " + std::to_string(size) + " doesn't fit an input " + toString(shape));
    }
    Parts parts(builder, node);
    const std::string squares = parts.add("Mul", {node.inputs[0], node.inputs[0]});
    std::vector<std::int64_t> pads(2 * shape.size(), 0);
    pads[1] = (size - 1) / 2;
    pads[shape.size() + 1] = size - 1 - pads[1];
    const std::string padded = parts.add("Pad", {squares, parts.constant(pads)});
    std::string sum;
    for (std::int64_t i = 0; i < size; ++i) {
        const std::string part =
            parts.add("Slice", {padded, parts.constant(Shape{i}),
                                parts.constant(Shape{i + shape[1]}), parts.constant(Shape{1})});
        sum = i == 0 ? part : parts.add("Add", {sum, part});
    }
    const float factor = node.floatOr("alpha", 1e-4F) / static_cast<float>(size);
    const std::string scaled = parts.add("Mul", {sum, parts.constant(factor)});
    const std::string base = parts.add("Add", {scaled, parts.constant(node.floatOr("bias", 1.0F))});
    const std::string power = parts.add("Pow", {base, parts.constant(node.floatOr("beta", 0.75F))});
    parts.finish("Div", {node.inputs[0], power});
}

void compileMeanVariance(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    Parts parts(builder, node);
    const std::string axes = parts.constant(node.intsOr("axes", {0, 2, 3}));
    const std::string mean = parts.add("ReduceMean", {node.inputs[0], axes});
    const std::string centred = parts.add("Sub", {node.inputs[0], mean});
    const std::string squares = parts.add("Mul", {centred, centred});
    const std::string variance = parts.add("ReduceMean", {squares, axes});
    const std::string deviation =
        parts.add("Add", {parts.add("Sqrt", {variance}), parts.constant(1e-9F)});
    parts.finish("Div", {centred, deviation});
}

void compileLpNormalization(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    const std::int64_t p = node.intOr("p", 2);
    if (p != 1 && p != 2) builder.fail(node, "a norm of order " + std::to_string(p));
    Parts parts(builder, node);
    const std::string axis = parts.constant(Shape{node.intOr("axis", -1)});
    const std::string norm = parts.add(p == 1 ? "ReduceL1" : "ReduceL2", {node.inputs[0], axis});
    parts.finish("Div", {node.inputs[0], norm});
}

/// The logarithm of a sum, or of a sum of exponentials, which the largest of them keeps finite.
void compileReduceLogSum(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    Parts parts(builder, node);
    std::vector<std::string> inputs = node.inputs;
    const Parts::Attributes attributes = node.attributes;
    if (node.op == "ReduceLogSum") {
        return parts.finish("Log", {parts.add("ReduceSum", inputs, attributes)});
    }
    Parts::Attributes keeping = attributes;
    keeping["keepdims"] = std::int64_t{1};
    const std::string largest = parts.add("ReduceMax", inputs, keeping);
    inputs[0] = parts.add("Exp", {parts.add("Sub", {node.inputs[0], largest})});
    const std::string sum = parts.add("Log", {parts.add("ReduceSum", inputs, attributes)});
    inputs[0] = node.inputs[0];
    parts.finish("Add", {sum, parts.add("ReduceMax", inputs, attributes)});
}

}  // namespace

const std::map<std::string, CompileNode>& layerNormalizationOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"LayerNormalization", compileLayerNormalization},
        {"GroupNormalization", compileGroupNormalization},
        {"RMSNormalization", compileRmsNormalization},
        {"LRN", compileLrn},
        {"MeanVarianceNormalization", compileMeanVariance},
        {"LpNormalization", compileLpNormalization},
        {"ReduceLogSum", compileReduceLogSum},
        {"ReduceLogSumExp", compileReduceLogSum},
    };
    return kOperators;
}

}  // namespace brownout
