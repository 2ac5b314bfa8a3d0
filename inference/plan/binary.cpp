// Arithmetic of two values element by element, merged into the step before where possible.

#include "inference/plan/binary.h"

#include <algorithm>
#include <limits>

#include "inference/plan/moves.h"
#include "inference/plan/parts.h"

namespace brownout {

namespace {

using kernels::BinaryOp;

/// Takes the axes of a broadcast that run alike in both operands together, so that loops are long.
struct MergedAxes {
    std::vector<std::int64_t> size, left, right;

    MergedAxes(const Shape& shape, const std::vector<std::int64_t>& leftSteps,
               const std::vector<std::int64_t>& rightSteps) {
        for (std::size_t i = 0; i < shape.size(); ++i) {
            if (shape[i] == 1) {
                continue;
            }
            const bool joins = !size.empty() && left.back() == leftSteps[i] * shape[i] &&
                               right.back() == rightSteps[i] * shape[i];
            if (joins) {
                size.back() *= shape[i];
                left.back() = leftSteps[i];
                right.back() = rightSteps[i];
            } else {
                size.push_back(shape[i]);
                left.push_back(leftSteps[i]);
                right.push_back(rightSteps[i]);
            }
        }
        if (size.empty()) {
            size.push_back(1);
            left.push_back(0);
            right.push_back(0);
        }
    }
};

/// Merges a factor or summand per channel into the normalisation that made `x`, if it is one.
bool mergeIntoNormalization(PlanBuilder& builder, const Node& node, BinaryOp op,
                            std::size_t xInput) {
    if (op != BinaryOp::kMul && op != BinaryOp::kAdd) {
        return false;
    }
    const PlanValue& x = builder.floatInput(node, xInput);
    const PlanValue& y = builder.floatInput(node, 1 - xInput);
    const bool isScale = op == BinaryOp::kMul;
    if (x.uniform() || !y.uniform() || !builder.mayMerge(node, xInput) || !x.epilogue->takesScale ||
        x.shape.size() < 3 || y.shape.size() > x.shape.size()) {
        return false;
    }
    Epilogue& epilogue = *x.epilogue;
    if (epilogue.shifted || epilogue.residual || (isScale && epilogue.scaled)) {
        return false;
    }
    const std::size_t channels = static_cast<std::size_t>(x.shape[1]);
    const std::size_t fromEnd = x.shape.size() - 1;  // channel axis, counted from the end
    if (elementCount(y.shape) != channels || y.shape.size() < fromEnd ||
        y.shape[y.shape.size() - fromEnd] != x.shape[1]) {
        return false;
    }
    std::size_t inner = 1;
    for (std::size_t i = 2; i < x.shape.size(); ++i) {
        inner *= static_cast<std::size_t>(x.shape[i]);
    }
    if (inner == 0 || epilogue.groupSize % inner != 0 ||
        (epilogue.channels != 0 && (epilogue.channels != channels || epilogue.inner != inner))) {
        return false;
    }
    epilogue.channels = channels;
    epilogue.inner = inner;
    (isScale ? epilogue.scale : epilogue.offset) = builder.refOf(y);
    (isScale ? epilogue.scaled : epilogue.shifted) = true;
    builder.defineAlias(node, 0, x, x.shape);
    return true;
}

/// Merges the sum of two activations into the step that made one of them, the later one, so that
/// the sum costs no pass of its own: the residual connections of a network.
bool mergeResidual(PlanBuilder& builder, const Node& node, BinaryOp op) {
    if (op != BinaryOp::kAdd) return false;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
        const PlanValue& x = builder.floatInput(node, i);
        const PlanValue& more = builder.floatInput(node, 1 - i);
        if (x.uniform() || more.uniform() || x.shape != more.shape || !builder.mayMerge(node, i) ||
            !x.epilogue->takesResidual || x.epilogue->residual ||
            !builder.madeBefore(builder.refOf(more), x.epilogue->step)) {
            continue;
        }
        builder.mergeResidual(node, i, builder.refOf(more));
        builder.defineAlias(node, 0, x, x.shape);
        return true;
    }
    return false;
}

/// The shape of the second operand as opset 6 has it: broadcast from `axis` on, if `broadcast` is
/// set.
Shape legacyShape(const PlanBuilder& builder, const Node& node, const Shape& a, const Shape& b) {
    if (builder.graph().opset < 7 && node.op == "PRelu" && b.size() == 1 && a.size() > 2 &&
        a[1] == b[0]) {
        Shape shape(a.size() - 1, 1);
        shape[0] = b[0];
        return shape;
    }
    if (builder.graph().opset >= 7 || !node.has("axis") || node.intOr("broadcast", 0) == 0) {
        return b;
    }
    const std::size_t axis = normalizedAxis(builder, node, node.intOr("axis", 0), a.size());
    if (axis + b.size() > a.size()) {
        builder.fail(node,
                     "the shapes " + toString(a) + " and " + toString(b) + " don't fit together");
    }
    Shape shape = b;
    shape.resize(a.size() - axis, 1);
    return shape;
}

void addBinary(PlanBuilder& builder, const Node& node, BinaryOp op, const PlanValue& a,
               const PlanValue& b, const Shape& bShape) {
    const Shape shape = broadcastShape(builder, node, a.shape, bShape);
    if (shape.size() > kernels::kMaxAxes) {
        builder.fail(node, "too many axes");
    }
    const MergedAxes axes(shape, broadcastSteps(a.shape, shape), broadcastSteps(bShape, shape));
    const ValueRef left = builder.refOf(a);
    const ValueRef right = builder.refOf(b);
    const ValueRef output = builder.define(node, 0, shape, a.uniform() && b.uniform());
    auto epilogue = std::make_shared<Epilogue>();
    builder.setEpilogue(node, epilogue);
    if (elementCount(shape) == 0) {
        return;
    }
    builder.addStep(output, {left, right}, [=](const PlanMemory& m) {
        kernels::BinaryArgs args{};
        args.left = m.operand(left);
        args.right = m.operand(right);
        args.output = m.data(output);
        args.axes = static_cast<std::int32_t>(axes.size.size());
        std::copy(axes.size.begin(), axes.size.end(), args.size);
        std::copy(axes.left.begin(), axes.left.end(), args.leftStep);
        std::copy(axes.right.begin(), axes.right.end(), args.rightStep);
        args.op = op;
        args.low = epilogue->low;
        args.high = epilogue->high;
        m.kernelsOf(output).binary(args);
    });
}

std::int64_t integerResult(const PlanBuilder& builder, const Node& node, BinaryOp op,
                           std::int64_t x, std::int64_t y) {
    std::int64_t result = 0;
    bool overflow = false;
    switch (op) {
        case BinaryOp::kAdd:
            overflow = __builtin_add_overflow(x, y, &result);
            break;
        case BinaryOp::kSub:
            overflow = __builtin_sub_overflow(x, y, &result);
            break;
        case BinaryOp::kMul:
            overflow = __builtin_mul_overflow(x, y, &result);
            break;
        case BinaryOp::kDiv:
            overflow = y == 0 || (y == -1 && x == std::numeric_limits<std::int64_t>::min());
            result = overflow ? 0 : x / y;
            break;
        case BinaryOp::kMax:
            result = std::max(x, y);
            break;
        case BinaryOp::kMin:
            result = std::min(x, y);
            break;
        case BinaryOp::kEqual:
            return x == y ? 1 : 0;
        case BinaryOp::kGreater:
            return x > y ? 1 : 0;
        case BinaryOp::kGreaterOrEqual:
            return x >= y ? 1 : 0;
        case BinaryOp::kLess:
            return x < y ? 1 : 0;
        case BinaryOp::kLessOrEqual:
            return x <= y ? 1 : 0;
        case BinaryOp::kAnd:
            return x != 0 && y != 0 ? 1 : 0;
        case BinaryOp::kOr:
            return x != 0 || y != 0 ? 1 : 0;
        case BinaryOp::kXor:
            return (x != 0) != (y != 0) ? 1 : 0;
        case BinaryOp::kKeepIf:
            return x != 0 ? y : 0;
        case BinaryOp::kKeepUnless:
            return x != 0 ? 0 : y;
        case BinaryOp::kModulo:
        case BinaryOp::kRemainder:
            overflow = y == 0 || (y == -1 && x == std::numeric_limits<std::int64_t>::min());
            result = overflow ? 0 : x % y;
            if (op == BinaryOp::kModulo && result != 0 && (result < 0) != (y < 0)) result += y;
            break;
        default:
            builder.fail(node, "integers are not supported");
    }
    if (overflow) {
        builder.fail(
            node, "the integers " + std::to_string(x) + " and " + std::to_string(y) + " overflow");
    }
    return result;
}

/// Shape arithmetic: known when the plan is made.
void compileIntegers(PlanBuilder& builder, const Node& node, BinaryOp op) {
    const std::vector<std::int64_t>& a = builder.integerInput(node, 0);
    const std::vector<std::int64_t>& b = builder.integerInput(node, 1);
    const Shape& aShape = builder.input(node, 0).shape;
    const Shape& bShape = builder.input(node, 1).shape;
    const Shape shape = broadcastShape(builder, node, aShape, bShape);
    checkSize(builder, node, shape);
    const std::vector<std::int64_t> aSteps = broadcastSteps(aShape, shape);
    const std::vector<std::int64_t> bSteps = broadcastSteps(bShape, shape);
    std::vector<std::int64_t> result;
    result.reserve(elementCount(shape));
    forEachIndex(shape, [&](const std::vector<std::int64_t>& at) {
        std::int64_t left = 0;
        std::int64_t right = 0;
        for (std::size_t axis = 0; axis < at.size(); ++axis) {
            left += at[axis] * aSteps[axis];
            right += at[axis] * bSteps[axis];
        }
        result.push_back(integerResult(builder, node, op, a[toSize(left)], b[toSize(right)]));
    });
    builder.defineIntegers(node, 0, shape, std::move(result));
}

/// Division of whole numbers before it is cut to a whole one.
void compileQuotient(PlanBuilder& builder, const Node& node) {
    const PlanValue a = builder.floatInput(node, 0);
    const PlanValue b = builder.floatInput(node, 1);
    addBinary(builder, node, BinaryOp::kDiv, a, b, b.shape);
}

/// Max, Min, Sum and Mean of one or more tensors: pair by pair.
template <BinaryOp op, bool mean>
void compileVariadic(PlanBuilder& builder, const Node& node) {
    if (node.inputs.size() == 2 && !mean) {
        return compileBinary(builder, node, op);
    }
    const PlanValue& first = builder.floatInput(node, 0);
    builder.defineAlias(node, 0, first, first.shape);
    builder.setEpilogue(node, nullptr);
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
        Node accumulated = node;
        accumulated.inputs = {node.outputs.at(0), node.inputs[i]};
        const PlanValue before = builder.floatInput(accumulated, 0);
        const PlanValue& next = builder.floatInput(accumulated, 1);
        addBinary(builder, node, op, before, next, next.shape);
    }
    if (mean) {
        const PlanValue sum = builder.floatInput({node.name, node.op, node.outputs, {}, {}}, 0);
        PlanValue count;
        count.kind = PlanValue::Kind::kUniform;
        count.at = builder.constant({static_cast<float>(node.inputs.size())}).at;
        addBinary(builder, node, BinaryOp::kDiv, sum, count, {});
    }
}

}  // namespace

