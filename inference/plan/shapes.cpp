// Operators that only rename values, and the arithmetic on shapes that exporters leave in a graph:
// with all shapes known it folds away.

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "inference/plan/moves.h"

namespace brownout {

namespace {

void compileIdentity(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    builder.defineAlias(node, 0, x, x.shape);
    if (x.kind != PlanValue::Kind::kInteger && !builder.readOnce(node.input(0))) {
        builder.setEpilogue(node, nullptr);  // others see the value: it may not be changed
    }
}

void compileDropout(PlanBuilder& builder, const Node& node) {
    if (builder.hasInput(node, 2)) {
        const std::vector<std::int64_t>& training = builder.integerInput(node, 2);
        if (training.size() != 1 || training[0] != 0) {
            builder.fail(node, "training mode is not supported");
        }
    }
    if (builder.graph().opset < 7 && node.intOr("is_test", 0) == 0) {
        builder.fail(node, "training mode is not supported");
    }
    if (builder.isRead(node, 1)) {  // the mask: all is kept
        const Shape shape = builder.input(node, 0).shape;
        builder.defineConstant(node, 1, {shape, std::vector<float>(elementCount(shape), 1.0F)});
    }
    compileIdentity(builder, node);
}

void compileConstant(PlanBuilder& builder, const Node& node) {
    for (const auto& [name, value] : node.attributes) {
        if (const auto* floats = std::get_if<FloatTensor>(&value)) {
            return builder.defineConstant(node, 0, *floats);
        }
        if (const auto* integers = std::get_if<IntTensor>(&value)) {
            return builder.defineIntegers(node, 0, integers->shape, integers->values);
        }
        if (name == "value_float") {
            return builder.defineConstant(node, 0, {{}, {node.floatOr(name, 0.0F)}});
        }
        if (name == "value_int") {
            return builder.defineIntegers(node, 0, {}, {node.intOr(name, 0)});
        }
        if (const auto* list = std::get_if<std::vector<float>>(&value)) {
            return builder.defineConstant(node, 0,
                                          {{static_cast<std::int64_t>(list->size())}, *list});
        }
        if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
            return builder.defineIntegers(node, 0, {static_cast<std::int64_t>(list->size())},
                                          *list);
        }
    }
    builder.fail(node, "this kind of constant is not supported");
}

/// Returns the batch that the file has fixed and that is run image by image, 0 if there is none.
std::int64_t batchOf(const PlanBuilder& builder) {
    const std::vector<Port>& inputs = builder.graph().inputs;
    if (inputs.size() != 1 || inputs[0].shape.empty() || inputs[0].shape[0] < 2) return 0;
    const PlanValue* image = builder.find(inputs[0].name);
    const bool oneByOne = image != nullptr && !image->shape.empty() && image->shape[0] == 1;
    return oneByOne ? inputs[0].shape[0] : 0;
}

void compileReshape(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    Shape shape =
        builder.hasInput(node, 1) ? builder.integerInput(node, 1) : node.intsOr("shape", {});
    const bool oneOfABatch = !shape.empty() && x.kind == PlanValue::Kind::kActivation &&
                             shape[0] > 1 && shape[0] == batchOf(builder) && !x.shape.empty() &&
                             x.shape[0] == 1;
    if (oneOfABatch) shape[0] = 1;  // made for a whole batch, which is run image by image
    const bool zeroIsZero = node.intOr("allowzero", 0) != 0;
    std::size_t known = 1;
    std::size_t open = shape.size();
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 0 && !zeroIsZero) {
            if (i >= x.shape.size()) {
                builder.fail(node, "shape " + toString(shape) + " copies an axis that the input " +
                                       toString(x.shape) + " doesn't have");
            }
            shape[i] = x.shape[i];
        }
        if (shape[i] == -1 && open == shape.size()) {
            open = i;
        } else if (shape[i] < 0 || shape[i] > (std::int64_t{1} << 26)) {
            builder.fail(node, "the shape " + toString(shape) + " is not possible");
        } else {
            known *= toSize(shape[i]);
            if (known > (std::size_t{1} << 30)) {
                builder.fail(node, "the shape " + toString(shape) + " is too large");
            }
        }
    }
    const std::size_t count = elementCount(x.shape);
    if (open < shape.size()) {
        if (known == 0 || count % known != 0) {
            builder.fail(node,
                         "an input " + toString(x.shape) + " can't become " + toString(shape));
        }
        shape[open] = static_cast<std::int64_t>(count / known);
    } else if (known != count) {
        builder.fail(node, "an input " + toString(x.shape) + " can't become " + toString(shape));
    }
    alias(builder, node, x, shape);
}

void compileFlatten(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::int64_t rank = static_cast<std::int64_t>(x.shape.size());
    std::int64_t axis = node.intOr("axis", 1);
    if (axis < -rank || axis > rank) {
        builder.fail(node, "axis " + std::to_string(axis) + " of an input " + toString(x.shape));
    }
    axis = axis < 0 ? axis + rank : axis;
    const auto middle = x.shape.begin() + axis;
    alias(builder, node, x,
          {static_cast<std::int64_t>(elementCount({x.shape.begin(), middle})),
           static_cast<std::int64_t>(elementCount({middle, x.shape.end()}))});
}

std::vector<std::int64_t> axesOf(const PlanBuilder& builder, const Node& node) {
    return builder.hasInput(node, 1) ? builder.integerInput(node, 1) : node.intsOr("axes", {});
}

