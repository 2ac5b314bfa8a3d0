// Operators that quantise activations: ONNX's QuantizeLinear and DequantizeLinear, and QONNX's
// Quant, BipolarQuant and Trunc. Whole numbers are floats while the network runs: exact up to 2^24.

#include "inference/plan/quantization.h"

#include <cctype>
#include <cmath>

#include "base/error.h"
#include "inference/plan/parts.h"

namespace brownout {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

[[noreturn]] void refuse(const Network& network, const Node& node, const std::string& problem) {
    throw Error(network.place(node), problem);
}

QuantizedRange rangeOfType(std::uint32_t bits, bool isSigned) {
    const double half = std::ldexp(1.0, static_cast<int>(bits) - 1);
    return {isSigned ? -half : 0.0, isSigned ? half - 1 : 2 * half - 1, bits, isSigned};
}

const char* operatorOf(QuantRounding rounding) {
    switch (rounding) {
        case QuantRounding::kUp:
            return "Ceil";
        case QuantRounding::kDown:
            return "Floor";
        case QuantRounding::kHalfEven:
            return "Round";
        default:
            return nullptr;
    }
}

/// Rounds a value by parts.
std::string roundedBy(Parts& parts, const std::string& value, QuantRounding rounding) {
    if (const char* op = operatorOf(rounding)) return parts.add(op, {value});
    const std::string half = parts.constant(0.5F);
    if (rounding == QuantRounding::kHalfUp) {
        return parts.add("Floor", {parts.add("Add", {value, half})});
    }
    if (rounding == QuantRounding::kHalfDown) {
        return parts.add("Ceil", {parts.add("Sub", {value, half})});
    }
    const char* op = rounding == QuantRounding::kTowardsZero ? "Floor" : "Ceil";
    const std::string size = parts.add(op, {parts.add("Abs", {value})});
    return parts.add("Mul", {parts.add("Sign", {value}), size});
}

/// The name of a scale or zero point in a shape that lies along `axis` of the value.
std::string alongAxis(PlanBuilder& builder, const Node& node, Parts& parts, std::size_t i) {
    const Shape& shape = builder.input(node, 0).shape;
    const PlanValue& value = builder.input(node, i);
    std::string name = node.inputs[i];
    if (value.kind == PlanValue::Kind::kInteger)
        name = parts.add("Cast", {name}, {{"to", std::int64_t{1}}});
    if (elementCount(value.shape) == 1) {
        return parts.add("Reshape", {name, parts.constant(std::vector<std::int64_t>{})});
    }
    if (node.intOr("block_size", 0) != 0 || value.shape.size() != 1) {
        builder.fail(node, "a scale for each block is not supported for activations");
    }
    const std::size_t axis = normalizedAxis(builder, node, node.intOr("axis", 1), shape.size());
    if (value.shape[0] != shape[axis]) {
        builder.fail(node, "a scale of " + std::to_string(value.shape[0]) +
                               " channels doesn't fit an input " + toString(shape));
    }
    std::vector<std::int64_t> sizes(shape.size() - axis, 1);
    sizes[0] = value.shape[0];
    return parts.add("Reshape", {name, parts.constant(sizes)});
}

void compileQuantizeLinear(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    const bool hasZero = builder.hasInput(node, 2);
    IntTensor type;
    if (hasZero && builder.input(node, 2).kind == PlanValue::Kind::kInteger) {
        type.bits = builder.input(node, 2).bits;
        type.isSigned = builder.input(node, 2).isSigned;
    }
    const QuantizedRange range =
        linearRange(builder.graph(), node, type.bits != 64 ? &type : nullptr);
    Parts parts(builder, node);
    std::string value = parts.add("Div", {node.inputs[0], alongAxis(builder, node, parts, 1)});
    value = parts.add("Round", {value});
    if (hasZero) value = parts.add("Add", {value, alongAxis(builder, node, parts, 2)});
    parts.finish("Clip", {value, parts.constant(static_cast<float>(range.low)),
                          parts.constant(static_cast<float>(range.high))});
}

void compileDequantizeLinear(PlanBuilder& builder, const Node& node) {
    Parts parts(builder, node);
    std::string value = node.inputs.at(0);
    if (builder.input(node, 0).kind == PlanValue::Kind::kInteger) {
        value = parts.add("Cast", {value}, {{"to", std::int64_t{1}}});
    }
    if (builder.hasInput(node, 2)) {
        value = parts.add("Sub", {value, alongAxis(builder, node, parts, 2)});
    }
    parts.finish("Mul", {value, alongAxis(builder, node, parts, 1)});
}

/// Quantises to bytes that cover the range of the values and zero, which depends on the image.
void compileDynamicQuantizeLinear(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    if (node.outputs.size() != 3) builder.fail(node, "has not the three outputs it should have");
    Parts parts(builder, node);
    const Parts::Attributes whole = {{"keepdims", std::int64_t{0}}};
    const std::string nothing = parts.constant(0.0F);
    const std::string most = parts.constant(255.0F);
    const std::string high =
        parts.add("Max", {parts.add("ReduceMax", {node.inputs[0]}, whole), nothing});
    const std::string low =
        parts.add("Min", {parts.add("ReduceMin", {node.inputs[0]}, whole), nothing});
    const std::string range = parts.add("Div", {parts.add("Sub", {high, low}), most});
    // The scale of nothing but zeros is 1.
    const std::string scale = parts.add("Add", {range, parts.add("Not", {range})});
    const std::string down = parts.add("Sub", {nothing, parts.add("Div", {low, scale})});
    const std::string zero = parts.add("Clip", {parts.add("Round", {down}), nothing, most});
    const std::string steps = parts.add("Round", {parts.add("Div", {node.inputs[0], scale})});
    parts.finish("Identity", {scale}, {}, 1);
    parts.finish("Identity", {zero}, {}, 2);
    parts.finish("Clip", {parts.add("Add", {steps, zero}), nothing, most});
}

float onlyValue(PlanBuilder& builder, const Node& node, std::size_t i) {
    const PlanValue& value = builder.input(node, i);
    if (value.kind == PlanValue::Kind::kInteger && value.integers.size() == 1) {
        return static_cast<float>(value.integers[0]);
    }
    const std::vector<float>& values = builder.constantInput(node, i);
    if (values.size() != 1) builder.fail(node, "the bit width has several values");
    return values[0];
}

void compileQuant(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    const QuantizedRange range = quantRange(builder.graph(), node, onlyValue(builder, node, 3));
    const QuantRounding rounding = quantRounding(builder.graph(), node);
    Parts parts(builder, node);
    const std::string& scale = node.inputs[1];
    const std::string& zero = node.inputs[2];
    std::string value = parts.add("Div", {node.inputs[0], scale});
    value = parts.add("Add", {value, zero});
    value = parts.add("Clip", {value, parts.constant(static_cast<float>(range.low)),
                               parts.constant(static_cast<float>(range.high))});
    value = roundedBy(parts, value, rounding);
    parts.finish("Mul", {parts.add("Sub", {value, zero}), scale});
}

void compileBipolarQuant(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    Parts parts(builder, node);
    // 1 where x >= 0, else 0; then 2 b - 1.
    const std::string above = parts.add("GreaterOrEqual", {node.inputs[0], parts.constant(0.0F)});
    const std::string twice = parts.add("Mul", {above, parts.constant(2.0F)});
    const std::string sign = parts.add("Sub", {twice, parts.constant(1.0F)});
    parts.finish("Mul", {sign, node.inputs.at(1)});
}

/// Drops the lowest bits of a value that is a whole number times `scale`.
void compileTrunc(PlanBuilder& builder, const Node& node) {
    builder.floatInput(node, 0);
    const float from = onlyValue(builder, node, 3);
    const float to = onlyValue(builder, node, 4);
    if (!(from >= to && to >= 1 && from <= 64)) builder.fail(node, "the bit widths don't fit");
    const QuantRounding rounding = quantRounding(builder.graph(), node);
    Parts parts(builder, node);
    const std::string& scale = node.inputs[1];
    const std::string& zero = node.inputs[2];
    std::string value = parts.add("Add", {parts.add("Div", {node.inputs[0], scale}), zero});
    value = parts.add("Round", {value});
    value = parts.add("Mul", {value, parts.constant(std::exp2(to - from))});
    value = roundedBy(parts, value, rounding);
    parts.finish("Mul", {parts.add("Sub", {value, zero}), scale});
}

}  // namespace