void compileBinary(PlanBuilder& builder, const Node& node, BinaryOp op) {
    const bool integers[] = {builder.input(node, 0).kind == PlanValue::Kind::kInteger,
                             builder.input(node, 1).kind == PlanValue::Kind::kInteger};
    if (integers[0] && integers[1] && op != BinaryOp::kPow) {
        return compileIntegers(builder, node, op);
    }
    const PlanValue a = builder.floatInput(node, 0);
    const PlanValue b = builder.floatInput(node, 1);
    if (op == BinaryOp::kDiv && a.whole && b.whole) {
        Parts parts(builder, node);
        const std::string quotient = parts.add("Quotient", node.inputs);
        return parts.finish("Truncate", {quotient});
    }
    const Shape bShape = legacyShape(builder, node, a.shape, b.shape);
    if (bShape == b.shape && !integers[0] && !integers[1] &&
        (mergeIntoNormalization(builder, node, op, 0) ||
         mergeIntoNormalization(builder, node, op, 1) || mergeResidual(builder, node, op))) {
        return;
    }
    addBinary(builder, node, op, a, b, bShape);
    if (a.whole && b.whole) builder.setWhole(node);
}

const std::map<std::string, CompileNode>& binaryOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Add", binaryNode<BinaryOp::kAdd>},
        {"Sub", binaryNode<BinaryOp::kSub>},
        {"Mul", binaryNode<BinaryOp::kMul>},
        {"Div", binaryNode<BinaryOp::kDiv>},
        {"Pow", binaryNode<BinaryOp::kPow>},
        {"PRelu", binaryNode<BinaryOp::kPRelu>},
        {"Max", compileVariadic<BinaryOp::kMax, false>},
        {"Min", compileVariadic<BinaryOp::kMin, false>},
        {"Sum", compileVariadic<BinaryOp::kAdd, false>},
        {"Mean", compileVariadic<BinaryOp::kAdd, true>},
        {"Quotient", compileQuotient},
    };
    return kOperators;
}

}  // namespace brownout
