#include "inference/graph/integer_patterns.h"

#include <algorithm>
#include <cmath>

#include "inference/formats/encoded_network.h"
#include "inference/plan/plan.h"
#include "inference/plan/quantization.h"

namespace brownout {

namespace {

/// Distance up to which a quotient of floats counts as a whole number.
constexpr double kAlmost = 1e-3;

/// Returns the value of an integer constant of one element.
std::optional<std::int64_t> integerOf(const Network& network, const std::string& name) {
    const auto found = network.integers.find(name);
    if (found == network.integers.end() || found->second.values.size() != 1) return std::nullopt;
    return found->second.values[0];
}

/// Returns the index of an element's scale or zero point.
std::size_t channelOf(const FileCodes& codes, std::size_t element) {
    return element / codes.channelStep % codes.scales.size();
}

bool isUsable(float scale) { return std::isfinite(scale) && scale > 0; }

}  // namespace

double CodeRange::bound(float value) const {
    return std::nearbyint(static_cast<double>(value / scale));
}

Patterns::Patterns(const Network& network, const EncodedNetwork* encoded) : network_(network) {
    const Plan plan = makePlan(network, singleImageShapes(network), kernels::kScalar);
    for (const Plan::Endpoint& input : plan.inputs) shapes_[input.name] = input.shape;
    for (const auto& [name, tensor] : network.parameters) constants_[name] = &tensor;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        const Node& node = network.nodes[n];
        for (const std::string& input : node.inputs) readers_[input].push_back(n);
        if (node.op == "Constant") {
            const auto value = node.attributes.find("value");
            if (value == node.attributes.end()) continue;
            if (const auto* tensor = std::get_if<FloatTensor>(&value->second)) {
                constants_[node.outputs[0]] = tensor;
            }
            continue;
        }
        shapes_[node.outputs.at(0)] = plan.costs.at(n).output;
    }
    for (const Port& output : network.outputs) outputs_.insert(output.name);
    if (encoded == nullptr) return;
    for (const StoredTensor& tensor : encoded->storedTensors()) stored_.insert(tensor.name);
}

const Shape* Patterns::shapeOf(const std::string& value) const {
    const auto found = shapes_.find(value);
    return found == shapes_.end() ? nullptr : &found->second;
}

bool Patterns::isPlane(const std::string& value) const {
    const Shape* shape = shapeOf(value);
    return shape != nullptr && shape->size() >= 2 && shape->size() <= 4 && (*shape)[0] == 1 &&
           elementCount(*shape) > 0;
}

const FloatTensor* Patterns::floatsOf(const std::string& value) const {
    const auto found = constants_.find(value);
    return found == constants_.end() ? nullptr : found->second;
}

std::optional<float> Patterns::scalarOf(const std::string& value) const {
    const FloatTensor* tensor = floatsOf(value);
    if (tensor == nullptr || tensor->values.size() != 1) return std::nullopt;
    return tensor->values[0];
}

const std::vector<std::size_t>& Patterns::readersOf(const std::string& value) const {
    static const std::vector<std::size_t> kNone;
    const auto found = readers_.find(value);
    return found == readers_.end() ? kNone : found->second;
}

std::optional<CodeRange> Patterns::scaleAndZero(const Node& node) const {
    const std::optional<float> scale = scalarOf(node.input(1));
    if (!scale || !isUsable(*scale)) return std::nullopt;
    CodeRange range;
    range.scale = *scale;
    if (node.input(2).empty()) return range;
    const std::optional<std::int64_t> zero = integerOf(network_, node.input(2));
    if (!zero) return std::nullopt;
    range.zero = *zero;
    return range;
}

std::optional<CodeRange> Patterns::dequantizes(const Node& node) const {
    if (node.op != "DequantizeLinear" || !isPlane(node.outputs.at(0))) return std::nullopt;
    return scaleAndZero(node);
}

std::optional<CodeRange> Patterns::quantizes(const Node& node) const {
    if (node.op != "QuantizeLinear" || !isPlane(node.outputs.at(0))) return std::nullopt;
    std::optional<CodeRange> range = scaleAndZero(node);
    if (!range) return std::nullopt;
    const auto zero = network_.integers.find(node.input(2));
    const QuantizedRange codes =
        linearRange(network_, node, zero == network_.integers.end() ? nullptr : &zero->second);
    if (codes.bits > 8) return std::nullopt;
    range->low = static_cast<std::int64_t>(codes.low);
    range->high = static_cast<std::int64_t>(codes.high);
    if (range->zero < range->low || range->zero > range->high) return std::nullopt;
    return range;
}

bool Patterns::clipCodes(const Node& node, CodeRange& range) const {
    for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        if (node.input(i).empty()) continue;
        const std::optional<std::int64_t> bound = integerOf(network_, node.input(i));
        if (!bound) return false;
        if (i == 1) range.low = std::max(range.low, *bound);
        if (i == 2) range.high = std::min(range.high, *bound);
    }
    return range.low <= range.high && !node.has("min") && !node.has("max");
}

