#include "inference/graph/bit_patterns.h"

#include <algorithm>
#include <cmath>

#include "inference/formats/encoded_network.h"
#include "inference/graph/integer_products.h"
#include "inference/plan/quantization.h"

namespace brownout {

namespace {

using Ints = std::vector<std::int64_t>;

const StoredTensor* storedTensor(const EncodedNetwork* encoded, const std::string& name) {
    if (encoded == nullptr) return nullptr;
    const auto& tensors = encoded->storedTensors();
    const auto found = std::find_if(tensors.begin(), tensors.end(),
                                    [&](const StoredTensor& t) { return t.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

/// Returns the size of the values that an element can have, nothing if they aren't plus or minus
/// the same.
std::optional<float> sizeOf(const StoredTensor& tensor, std::size_t element) {
    const float plus = tensor.format->decode(1, element);
    const float minus = tensor.format->decode(0, element);
    if (!(plus > 0) || !std::isfinite(plus) || minus != -plus) return std::nullopt;
    return plus;
}

/// Returns weights of one bit; element e is of row e / rowStep % rows.
std::optional<BitOperand> bitsOf(const Patterns& patterns, const EncodedNetwork* encoded,
                                 const std::string& name, std::size_t rows, std::size_t rowStep) {
    const Network& network = patterns.network();
    const auto found = network.parameters.find(name);
    const StoredTensor* stored = storedTensor(encoded, name);
    if (found == network.parameters.end() || (stored != nullptr && stored->bits != 1)) {
        return std::nullopt;
    }
    const std::vector<float>& values = found->second.values;
    BitOperand operand;
    operand.parameter = name;
    operand.scales.resize(rows);
    const auto known = network.fileCodes.find(name);
    const bool inFile = known != network.fileCodes.end() && known->second.bipolar;
    if (known != network.fileCodes.end() && !inFile) return std::nullopt;
    operand.codes.bits = 1;
    operand.codes.isSigned = false;
    operand.codes.bipolar = true;
    operand.codes.scales = {1.0F};
    operand.codes.zeroPoints = {0.0F};
    for (std::size_t e = 0; e < values.size(); ++e) {
        const std::optional<float> size =
            stored != nullptr ? sizeOf(*stored, e) : std::optional(std::abs(values[e]));
        float& scale = operand.scales[e / rowStep % rows];
        if (scale == 0.0F && size) scale = *size;
        if (!size || scale != *size || !(scale > 0) || !std::isfinite(scale)) return std::nullopt;
        if (inFile) continue;
        operand.codes.codes.push_back(stored != nullptr ? stored->codes[e] : values[e] > 0);
    }
    return operand;
}

/// Returns the parameter that a value is, and whether it is the transpose of it.
std::pair<std::string, bool> parameterOf(const Network& network, const std::string& value) {
    for (const Node& node : network.nodes) {
        if (node.outputs.at(0) != value) continue;
        const bool turns = node.op == "Transpose" && node.intsOr("perm", {1, 0}) == Ints{1, 0};
        return {turns ? node.input(0) : value, turns};
    }
    return {value, false};
}

std::optional<BitProduct> convolution(const Patterns& patterns, const EncodedNetwork* encoded,
                                      const Node& node) {
    const FloatTensor* weights = patterns.floatsOf(node.input(1));
    const Shape* x = patterns.shapeOf(node.input(0));
    if (weights == nullptr || x == nullptr || !patterns.isPlane(node.inputs[0]) ||
        weights->shape.size() != x->size() || x->size() < 3) {
        return std::nullopt;
    }
    auto windows = integerWindowsOf(node, {weights->shape.begin() + 2, weights->shape.end()}, *x);
    const std::size_t rows = toSize(weights->shape[0]);
    const std::size_t depth = elementCount({weights->shape.begin() + 1, weights->shape.end()});
    if (!windows) return std::nullopt;
    auto operand = bitsOf(patterns, encoded, node.inputs[1], rows, depth);
    if (!operand) return std::nullopt;
    BitProduct product;
    product.attributes = std::move(*windows);
    product.attributes["groups"] = node.intOr("group", 1);
    product.weights = std::move(*operand);
    product.operands = static_cast<std::int64_t>(depth);
    const auto& pads = std::get<Ints>(product.attributes.at("pads"));
    product.padded = pads != Ints(4, 0);
    return product;
}

std::optional<BitProduct> matrixProduct(const Patterns& patterns, const EncodedNetwork* encoded,
                                        const Node& node) {
    const auto [name, turned] = parameterOf(patterns.network(), node.input(1));
    const FloatTensor* weights = patterns.floatsOf(name);
    const Shape* x = patterns.shapeOf(node.input(0));
    if (weights == nullptr || x == nullptr || x->size() != 2 || weights->shape.size() != 2 ||
        node.intOr("transA", 0) != 0 || node.floatOr("alpha", 1.0F) != 1.0F ||
        node.floatOr("beta", 1.0F) != 1.0F) {
        return std::nullopt;
    }
    const bool transposed = (node.intOr("transB", 0) != 0) != turned;
    const std::size_t rows = toSize(weights->shape[transposed ? 0 : 1]);
    const std::size_t depth = toSize(weights->shape[transposed ? 1 : 0]);
    auto operand = bitsOf(patterns, encoded, name, rows, transposed ? depth : 1);
    if (!operand || static_cast<std::int64_t>(depth) != (*x)[1]) return std::nullopt;
    BitProduct product;
    product.attributes["transposed"] = std::int64_t{transposed ? 1 : 0};
    product.weights = std::move(*operand);
    product.operands = static_cast<std::int64_t>(depth);
    return product;
}

}  // namespace

std::optional<BitProduct> bitProductOf(const Patterns& patterns, const EncodedNetwork* encoded,
                                       const Node& node) {
    if (node.op != "Conv" && node.op != "Gemm" && node.op != "MatMul") return std::nullopt;
    // A format that is told to compute in floats does.
    if (encoded != nullptr && !encoded->format().integers() && encoded->format().bits() != 1) {
        return std::nullopt;
    }
    auto product = node.op == "Conv" ? convolution(patterns, encoded, node)
                                     : matrixProduct(patterns, encoded, node);
    if (!product || node.input(2).empty()) return product;
    const FloatTensor* bias = patterns.floatsOf(node.inputs[2]);
    if (bias == nullptr || patterns.isStored(node.inputs[2]) ||
        bias->values.size() != product->weights.scales.size()) {
        return std::nullopt;
    }
    product->bias = node.inputs[2];
    return product;
}

std::optional<ByteCoding> bytesOf(const Patterns& patterns, const Node& node) {
    if (node.op != "Quant" && node.op != "IntQuant") return std::nullopt;
    const std::optional<float> scale = patterns.scalarOf(node.input(1));
    const std::optional<float> zero = patterns.scalarOf(node.input(2));
    const std::optional<float> bits = patterns.scalarOf(node.input(3));
    if (!scale || !zero || !bits || !(*scale > 0) || !std::isfinite(*scale) || *zero != 0.0F ||
        !(*bits >= 1 && *bits <= 8) || patterns.isStored(node.input(1)) ||
        patterns.isStored(node.input(2)) || patterns.isStored(node.input(3))) {
        return std::nullopt;
    }
    const QuantizedRange range = quantRange(patterns.network(), node, *bits);
    ByteCoding coding{
        *scale, range.isSigned, static_cast<float>(range.low), static_cast<float>(range.high), {}};
    const Shape* from = patterns.shapeOf(node.input(0));
    const Shape* to = patterns.shapeOf(node.outputs.at(0));
    if (from != nullptr && to != nullptr && *from == *to &&
        quantRounding(patterns.network(), node) == QuantRounding::kHalfEven) {
        coding.unrounded = node.input(0);
    }
    return coding;
}

}  // namespace brownout
