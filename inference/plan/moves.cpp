// Operators that move values: each output element is one input element, or a fill value.

#include "inference/plan/moves.h"

#include <algorithm>
#include <limits>
#include <memory>

namespace brownout {

void rearrange(PlanBuilder& builder, const Node& node, std::size_t output, const PlanValue& x,
               const Shape& shape, std::vector<std::int32_t> table, float fill) {
    if (x.kind == PlanValue::Kind::kInteger) {
        std::vector<std::int64_t> values;
        values.reserve(table.size());
        for (std::int32_t from : table) {
            values.push_back(from < 0 ? static_cast<std::int64_t>(fill) : x.integers[toSize(from)]);
        }
        return builder.defineIntegers(node, output, shape, std::move(values));
    }
    const ValueRef input = builder.refOf(x);
    const ValueRef result = builder.define(node, output, shape, x.uniform());
    auto shared = std::make_shared<const std::vector<std::int32_t>>(std::move(table));
    builder.addStep(result, {input}, [=](const PlanMemory& m) {
        m.kernelsOf(result).gather({m.operand(input), m.data(result), shared->data(),
                                    static_cast<std::int64_t>(shared->size()), fill});
    });
}

std::vector<std::int32_t> tableOf(const PlanBuilder& builder, const Node& node, const Shape& shape,
                                  const std::vector<std::int64_t>& steps, std::int64_t start) {
    return tableBy(builder, node, shape, [&](const std::vector<std::int64_t>& at) {
        std::int64_t from = start;
        for (std::size_t axis = 0; axis < at.size(); ++axis) from += at[axis] * steps[axis];
        return from;
    });
}

void alias(PlanBuilder& builder, const Node& node, const PlanValue& x, const Shape& shape) {
    builder.defineAlias(node, 0, x, shape);
    if (x.kind != PlanValue::Kind::kInteger && !builder.readOnce(node.input(0))) {
        builder.setEpilogue(node, nullptr);
    }
}

namespace {

void compileTranspose(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::size_t rank = x.shape.size();
    std::vector<std::int64_t> order;
    for (std::size_t i = rank; i-- > 0;) {
        order.push_back(static_cast<std::int64_t>(i));
    }
    order = node.intsOr("perm", order);
    std::vector<bool> seen(rank, false);
    const std::vector<std::int64_t> inputSteps = stepsOf(x.shape);
    Shape shape;
    std::vector<std::int64_t> steps;
    for (std::int64_t axis : order) {
        if (axis < 0 || toSize(axis) >= rank || seen[toSize(axis)] || order.size() != rank) {
            builder.fail(node, "perm " + toString(order) + " is no order of the axes of " +
                                   toString(x.shape));
        }
        seen[toSize(axis)] = true;
        shape.push_back(x.shape[toSize(axis)]);
        steps.push_back(inputSteps[toSize(axis)]);
    }
    if (order.size() != rank) {
        builder.fail(node, "perm has " + std::to_string(order.size()) + " axes, the input " +
                               std::to_string(rank));
    }
    rearrange(builder, node, 0, x, shape, tableOf(builder, node, shape, steps, 0));
}

void concatIntegers(PlanBuilder& builder, const Node& node) {
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const std::vector<std::int64_t>& next = builder.integerInput(node, i);
        if (builder.input(node, i).shape.size() != 1) {
            builder.fail(node, "integers of more than one axis are not supported");
        }
        values.insert(values.end(), next.begin(), next.end());
    }
    const Shape shape = {static_cast<std::int64_t>(values.size())};
    builder.defineIntegers(node, 0, shape, std::move(values));
}

void compileConcat(PlanBuilder& builder, const Node& node) {
    const PlanValue& first = builder.input(node, 0);
    if (first.kind == PlanValue::Kind::kInteger) {
        return concatIntegers(builder, node);
    }
    const std::size_t axis =
        normalizedAxis(builder, node, node.intOr("axis", 1), first.shape.size());
    Shape shape = first.shape;
    shape[axis] = 0;
    bool uniform = true;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const PlanValue& x = builder.floatInput(node, i);
        Shape same = x.shape;
        if (same.size() == shape.size()) {
            same[axis] = first.shape[axis];
        }
        if (same != first.shape) {
            builder.fail(node, "the shapes " + toString(first.shape) + " and " + toString(x.shape) +
                                   " don't fit together");
        }
        shape[axis] += x.shape[axis];
        uniform = uniform && x.uniform();
    }
    const auto at = shape.begin() + static_cast<std::ptrdiff_t>(axis);
    checkSize(builder, node, shape);
    const std::int64_t outer = static_cast<std::int64_t>(elementCount({shape.begin(), at}));
    const std::int64_t inner = static_cast<std::int64_t>(elementCount({at + 1, shape.end()}));
    const std::int64_t whole = shape[axis] * inner;
    std::vector<ValueRef> inputs;
    std::vector<std::int64_t> parts;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        inputs.push_back(builder.refOfInput(node, i));
        parts.push_back(builder.floatInput(node, i).shape[axis] * inner);
    }
    const ValueRef output = builder.define(node, 0, shape, uniform);
    // Parts that follow each other in memory are made where they belong; what is left is copied.
    std::vector<bool> inPlace;
    std::int64_t placed = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        inPlace.push_back(outer == 1 &&
                          builder.nest(inputs[i], output, toSize(placed), toSize(parts[i])));
        placed += parts[i];
    }
    if (std::find(inPlace.begin(), inPlace.end(), false) == inPlace.end()) return;
    builder.addStep(output, inputs, [=](const PlanMemory& m) {
        const kernels::Kernels& kernels = m.kernelsOf(output);
        std::int64_t begin = 0;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (inPlace[i]) {
                begin += parts[i];
                continue;
            }
            kernels::Operand from = m.operand(inputs[i]);
            const std::int64_t lanes = from.uniform ? 1 : kernels.lanes;
            for (std::int64_t o = 0; o < outer; ++o) {
                kernels.gather({{from.data + o * parts[i] * lanes, from.uniform},
                                m.data(output) + (o * whole + begin) * kernels.lanes,
                                nullptr,
                                parts[i],
                                0.0F});
            }
            begin += parts[i];
        }
    });
}

