// Functions of one value element by element; clamps are merged into the step before where possible.

#include <algorithm>
#include <cmath>
#include <limits>

#include "inference/plan/builder.h"

namespace brownout {

namespace {

using kernels::UnaryOp;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

void compileClamp(PlanBuilder& builder, const Node& node, float low, float high) {
    const PlanValue& x = builder.floatInput(node, 0);
    if (builder.mayMerge(node, 0)) {
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

void compileTruncate(PlanBuilder& builder, const Node& node) {
    compileUnary<UnaryOp::kTruncate>(builder, node);
    builder.setWhole(node);
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
        {"Not", compileNot},
        {"IsNaN", compileUnary<UnaryOp::kIsNan>},
        {"IsInf", compileUnary<UnaryOp::kIsInf>},
        {"Truncate", compileTruncate},
    };
    return kOperators;
}

}  // namespace brownout