std::optional<Tail> Patterns::tailOf(const std::string& value) const {
    Tail tail;
    std::vector<std::pair<float, float>> clamps;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    std::string at = value;
    while (true) {
        if (isOutput(at) || readersOf(at).size() != 1) return std::nullopt;
        const std::size_t next = readersOf(at)[0];
        const Node& node = network_.nodes[next];
        if (node.input(0) != at || node.outputs.size() != 1) return std::nullopt;
        tail.nodes.push_back(next);
        at = node.outputs[0];
        if (node.op == "Relu") {
            clamps.emplace_back(0.0F, kInfinity);
        } else if (node.op == "Clip") {
            std::pair<float, float> clamp = {node.floatOr("min", -kInfinity),
                                             node.floatOr("max", kInfinity)};
            for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
                if (node.input(i).empty()) continue;
                const std::optional<float> bound = scalarOf(node.input(i));
                if (!bound || std::isnan(*bound)) return std::nullopt;
                (i == 1 ? clamp.first : clamp.second) = *bound;
            }
            clamps.push_back(clamp);
        } else if (const std::optional<CodeRange> range = quantizes(node)) {
            tail.range = *range;
            break;
        } else {
            return std::nullopt;
        }
    }
    // Rounding keeps the order of values, so bounds of values are bounds of codes. The last bound
    // counts where they contradict each other.
    double low = -INFINITY;
    double high = INFINITY;
    for (const auto& [from, to] : clamps) {
        low = std::min(std::max(low, tail.range.bound(from)), tail.range.bound(to));
        high = std::min(std::max(high, tail.range.bound(from)), tail.range.bound(to));
    }
    const auto zero = static_cast<double>(tail.range.zero);
    const auto least = static_cast<double>(tail.range.low);
    const auto most = static_cast<double>(tail.range.high);
    tail.range.low = static_cast<std::int64_t>(std::clamp(low + zero, least, most));
    tail.range.high = static_cast<std::int64_t>(std::clamp(high + zero, least, most));
    tail.result = at;
    return tail;
}

bool Patterns::hasCodes(const std::string& parameter) const {
    return network_.fileCodes.count(parameter) != 0;
}

std::optional<IntegerOperand> Patterns::weightsOf(const std::string& parameter, std::size_t rows,
                                                  std::size_t rowStep) const {
    if (!hasCodes(parameter)) return std::nullopt;
    const FileCodes& codes = network_.fileCodes.at(parameter);
    if (codes.bits > 8 || codes.bipolar) return std::nullopt;
    IntegerOperand operand;
    operand.rows = rows;
    operand.scales.resize(rows);
    for (std::size_t e = 0; e < codes.codes.size(); ++e) {
        const std::size_t row = e / rowStep % rows;
        const std::size_t channel = channelOf(codes, e);
        float& scale = operand.scales[row];
        const float zero = codes.zeroPoints[channel];
        if (scale == 0.0F) scale = codes.scales[channel];
        if (scale != codes.scales[channel] || !isUsable(scale)) return std::nullopt;
        const float half = static_cast<float>(1 << (codes.bits - 1));
        const float low = codes.isSigned ? -half : 0;
        if (zero != std::nearbyint(zero) || zero < low || zero > low + 2 * half - 1) {
            return std::nullopt;
        }
    }
    return operand;
}

std::optional<std::vector<std::int64_t>> Patterns::biasOf(const std::string& value,
                                                          const std::vector<float>& units,
                                                          bool mayRound) const {
    const FloatTensor* tensor = floatsOf(value);
    if (tensor == nullptr || tensor->values.size() != units.size()) return std::nullopt;
    if (hasCodes(value)) {
        const FileCodes& codes = network_.fileCodes.at(value);
        bool same = !codes.bipolar;
        for (std::size_t row = 0; row < units.size() && same; ++row) {
            const std::size_t channel = channelOf(codes, row);
            same = codes.zeroPoints[channel] == 0.0F &&
                   std::abs(codes.scales[channel] - units[row]) <= 1e-6F * units[row];
        }
        if (same) return codes.codes;
    }
    if (stored_.count(value) != 0) return std::nullopt;
    std::vector<std::int64_t> bias;
    for (std::size_t row = 0; row < units.size(); ++row) {
        const double exact = static_cast<double>(tensor->values[row]) / units[row];
        const double steps = std::nearbyint(exact);
        if (!(std::abs(steps) < std::ldexp(1.0, 31))) return std::nullopt;
        if (!mayRound && std::abs(exact - steps) > kAlmost) return std::nullopt;
        bias.push_back(static_cast<std::int64_t>(steps));
    }
    return bias;
}

}  // namespace brownout