void compileSqueeze(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::vector<std::int64_t> axes = axesOf(builder, node);
    std::vector<bool> removed(x.shape.size(), false);
    for (std::int64_t axis : axes) {
        const std::size_t i = normalizedAxis(builder, node, axis, x.shape.size());
        if (x.shape[i] != 1) {
            builder.fail(node, "axis " + std::to_string(axis) + " of an input " +
                                   toString(x.shape) + " has not the size 1");
        }
        removed[i] = true;
    }
    Shape shape;
    for (std::size_t i = 0; i < x.shape.size(); ++i) {
        if (!(axes.empty() ? x.shape[i] == 1 : removed[i])) {
            shape.push_back(x.shape[i]);
        }
    }
    alias(builder, node, x, shape);
}

void compileUnsqueeze(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::vector<std::int64_t> axes = axesOf(builder, node);
    const std::size_t rank = x.shape.size() + axes.size();
    std::vector<bool> added(rank, false);
    for (std::int64_t axis : axes) {
        const std::size_t i = normalizedAxis(builder, node, axis, rank);
        if (added[i]) {
            builder.fail(node, "axis " + std::to_string(axis) + " is named twice");
        }
        added[i] = true;
    }
    Shape shape;
    std::size_t next = 0;
    for (std::size_t i = 0; i < rank; ++i) {
        shape.push_back(added[i] ? 1 : x.shape[next++]);
    }
    alias(builder, node, x, shape);
}

void compileShape(PlanBuilder& builder, const Node& node) {
    const Shape& shape = builder.input(node, 0).shape;
    const std::int64_t rank = static_cast<std::int64_t>(shape.size());
    auto clipped = [rank](std::int64_t at) {
        return std::min(std::max<std::int64_t>(at < 0 ? at + rank : at, 0), rank);
    };
    const std::int64_t start = clipped(node.intOr("start", 0));
    const std::int64_t end = std::max(start, clipped(node.intOr("end", rank)));
    builder.defineIntegers(node, 0, {end - start}, {shape.begin() + start, shape.begin() + end});
}

void compileSize(PlanBuilder& builder, const Node& node) {
    builder.defineIntegers(node, 0, {},
                           {static_cast<std::int64_t>(elementCount(builder.input(node, 0).shape))});
}

/// Numbers from a first one on, known when the plan is made.
template <typename Number>
std::vector<Number> numbersFrom(const PlanBuilder& builder, const Node& node, Number start,
                                Number limit, Number step) {
    if (step == 0) builder.fail(node, "the step is 0");
    const double count = std::ceil((static_cast<double>(limit) - static_cast<double>(start)) /
                                   static_cast<double>(step));
    if (!(count < 1 << 22)) builder.fail(node, "the range is too long");
    std::vector<Number> values;
    for (int i = 0; i < static_cast<int>(count); ++i) {
        values.push_back(start + static_cast<Number>(i) * step);
    }
    return values;
}

void compileRange(PlanBuilder& builder, const Node& node) {
    bool integers = true;
    for (std::size_t i = 0; i < 3; ++i) {
        const PlanValue& value = builder.input(node, i);
        if (elementCount(value.shape) != 1) builder.fail(node, "a bound has several values");
        integers = integers && value.kind == PlanValue::Kind::kInteger;
    }
    if (integers) {
        auto values = numbersFrom<std::int64_t>(builder, node, builder.integerInput(node, 0)[0],
                                                builder.integerInput(node, 1)[0],
                                                builder.integerInput(node, 2)[0]);
        const auto count = static_cast<std::int64_t>(values.size());
        return builder.defineIntegers(node, 0, {count}, std::move(values));
    }
    auto values =
        numbersFrom<float>(builder, node, builder.constantInput(node, 0)[0],
                           builder.constantInput(node, 1)[0], builder.constantInput(node, 2)[0]);
    const auto count = static_cast<std::int64_t>(values.size());
    builder.defineConstant(node, 0, {{count}, std::move(values)});
}

void compileConstantOfShape(PlanBuilder& builder, const Node& node) {
    const Shape shape = builder.integerInput(node, 0);
    checkSize(builder, node, shape);
    auto found = node.attributes.find("value");
    if (found != node.attributes.end()) {
        if (const auto* value = std::get_if<IntTensor>(&found->second)) {
            if (value->values.size() == 1) {
                return builder.defineIntegers(
                    node, 0, shape,
                    std::vector<std::int64_t>(elementCount(shape), value->values[0]));
            }
        }
        const auto* value = std::get_if<FloatTensor>(&found->second);
        if (value == nullptr || value->values.size() != 1) {
            builder.fail(node, "the value is not a single number");
        }
        return builder.defineConstant(
            node, 0, {shape, std::vector<float>(elementCount(shape), value->values[0])});
    }
    builder.defineConstant(node, 0, {shape, std::vector<float>(elementCount(shape), 0.0F)});
}

}  // namespace

const std::map<std::string, CompileNode>& shapeOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Identity", compileIdentity},
        {"Dropout", compileDropout},
        {"Constant", compileConstant},
        {"Reshape", compileReshape},
        {"Flatten", compileFlatten},
        {"Squeeze", compileSqueeze},
        {"Unsqueeze", compileUnsqueeze},
        {"Shape", compileShape},
        {"Size", compileSize},
        {"Range", compileRange},
        {"ConstantOfShape", compileConstantOfShape},
    };
    return kOperators;
}

}  // namespace brownout
