// Conversions between types: floats, integers that are known when the plan is made, truth values.

#include <optional>

#include "inference/plan/moves.h"
#include "inference/plan/parts.h"

namespace brownout {

namespace {

/// The element types that casts distinguish: a float stands for all floating-point numbers, and for
/// whole numbers while the network runs.
enum class CastTo { kFloat, kInteger, kTruth };

std::optional<CastTo> castTarget(std::int64_t to) {
    switch (to) {
        case 1:   // TensorProto::FLOAT
        case 10:  // FLOAT16
        case 11:  // DOUBLE
        case 16:  // BFLOAT16
            return CastTo::kFloat;
        case 9:  // BOOL
            return CastTo::kTruth;
        case 2:  // UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64
        case 3:
        case 4:
        case 5:
        case 6:
        case 7:
        case 12:
        case 13:
            return CastTo::kInteger;
        default:
            return std::nullopt;
    }
}

void castIntegers(PlanBuilder& builder, const Node& node, const PlanValue& x, CastTo to) {
    if (to == CastTo::kInteger) return alias(builder, node, x, x.shape);
    if (to == CastTo::kFloat) {
        return builder.defineConstant(node, 0, {x.shape, {x.integers.begin(), x.integers.end()}});
    }
    std::vector<std::int64_t> values = x.integers;
    for (std::int64_t& value : values) value = value != 0 ? 1 : 0;
    builder.defineIntegers(node, 0, x.shape, std::move(values));
}

void cast(PlanBuilder& builder, const Node& node, CastTo to) {
    const PlanValue& x = builder.input(node, 0);
    if (x.kind == PlanValue::Kind::kInteger) return castIntegers(builder, node, x, to);
    if (to == CastTo::kFloat) return alias(builder, node, x, x.shape);
    if (x.constant != nullptr) {
        std::vector<std::int64_t> values;
        for (float value : *x.constant) {
            if (!(value > -1e15F && value < 1e15F)) {
                builder.fail(node, "a value is too large for an integer");
            }
            values.push_back(to == CastTo::kTruth ? (value != 0.0F ? 1 : 0)
                                                  : static_cast<std::int64_t>(value));
        }
        return builder.defineIntegers(node, 0, x.shape, std::move(values));
    }
    Parts parts(builder, node);
    if (to == CastTo::kInteger) return parts.finish("Truncate", {node.inputs[0]});
    parts.finish("Not", {parts.add("Not", {node.inputs[0]})});
}

void compileCast(PlanBuilder& builder, const Node& node) {
    const auto to = castTarget(node.intOr("to", 0));
    if (!to) builder.fail(node, "this conversion is not supported");
    cast(builder, node, *to);
}

void compileCastLike(PlanBuilder& builder, const Node& node) {
    const PlanValue& like = builder.input(node, 1);
    const bool truth = like.bits == 1;
    cast(builder, node,
         like.kind != PlanValue::Kind::kInteger ? CastTo::kFloat
                                                : (truth ? CastTo::kTruth : CastTo::kInteger));
}

}  // namespace

const std::map<std::string, CompileNode>& castOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Cast", compileCast},
        {"CastLike", compileCastLike},
    };
    return kOperators;
}

}  // namespace brownout
