// Functions of one or two values element by element, merged into the step before where possible.

#include <algorithm>
#include <cmath>
#include <limits>

#include "inference/plan/moves.h"
#include "inference/plan/parts.h"

namespace brownout {

namespace {

using kernels::BinaryOp;
using kernels::UnaryOp;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// True if the step that made the value of input `i` may be changed: nobody else sees the value.
bool mayMerge(const PlanBuilder& builder, const Node& node, std::size_t i, const PlanValue& value) {
    return value.epilogue != nullptr && !value.epilogue->clamped && builder.readOnce(node.input(i));
}

void compileClamp(PlanBuilder& builder, const Node& node, float low, float high) {
    const PlanValue& x = builder.floatInput(node, 0);
    if (mayMerge(builder, node, 0, x)) {
        x.epilogue->low = low;
        x.epilogue->high = high;
        x.epilogue->clamped = true;
        return builder.defineAlias(node, 0, x, x.shape);
    }
    const ValueRef input = builder.refOf(x);
    const ValueRef output = builder.define(node, 0, x.shape, x.uniform());
    const std::int64_t count = static_cast<std::int64_t>(elementCount(x.shape));
    builder.addStep(output, {input}, [=](const PlanMemory& m) {
        m.kernelsOf(output).unary(
            {m.data(input), m.data(output), count, UnaryOp::kClamp, low, high});
    });
}

void compileRelu(PlanBuilder& builder, const Node& node) {
    compileClamp(builder, node, 0.0F, kInfinity);
}

float clipBound(PlanBuilder& builder, const Node& node, std::size_t i, const std::string& attribute,
                float fallback) {
    if (!builder.hasInput(node, i)) {
        return node.floatOr(attribute, fallback);
    }
    const std::vector<float>& values = builder.constantInput(node, i);
    if (values.size() != 1) {
        builder.fail(node, "a bound has " + std::to_string(values.size()) + " values, expected 1");
    }
    return values[0];
}

void compileClip(PlanBuilder& builder, const Node& node) {
    const float low = clipBound(builder, node, 1, "min", -kInfinity);
    const float high = clipBound(builder, node, 2, "max", kInfinity);
    compileClamp(builder, node, low, high);
}

void negateIntegers(PlanBuilder& builder, const Node& node) {
    std::vector<std::int64_t> values = builder.integerInput(node, 0);
    for (std::int64_t& value : values) {
        if (value == std::numeric_limits<std::int64_t>::min()) {
            builder.fail(node, "an integer overflows");
        }
        value = -value;
    }
    builder.defineIntegers(node, 0, builder.input(node, 0).shape, std::move(values));
}

template <UnaryOp op>
void compileUnary(PlanBuilder& builder, const Node& node) {
    float alpha = 0.0F;
    float beta = 0.0F;
    if (op == UnaryOp::kLeakyRelu) {
        alpha = node.floatOr("alpha", 0.01F);
    } else if (op == UnaryOp::kHardSigmoid) {
        alpha = node.floatOr("alpha", 0.2F);
        beta = node.floatOr("beta", 0.5F);
    } else if (op == UnaryOp::kElu || op == UnaryOp::kCelu || op == UnaryOp::kSwish ||
               op == UnaryOp::kThresholdedRelu) {
        alpha = node.floatOr("alpha", 1.0F);
    } else if (op == UnaryOp::kShrink) {
        alpha = node.floatOr("bias", 0.0F);
        beta = node.floatOr("lambd", 0.5F);
    } else if (op == UnaryOp::kIsInf) {
        alpha = static_cast<float>(node.intOr("detect_negative", 1));
        beta = static_cast<float>(node.intOr("detect_positive", 1));
    } else if (op == UnaryOp::kSelu) {
        alpha = node.floatOr("alpha", 1.67326319217681884765625F);
        beta = node.floatOr("gamma", 1.05070102214813232421875F);
    }
    if (op == UnaryOp::kNeg && builder.input(node, 0).kind == PlanValue::Kind::kInteger) {
        return negateIntegers(builder, node);
    }
    const PlanValue& x = builder.floatInput(node, 0);
    const ValueRef input = builder.refOf(x);
    const ValueRef output = builder.define(node, 0, x.shape, x.uniform());
    const std::int64_t count = static_cast<std::int64_t>(elementCount(x.shape));
    builder.addStep(output, {input}, [=](const PlanMemory& m) {
        m.kernelsOf(output).unary({m.data(input), m.data(output), count, op, alpha, beta});
    });
}

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
    if (x.uniform() || !y.uniform() || !mayMerge(builder, node, xInput, x) ||
        !x.epilogue->takesScale || x.shape.size() < 3 || y.shape.size() > x.shape.size()) {
        return false;
    }
    Epilogue& epilogue = *x.epilogue;
    if (epilogue.shifted || (isScale && epilogue.scaled)) {
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

template <BinaryOp op>
void compileBinary(PlanBuilder& builder, const Node& node) {
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
         mergeIntoNormalization(builder, node, op, 1))) {
        return;
    }
    addBinary(builder, node, op, a, b, bShape);
    if (a.whole && b.whole) builder.setWhole(node);
}

/// Division of whole numbers before it is cut to a whole one.
void compileQuotient(PlanBuilder& builder, const Node& node) {
    const PlanValue a = builder.floatInput(node, 0);
    const PlanValue b = builder.floatInput(node, 1);
    addBinary(builder, node, BinaryOp::kDiv, a, b, b.shape);
}

void compileTruncate(PlanBuilder& builder, const Node& node) {
    compileUnary<UnaryOp::kTruncate>(builder, node);
    builder.setWhole(node);
}

void compileModulo(PlanBuilder& builder, const Node& node) {
    if (node.intOr("fmod", 0) != 0) return compileBinary<BinaryOp::kRemainder>(builder, node);
    compileBinary<BinaryOp::kModulo>(builder, node);
}

/// Where: what is true of the one plus what is false of the other, each of the shape of all three.
void compileWhere(PlanBuilder& builder, const Node& node) {
    Parts parts(builder, node);
    const std::string& condition = node.inputs.at(0);
    const std::string yes = parts.add("KeepIf", {condition, node.input(1)});
    const std::string no = parts.add("KeepUnless", {condition, node.input(2)});
    parts.finish("Add", {yes, no});
}

void compileGelu(PlanBuilder& builder, const Node& node) {
    if (node.textOr("approximate", "none") == "tanh") {
        return compileUnary<UnaryOp::kGeluTanh>(builder, node);
    }
    compileUnary<UnaryOp::kGelu>(builder, node);
}

void compileNot(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    if (x.kind != PlanValue::Kind::kInteger) return compileUnary<UnaryOp::kNot>(builder, node);
    std::vector<std::int64_t> values = x.integers;
    for (std::int64_t& value : values) value = value == 0 ? 1 : 0;
    builder.defineIntegers(node, 0, x.shape, std::move(values));
}

/// Max, Min, Sum and Mean of one or more tensors: pair by pair.
template <BinaryOp op, bool mean>
void compileVariadic(PlanBuilder& builder, const Node& node) {
    if (node.inputs.size() == 2 && !mean) {
        return compileBinary<op>(builder, node);
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

const std::map<std::string, CompileNode>& elementwiseOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Relu", compileRelu},
        {"Clip", compileClip},
        {"LeakyRelu", compileUnary<UnaryOp::kLeakyRelu>},
        {"Sigmoid", compileUnary<UnaryOp::kSigmoid>},
        {"HardSigmoid", compileUnary<UnaryOp::kHardSigmoid>},
        {"HardSwish", compileUnary<UnaryOp::kHardSwish>},
        {"Tanh", compileUnary<UnaryOp::kTanh>},
        {"Exp", compileUnary<UnaryOp::kExp>},
        {"Log", compileUnary<UnaryOp::kLog>},
        {"Sqrt", compileUnary<UnaryOp::kSqrt>},
        {"Abs", compileUnary<UnaryOp::kAbs>},
        {"Neg", compileUnary<UnaryOp::kNeg>},
        {"Reciprocal", compileUnary<UnaryOp::kReciprocal>},
        {"Erf", compileUnary<UnaryOp::kErf>},
        {"Elu", compileUnary<UnaryOp::kElu>},
        {"Selu", compileUnary<UnaryOp::kSelu>},
        {"Softplus", compileUnary<UnaryOp::kSoftplus>},
        {"Softsign", compileUnary<UnaryOp::kSoftsign>},
        {"Round", compileUnary<UnaryOp::kRound>},
        {"Sign", compileUnary<UnaryOp::kSign>},
        {"Sin", compileUnary<UnaryOp::kSin>},
        {"Cos", compileUnary<UnaryOp::kCos>},
        {"Tan", compileUnary<UnaryOp::kTan>},
        {"Asin", compileUnary<UnaryOp::kAsin>},
        {"Acos", compileUnary<UnaryOp::kAcos>},
        {"Atan", compileUnary<UnaryOp::kAtan>},
        {"Sinh", compileUnary<UnaryOp::kSinh>},
        {"Cosh", compileUnary<UnaryOp::kCosh>},
        {"Asinh", compileUnary<UnaryOp::kAsinh>},
        {"Acosh", compileUnary<UnaryOp::kAcosh>},
        {"Atanh", compileUnary<UnaryOp::kAtanh>},
        {"Gelu", compileGelu},
        {"Mish", compileUnary<UnaryOp::kMish>},
        {"Swish", compileUnary<UnaryOp::kSwish>},
        {"Celu", compileUnary<UnaryOp::kCelu>},
        {"ThresholdedRelu", compileUnary<UnaryOp::kThresholdedRelu>},
        {"Shrink", compileUnary<UnaryOp::kShrink>},
        {"Floor", compileUnary<UnaryOp::kFloor>},
        {"Ceil", compileUnary<UnaryOp::kCeil>},
        {"Add", compileBinary<BinaryOp::kAdd>},
        {"Sub", compileBinary<BinaryOp::kSub>},
        {"Mul", compileBinary<BinaryOp::kMul>},
        {"Div", compileBinary<BinaryOp::kDiv>},
        {"Pow", compileBinary<BinaryOp::kPow>},
        {"PRelu", compileBinary<BinaryOp::kPRelu>},
        {"Max", compileVariadic<BinaryOp::kMax, false>},
        {"Min", compileVariadic<BinaryOp::kMin, false>},
        {"Sum", compileVariadic<BinaryOp::kAdd, false>},
        {"Mean", compileVariadic<BinaryOp::kAdd, true>},
    };
    return kOperators;
}

const std::map<std::string, CompileNode>& partOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"KeepIf", compileBinary<BinaryOp::kKeepIf>},
        {"KeepUnless", compileBinary<BinaryOp::kKeepUnless>},
        {"Truncate", compileTruncate},
        {"Quotient", compileQuotient},
    };
    return kOperators;
}

const std::map<std::string, CompileNode>& comparisonOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Equal", compileBinary<BinaryOp::kEqual>},
        {"Greater", compileBinary<BinaryOp::kGreater>},
        {"GreaterOrEqual", compileBinary<BinaryOp::kGreaterOrEqual>},
        {"Less", compileBinary<BinaryOp::kLess>},
        {"LessOrEqual", compileBinary<BinaryOp::kLessOrEqual>},
        {"And", compileBinary<BinaryOp::kAnd>},
        {"Or", compileBinary<BinaryOp::kOr>},
        {"Xor", compileBinary<BinaryOp::kXor>},
        {"Mod", compileModulo},
        {"Not", compileNot},
        {"IsNaN", compileUnary<UnaryOp::kIsNan>},
        {"IsInf", compileUnary<UnaryOp::kIsInf>},
        {"Where", compileWhere},
    };
    return kOperators;
}

}  // namespace brownout