void compileGather(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::vector<std::int64_t>& indices = builder.integerInput(node, 1);
    const Shape& indexShape = builder.input(node, 1).shape;
    const std::size_t axis = normalizedAxis(builder, node, node.intOr("axis", 0), x.shape.size());
    const std::int64_t size = x.shape[axis];
    const auto at = x.shape.begin() + static_cast<std::ptrdiff_t>(axis);
    const std::int64_t outer = static_cast<std::int64_t>(elementCount({x.shape.begin(), at}));
    const std::int64_t inner = static_cast<std::int64_t>(elementCount({at + 1, x.shape.end()}));
    Shape shape(x.shape.begin(), at);
    shape.insert(shape.end(), indexShape.begin(), indexShape.end());
    shape.insert(shape.end(), at + 1, x.shape.end());
    checkSize(builder, node, shape);
    std::vector<std::int32_t> table;
    table.reserve(elementCount(shape));
    for (std::int64_t o = 0; o < outer; ++o) {
        for (std::int64_t index : indices) {
            if (index < -size || index >= size) {
                builder.fail(node, "index " + std::to_string(index) + " of an axis of size " +
                                       std::to_string(size));
            }
            const std::int64_t from = (o * size + (index < 0 ? index + size : index)) * inner;
            for (std::int64_t i = 0; i < inner; ++i) {
                table.push_back(static_cast<std::int32_t>(from + i));
            }
        }
    }
    rearrange(builder, node, 0, x, shape, std::move(table));
}