QuantizedRange linearRange(const Network& network, const Node& node, const IntTensor* zeroPoint) {
    if (zeroPoint != nullptr) {
        if (zeroPoint->bits > 16 || zeroPoint->bits < 2) {
            refuse(network, node, "a zero point of this type is not supported");
        }
        return rangeOfType(zeroPoint->bits, zeroPoint->isSigned);
    }
    // TensorProto: UINT8 2, INT8 3, UINT16 4, INT16 5, UINT4 21, INT4 22.
    switch (node.intOr("output_dtype", 0)) {
        case 0:
        case 2:
            return rangeOfType(8, false);
        case 3:
            return rangeOfType(8, true);
        case 4:
            return rangeOfType(16, false);
        case 5:
            return rangeOfType(16, true);
        case 21:
            return rangeOfType(4, false);
        case 22:
            return rangeOfType(4, true);
        default:
            refuse(network, node, "codes of this type are not supported");
    }
}

QuantizedRange quantRange(const Network& network, const Node& node, float bitWidth) {
    if (!(bitWidth >= 1 && bitWidth <= 32)) {
        refuse(network, node, "a width of " + std::to_string(bitWidth) + " bits, expected 1 to 32");
    }
    QuantizedRange range;
    range.isSigned = node.intOr("signed", 1) != 0;
    range.bits = static_cast<std::uint32_t>(std::ceil(bitWidth));
    const bool narrow = node.intOr("narrow", 0) != 0;
    const double levels = std::exp2(static_cast<double>(bitWidth) - (range.isSigned ? 1 : 0));
    range.low = range.isSigned ? -levels + (narrow ? 1 : 0) : 0;
    range.high = levels - 1 - (narrow && !range.isSigned ? 1 : 0);
    return range;
}

