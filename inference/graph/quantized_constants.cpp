#include "inference/graph/quantized_constants.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "inference/plan/builder.h"
#include "inference/plan/quantization.h"

namespace brownout {
namespace {

using Result = std::optional<std::variant<IntTensor, QuantizedTensor>>;

/// The one node of a network and the constants that it reads.
class Inputs {
 public:
    explicit Inputs(const Network& network) : network_(network), node_(network.nodes.at(0)) {}

    const Network& network() const { return network_; }
    const Node& node() const { return node_; }
    [[noreturn]] void fail(const std::string& problem) const {
        throw Error(network_.place(node_), problem);
    }
    const IntTensor* integers(std::size_t i) const { return in(network_.integers, i); }
    const FloatTensor* floats(std::size_t i) const { return in(network_.parameters, i); }

    /// Returns the numbers of an input of either kind, nothing if it is left out.
    std::optional<FloatTensor> numbers(std::size_t i) const {
        if (const FloatTensor* tensor = floats(i)) return *tensor;
        const IntTensor* tensor = integers(i);
        if (tensor == nullptr) return std::nullopt;
        return FloatTensor{tensor->shape, {tensor->values.begin(), tensor->values.end()}};
    }
    FloatTensor requiredNumbers(std::size_t i) const {
        auto numbers = this->numbers(i);
        if (!numbers) fail("input " + std::to_string(i) + " has no value");
        return *numbers;
    }
    float number(std::size_t i) const {
        const FloatTensor tensor = requiredNumbers(i);
        if (tensor.values.size() != 1) fail("input " + std::to_string(i) + " has several values");
        return tensor.values[0];
    }

 private:
    template <typename Tensor>
    const Tensor* in(const std::map<std::string, Tensor>& named, std::size_t i) const {
        const auto found = named.find(node_.input(i));
        return found == named.end() ? nullptr : &found->second;
    }

