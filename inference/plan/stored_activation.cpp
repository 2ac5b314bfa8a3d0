// The operator that puts activations into a memory and reads them back: a part of rewritten
// networks (activations/stored_values.h), which no file has.

#include <array>
#include <cmath>

#include "inference/activations/activation_codes.h"
#include "inference/plan/builder.h"
#include "inference/plan/moves.h"

namespace brownout {
namespace {

/// Rounds to the nearest whole number, halves to even, for |value| < 2^22: adding 1.5 * 2^23 leaves
/// no bit for a fraction. Unlike std::nearbyint it needs no instruction of SSE 4.
inline float roundedSmall(float value) {
    constexpr float kShift = 12582912.0F;
    return (value + kShift) - kShift;
}

inline float storedValue(const ActivationCodes& codes, float value) {
    if (codes.signs) return value >= 0 ? codes.scale : -codes.scale;
    // Clamped before rounding, so that huge values stay in the range of roundedSmall; the bounds
    // are whole, so the order doesn't matter.
    float steps = value / codes.scale;
    steps = steps > codes.low - codes.zero ? steps : codes.low - codes.zero;
    steps = steps < codes.high - codes.zero ? steps : codes.high - codes.zero;
    return roundedSmall(steps) * codes.scale;
}

/// Reads the groups of a tensor that may be wrong, image by image.
void readBack(const PlanMemory& m, std::size_t tensor, const ActivationCodes& codes,
              float* values) {
    const auto lanes = static_cast<std::size_t>(m.kernels->lanes);
    const Span<const ValueMemory::Group> groups = m.failing.activations->groups(tensor);
    std::array<Code, 64> held{};
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const std::size_t count = groups[g].count;
        float* first = values + groups[g].first * lanes;
        for (std::size_t lane = 0; lane < m.images; ++lane) {
            for (std::size_t i = 0; i < count; ++i) {
                held[i] = codes.encode(first[i * lanes + lane]);
            }
            m.failing.activations->read(tensor, g, Span<Code>(held.data(), count));
            for (std::size_t i = 0; i < count; ++i) {
                first[i * lanes + lane] = codes.decode(held[i]);
            }
        }
    }
}

void compileStoredActivation(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    if (x.uniform()) return alias(builder, node, x, x.shape);
    const Shape shape = x.shape;
    const ValueRef input = builder.refOf(x);
    const ValueRef output = builder.define(node, 0, shape, false);
    ActivationCodes codes;
    codes.scale = node.floatOr("scale", 1);
    codes.zero = node.floatOr("zero", 0);
    codes.low = node.floatOr("low", 0);
    codes.high = node.floatOr("high", 255);
    codes.bits = static_cast<std::uint32_t>(node.intOr("bits", 8));
    codes.isSigned = node.intOr("signed", 0) != 0;
    codes.signs = node.intOr("signs", 0) != 0;
    const auto tensor = static_cast<std::size_t>(node.intOr("tensor", 0));
    const std::size_t elements = elementCount(shape);
    builder.addStep(output, {input}, [=](const PlanMemory& m) {
        const std::size_t floats = elements * static_cast<std::size_t>(m.kernels->lanes);
        const float* from = m.data(input);
        float* to = m.data(output);
        for (std::size_t i = 0; i < floats; ++i) to[i] = storedValue(codes, from[i]);
        if (m.failing.activations != nullptr) readBack(m, tensor, codes, to);
    });
}

}  // namespace

float ActivationCodes::stored(float value) const { return storedValue(*this, value); }

Code ActivationCodes::encode(float value) const {
    if (signs) return value > 0 ? 1 : 0;
    const auto whole = static_cast<std::int32_t>(roundedSmall(value / scale) + zero);
    return static_cast<Code>(whole) & ((Code{1} << bits) - 1);
}

float ActivationCodes::decode(Code code) const {
    if (signs) return (code & 1) != 0 ? scale : -scale;
    auto whole = static_cast<std::int32_t>(code);
    if (isSigned && (code >> (bits - 1) & 1) != 0) whole -= std::int32_t{1} << bits;
    return (static_cast<float>(whole) - zero) * scale;
}

const std::map<std::string, CompileNode>& storedActivationOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"StoredActivation", compileStoredActivation},
    };
    return kOperators;
}

}  // namespace brownout