void compileSlice(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const bool asInputs = builder.hasInput(node, 1);
    const std::vector<std::int64_t> starts =
        asInputs ? builder.integerInput(node, 1) : node.intsOr("starts", {});
    const std::vector<std::int64_t> ends =
        asInputs ? builder.integerInput(node, 2) : node.intsOr("ends", {});
    std::vector<std::int64_t> axes;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        axes.push_back(static_cast<std::int64_t>(i));
    }
    axes = builder.hasInput(node, 3) ? builder.integerInput(node, 3) : node.intsOr("axes", axes);
    const std::vector<std::int64_t> strides = builder.hasInput(node, 4)
                                                  ? builder.integerInput(node, 4)
                                                  : std::vector<std::int64_t>(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() ||
        strides.size() != starts.size()) {
        builder.fail(node, "starts, ends, axes and steps differ in length");
    }
    Shape shape = x.shape;
    std::vector<std::int64_t> steps = stepsOf(x.shape);
    std::int64_t origin = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t axis = normalizedAxis(builder, node, axes[i], x.shape.size());
        const std::int64_t size = x.shape[axis];
        // A stride beyond the axis takes one element, as does one of just its size.
        const std::int64_t stride = std::min(std::max(strides[i], -std::max<std::int64_t>(size, 1)),
                                             std::max<std::int64_t>(size, 1));
        if (strides[i] == 0) {
            builder.fail(node, "a step of 0");
        }
        const std::int64_t lowest = stride > 0 ? 0 : -1;
        const std::int64_t highest = stride > 0 ? size : size - 1;
        auto clipped = [size, lowest, highest](std::int64_t at, std::int64_t least) {
            return std::min(
                std::max(at < 0 && at >= -size ? at + size : (at < 0 ? least : at), least),
                highest);
        };
        const std::int64_t start = clipped(starts[i], stride > 0 ? 0 : (size > 0 ? 0 : -1));
        const std::int64_t end = clipped(ends[i], lowest);
        const std::int64_t length =
            stride > 0 ? (end - start + stride - 1) / stride : (start - end - stride - 1) / -stride;
        shape[axis] = std::max<std::int64_t>(0, length);
        origin += start * steps[axis];
        steps[axis] *= stride;
    }
    rearrange(builder, node, 0, x, shape, tableOf(builder, node, shape, steps, origin));
}

void compileSplit(PlanBuilder& builder, const Node& node) {
    const PlanValue x = builder.input(node, 0);
    const std::size_t axis = normalizedAxis(builder, node, node.intOr("axis", 0), x.shape.size());
    const std::int64_t count = static_cast<std::int64_t>(node.outputs.size());
    std::vector<std::int64_t> parts =
        builder.hasInput(node, 1) ? builder.integerInput(node, 1) : node.intsOr("split", {});
    // In equal parts; of what doesn't divide, the last is smaller.
    const std::int64_t size = (x.shape[axis] + count - 1) / count;
    for (std::int64_t i = 0; parts.size() < toSize(count) && !builder.hasInput(node, 1); ++i) {
        if (node.has("split")) break;
        parts.push_back(std::max<std::int64_t>(0, std::min(size, x.shape[axis] - i * size)));
    }
    std::int64_t total = 0;
    for (std::int64_t part : parts) {
        total += part >= 0 && part <= x.shape[axis] ? part : x.shape[axis] + 1;
    }
    if (parts.size() != node.outputs.size() || total != x.shape[axis]) {
        builder.fail(node,
                     "an input " + toString(x.shape) + " can't be split in " + toString(parts));
    }
    const std::vector<std::int64_t> steps = stepsOf(x.shape);
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Shape shape = x.shape;
        shape[axis] = parts[i];
        rearrange(builder, node, i, x, shape,
                  tableOf(builder, node, shape, steps, begin * steps[axis]));
        begin += parts[i];
    }
}

void compileExpand(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::vector<std::int64_t>& target = builder.integerInput(node, 1);
    for (std::int64_t size : target) {
        if (size < 0) {
            builder.fail(node, "the shape " + toString(target) + " is not possible");
        }
    }
    const Shape shape = broadcastShape(builder, node, x.shape, target);
    rearrange(builder, node, 0, x, shape,
              tableOf(builder, node, shape, broadcastSteps(x.shape, shape), 0));
}

}  // namespace

const std::map<std::string, CompileNode>& movingOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Transpose", compileTranspose}, {"Concat", compileConcat}, {"Gather", compileGather},
        {"Slice", compileSlice},         {"Split", compileSplit},   {"Expand", compileExpand},
    };
    return kOperators;
}

}  // namespace brownout