QuantRounding quantRounding(const Network& network, const Node& node) {
    std::string mode = node.textOr("rounding_mode", node.op == "Trunc" ? "FLOOR" : "ROUND");
    for (char& c : mode) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    static const std::map<std::string, QuantRounding> kModes = {
        {"ROUND", QuantRounding::kHalfEven},
        {"HALF_EVEN", QuantRounding::kHalfEven},
        {"CEIL", QuantRounding::kUp},
        {"FLOOR", QuantRounding::kDown},
        {"ROUND_TO_ZERO", QuantRounding::kTowardsZero},
        {"DOWN", QuantRounding::kTowardsZero},
        {"UP", QuantRounding::kAwayFromZero},
        {"HALF_UP", QuantRounding::kHalfUp},
        {"HALF_DOWN", QuantRounding::kHalfDown}};
    const auto found = kModes.find(mode);
    if (found == kModes.end())
        refuse(network, node, "the rounding mode '" + mode + "' is not known");
    return found->second;
}

double rounded(double value, QuantRounding rounding) {
    switch (rounding) {
        case QuantRounding::kHalfEven:
            return std::nearbyint(value);
        case QuantRounding::kUp:
            return std::ceil(value);
        case QuantRounding::kDown:
            return std::floor(value);
        case QuantRounding::kTowardsZero:
            return std::trunc(value);
        case QuantRounding::kAwayFromZero:
            return value < 0 ? std::floor(value) : std::ceil(value);
        case QuantRounding::kHalfUp:
            return std::floor(value + 0.5);
        case QuantRounding::kHalfDown:
            return std::ceil(value - 0.5);
    }
    return value;
}

const std::map<std::string, CompileNode>& quantizationOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"QuantizeLinear", compileQuantizeLinear},
        {"DequantizeLinear", compileDequantizeLinear},
        {"DynamicQuantizeLinear", compileDynamicQuantizeLinear},
        {"Quant", compileQuant},
        {"IntQuant", compileQuant},
        {"BipolarQuant", compileBipolarQuant},
        {"Trunc", compileTrunc},
    };
    return kOperators;
}

}  // namespace brownout