    const Network& network_;
    const Node& node_;
};

/// The scales, or zero points, of the elements of a tensor: one for each channel.
struct Channels {
    std::vector<float> values;
    std::size_t step = 1;  ///< elements e is of channel e / step % values.size()
};

/// Returns constants that are broadcast to a tensor of `shape`: along one axis if they vary along
/// no other, else one for each element.
Channels broadcastChannels(const Inputs& inputs, const FloatTensor& tensor, const Shape& shape) {
    if (tensor.values.size() == 1) return {tensor.values, 1};
    const std::size_t missing = shape.size() - std::min(shape.size(), tensor.shape.size());
    std::optional<std::size_t> only;
    bool several = tensor.shape.size() > shape.size();
    for (std::size_t i = 0; i < tensor.shape.size() && !several; ++i) {
        if (tensor.shape[i] == 1) continue;
        if (tensor.shape[i] != shape[i + missing]) {
            inputs.fail("constants of the shape " + toString(tensor.shape) +
                        " don't fit an input " + toString(shape));
        }
        several = only.has_value();
        only = i + missing;
    }
    const std::vector<std::int64_t> steps = stepsOf(shape);
    if (only && !several) return {tensor.values, toSize(steps[*only])};
    if (elementCount(tensor.shape) != elementCount(shape)) {
        inputs.fail("constants of the shape " + toString(tensor.shape) + " for an input " +
                    toString(shape) + " are not supported");
    }
    return {tensor.values, 1};
}

/// Returns constants of a linear quantiser: one, or one for each index of an axis, or of each block
/// of indices.
Channels axisChannels(const Inputs& inputs, const FloatTensor& tensor, const Shape& shape) {
    if (tensor.values.size() == 1) return {tensor.values, 1};
    const auto rank = static_cast<std::int64_t>(shape.size());
    std::int64_t axis = inputs.node().intOr("axis", 1);
    axis += axis < 0 ? rank : 0;
    const std::int64_t block = inputs.node().intOr("block_size", 0);
    if (axis < 0 || axis >= rank) inputs.fail("the axis is none of an input " + toString(shape));
    const std::size_t at = toSize(axis);
    const std::vector<std::int64_t> steps = stepsOf(shape);
    if (block == 0) {
        if (tensor.shape != Shape{shape[at]}) {
            inputs.fail("scales or zero points of the shape " + toString(tensor.shape) +
                        " don't fit axis " + std::to_string(at) + " of an input " +
                        toString(shape));
        }
        return {tensor.values, toSize(steps[at])};
    }
    Shape blocks = shape;
    if (block < 1) inputs.fail("the block size is negative");
    blocks[at] = (shape[at] + block - 1) / block;
    if (tensor.shape != blocks) {
        inputs.fail("scales or zero points of the shape " + toString(tensor.shape) +
                    " don't fit blocks of an input " + toString(shape));
    }
    const std::vector<std::int64_t> blockSteps = stepsOf(blocks);
    Channels each;
    for (std::size_t e = 0; e < elementCount(shape); ++e) {
        std::int64_t from = 0;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const std::int64_t index =
                static_cast<std::int64_t>(e) / steps[i] % std::max<std::int64_t>(shape[i], 1);
            from += (i == at ? index / block : index) * blockSteps[i];
        }
        each.values.push_back(tensor.values[toSize(from)]);
    }
    return each;
}

/// Gives scales and zero points the same channels.
void setChannels(FileCodes& codes, const Channels& scales, const Channels& zeros,
                 std::size_t elements) {
    const auto spread = [elements](const Channels& channels) {
        std::vector<float> each(elements);
        for (std::size_t e = 0; e < elements; ++e) {
            each[e] = channels.values[e / channels.step % channels.values.size()];
        }
        return each;
    };
    if (zeros.values.size() == 1) {
        codes.scales = scales.values;
        codes.zeroPoints.assign(scales.values.size(), zeros.values[0]);
        codes.channelStep = scales.step;
    } else if (scales.values.size() == 1) {
        codes.zeroPoints = zeros.values;
        codes.scales.assign(zeros.values.size(), scales.values[0]);
        codes.channelStep = zeros.step;
    } else if (scales.step == zeros.step && scales.values.size() == zeros.values.size()) {
        codes.scales = scales.values;
        codes.zeroPoints = zeros.values;
        codes.channelStep = scales.step;
    } else {
        codes.scales = spread(scales);
        codes.zeroPoints = spread(zeros);
        codes.channelStep = 1;
    }
}

QuantizedTensor withValues(const Shape& shape, FileCodes codes) {
    FloatTensor values{shape, {}};
    values.values.reserve(codes.codes.size());
    for (std::size_t e = 0; e < codes.codes.size(); ++e) {
        values.values.push_back(valueOf(codes, codes.codes[e], e));
    }
    return {std::move(values), std::move(codes)};
}

Result dequantized(const Inputs& inputs) {
    const IntTensor* codes = inputs.integers(0);
    if (codes == nullptr || codes->bits > 32) return std::nullopt;
    FileCodes file;
    file.bits = codes->bits;
    file.isSigned = codes->isSigned;
    file.codes = codes->values;
    const Channels scales = axisChannels(inputs, inputs.requiredNumbers(1), codes->shape);
    const auto zeroPoint = inputs.numbers(2);
    const Channels zeros =
        zeroPoint ? axisChannels(inputs, *zeroPoint, codes->shape) : Channels{{0.0F}, 1};
    setChannels(file, scales, zeros, file.codes.size());
    return withValues(codes->shape, std::move(file));
}

Result quantized(const Inputs& inputs) {
    const FloatTensor* values = inputs.floats(0);
    if (values == nullptr) return std::nullopt;
    const QuantizedRange range = linearRange(inputs.network(), inputs.node(), inputs.integers(2));
    const Channels scales = axisChannels(inputs, inputs.requiredNumbers(1), values->shape);
    const auto zeroPoint = inputs.numbers(2);
    const Channels zeros =
        zeroPoint ? axisChannels(inputs, *zeroPoint, values->shape) : Channels{{0.0F}, 1};
    IntTensor codes{values->shape, {}, range.bits, range.isSigned};
    for (std::size_t e = 0; e < values->values.size(); ++e) {
        const float scale = scales.values[e / scales.step % scales.values.size()];
        const float zero = zeros.values[e / zeros.step % zeros.values.size()];
        const double code = std::nearbyint(values->values[e] / scale) + static_cast<double>(zero);
        codes.values.push_back(
            std::isnan(code) ? 0
                             : static_cast<std::int64_t>(std::clamp(code, range.low, range.high)));
    }
    return codes;
}

/// A Clip between quantising and dequantising tells how many bits the codes really have.
Result clippedCodes(const Inputs& inputs) {
    const IntTensor* codes = inputs.integers(0);
    if (codes == nullptr) return std::nullopt;
    const double most = std::ldexp(1.0, static_cast<int>(codes->bits) - (codes->isSigned ? 1 : 0));
    double low = codes->isSigned ? -most : 0;
    double high = most - 1;
    if (inputs.numbers(1)) low = std::max(low, static_cast<double>(inputs.number(1)));
    if (inputs.numbers(2)) high = std::min(high, static_cast<double>(inputs.number(2)));
    if (!(low <= high)) inputs.fail("the bounds leave nothing");
    IntTensor clipped = *codes;
    for (std::int64_t& value : clipped.values) {
        value = static_cast<std::int64_t>(std::clamp(static_cast<double>(value), low, high));
    }
    std::uint32_t bits = 1;
    while (bits < codes->bits &&
           (codes->isSigned ? low < -std::ldexp(1.0, static_cast<int>(bits) - 1) ||
                                  high > std::ldexp(1.0, static_cast<int>(bits) - 1) - 1
                            : high > std::ldexp(1.0, static_cast<int>(bits)) - 1)) {
        ++bits;
    }
    clipped.bits = std::max<std::uint32_t>(bits, 2);
    return clipped;
}

Result quantOfConstant(const Inputs& inputs) {
    const FloatTensor* values = inputs.floats(0);
    if (values == nullptr) return std::nullopt;
    const QuantizedRange range = quantRange(inputs.network(), inputs.node(), inputs.number(3));
    const QuantRounding rounding = quantRounding(inputs.network(), inputs.node());
    FileCodes codes;
    codes.bits = range.bits;
    codes.isSigned = range.isSigned;
    setChannels(codes, broadcastChannels(inputs, inputs.requiredNumbers(1), values->shape),
                broadcastChannels(inputs, inputs.requiredNumbers(2), values->shape),
                values->values.size());
    for (std::size_t e = 0; e < values->values.size(); ++e) {
        const std::size_t c = e / codes.channelStep % codes.scales.size();
        const double x = static_cast<double>(values->values[e] / codes.scales[c]) +
                         static_cast<double>(codes.zeroPoints[c]);
        const double code = rounded(std::clamp(x, range.low, range.high), rounding);
        codes.codes.push_back(std::isnan(code) ? 0 : static_cast<std::int64_t>(code));
    }
    return withValues(values->shape, std::move(codes));
}

Result bipolar(const Inputs& inputs) {
    const FloatTensor* values = inputs.floats(0);
    if (values == nullptr) return std::nullopt;
    FileCodes codes;
    codes.bits = 1;
    codes.isSigned = false;
    codes.bipolar = true;
    setChannels(codes, broadcastChannels(inputs, inputs.requiredNumbers(1), values->shape),
                Channels{{0.0F}, 1}, values->values.size());
    for (const float value : values->values) codes.codes.push_back(value >= 0 ? 1 : 0);
    return withValues(values->shape, std::move(codes));
}

}  // namespace

std::optional<std::variant<IntTensor, QuantizedTensor>> quantizedConstant(const Network& network) {
    const Inputs inputs(network);
    const std::string& op = inputs.node().op;
    if (op == "DequantizeLinear") return dequantized(inputs);
    if (op == "QuantizeLinear") return quantized(inputs);
    if (op == "Clip") return clippedCodes(inputs);
    if (op == "Quant" || op == "IntQuant") return quantOfConstant(inputs);
    if (op == "BipolarQuant") return bipolar(inputs);
    return std::nullopt;
}

}  // namespace brownout
