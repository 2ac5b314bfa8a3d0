#include "tests/inference/quantized_layers.h"

#include <algorithm>
#include <cmath>

namespace brownout {

namespace {

std::int64_t between(std::mt19937& random, std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

Coding randomCoding(std::mt19937& random, float scale) {
    Coding coding;
    coding.isSigned = between(random, 0, 1) == 1;
    coding.scale = scale * static_cast<float>(between(random, 90, 110)) / 100;
    coding.zero = between(random, coding.low(), coding.high());
    if (between(random, 0, 2) == 0) coding.zero = coding.low();
    return coding;
}

}  // namespace

std::int64_t Coding::quantize(float value) const {
    const auto lowest = static_cast<float>(low() - zero);
    const auto highest = static_cast<float>(high() - zero);
    const float code = std::nearbyint(value / scale);
    return static_cast<std::int64_t>(std::min(std::max(code, lowest), highest)) + zero;
}

std::int64_t QuantizedLayer::outSize(int axis) const {
    const std::int64_t size = axis == 0 ? height : width;
    return (size + pads[axis] + pads[2 + axis] - (kernel[axis] - 1) * dilation[axis] - 1) /
               stride[axis] +
           1;
}

void QuantizedLayer::fill(std::mt19937& random, bool perRow) {
    const std::int64_t low = signedWeights ? -128 : 0;
    const std::size_t channels = perRow ? at(rows()) : 1;
    scales.clear();
    zeros.clear();
    for (std::size_t c = 0; c < channels; ++c) {
        scales.push_back(static_cast<float>(between(random, 50, 200)) * 1e-4F);
        zeros.push_back(between(random, 0, 1) == 0 ? low + 128 : between(random, low, low + 255));
    }
    weights.clear();
    for (std::size_t e = 0; e < at(rows()) * elementsOfRow(); ++e) {
        weights.push_back(between(random, low, low + 255));
    }
    bias.clear();
    for (std::int64_t row = 0; row < rows(); ++row) bias.push_back(between(random, -20000, 20000));
    // Sums spread over about four times the codes of the result.
    const double spread = std::sqrt(static_cast<double>(elementsOfRow())) * 75 * 75;
    output.scale = static_cast<float>(spread) * input.scale * scales[0] / 100;
}

Network QuantizedLayer::network() const {
    Network network;
    network.file = "test";
    network.opset = 21;
    network.inputs = {Port{"x", {-1, channels(), height, width}}};
    const std::string x = addCoding(network, "x", input);
    FileCodes codes;
    codes.isSigned = signedWeights;
    codes.codes = weights;
    codes.scales = scales;
    codes.zeroPoints = {zeros.begin(), zeros.end()};
    codes.channelStep = elementsOfRow();
    FloatTensor values{{rows(), inPerGroup, kernel[0], kernel[1]}, {}};
    for (std::size_t e = 0; e < weights.size(); ++e) {
        values.values.push_back(valueOf(codes, weights[e], e));
    }
    network.parameters["w"] = values;
    network.fileCodes["w"] = codes;
    FileCodes biasCodes;
    biasCodes.bits = 32;
    biasCodes.codes = bias;
    FloatTensor biasValues{{rows()}, {}};
    for (std::int64_t row = 0; row < rows(); ++row) {
        biasCodes.scales.push_back(input.scale * scaleOf(row));
        biasCodes.zeroPoints.push_back(0);
        biasValues.values.push_back(static_cast<float>(bias[at(row)]) * biasCodes.scales.back());
    }
    network.parameters["b"] = biasValues;
    network.fileCodes["b"] = biasCodes;
    using Ints = std::vector<std::int64_t>;
    std::string y = addNode(network, "Conv", {x, "w", "b"},
                            {{"group", groups},
                             {"strides", Ints{stride[0], stride[1]}},
                             {"dilations", Ints{dilation[0], dilation[1]}},
                             {"pads", Ints{pads[0], pads[1], pads[2], pads[3]}}});
    if (relu) y = addNode(network, "Relu", {y});
    y = addCoding(network, y, output);
    network.outputs = {Port{y, {}}};
    return network;
}

std::vector<float> QuantizedLayer::run(const std::vector<float>& image) const {
    std::vector<float> result;
    for (std::int64_t row = 0; row < rows(); ++row) {
        const std::int64_t group = row / outPerGroup;
        const float factor = input.scale * scaleOf(row) / output.scale;
        for (std::int64_t oy = 0; oy < outSize(0); ++oy) {
            for (std::int64_t ox = 0; ox < outSize(1); ++ox) {
                std::int64_t sum = bias[at(row)];
                for (std::int64_t c = 0; c < inPerGroup; ++c) {
                    for (std::int64_t ky = 0; ky < kernel[0]; ++ky) {
                        for (std::int64_t kx = 0; kx < kernel[1]; ++kx) {
                            const std::int64_t y = oy * stride[0] + ky * dilation[0] - pads[0];
                            const std::int64_t x = ox * stride[1] + kx * dilation[1] - pads[1];
                            if (y < 0 || y >= height || x < 0 || x >= width) continue;
                            const std::int64_t from =
                                ((group * inPerGroup + c) * height + y) * width + x;
                            const std::int64_t weight = weights[at(
                                ((row * inPerGroup + c) * kernel[0] + ky) * kernel[1] + kx)];
                            sum += (input.quantize(image[at(from)]) - input.zero) *
                                   (weight - zeroOf(row));
                        }
                    }
                }
                // Modulo 2^32.
                const auto word = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
                float code = std::nearbyint(static_cast<float>(word) * factor);
                code = std::max(code, static_cast<float>(output.low() - output.zero));
                code = std::min(code, static_cast<float>(output.high() - output.zero));
                if (relu) code = std::max(code, 0.0F);
                result.push_back(code * output.scale);
            }
        }
    }
    return result;
}

QuantizedLayer randomLayer(std::mt19937& random) {
    QuantizedLayer l;
    l.groups = between(random, 1, 4);
    l.inPerGroup = between(random, 1, 5);
    l.outPerGroup = between(random, 1, 9);
    if (between(random, 0, 3) == 0) {  // depthwise
        l.groups = between(random, 2, 9);
        l.inPerGroup = 1;
        l.outPerGroup = between(random, 1, 2);
    }
    l.height = between(random, 7, 12);
    l.width = between(random, 7, 12);
    for (int i = 0; i < 2; ++i) {
        l.kernel[i] = between(random, 1, 3);
        l.stride[i] = between(random, 1, 3);
        l.dilation[i] = between(random, 1, 3);
    }
    if (between(random, 0, 3) == 0) l.kernel[0] = 5;
    if (l.kernel[0] == 5) l.dilation[0] = 1;
    for (std::int64_t& pad : l.pads) pad = between(random, 0, 2);
    l.signedWeights = between(random, 0, 1) == 1;
    l.relu = between(random, 0, 1) == 1;
    l.input = randomCoding(random, 1.0F / 128);
    l.output = randomCoding(random, 1);
    l.fill(random, between(random, 0, 1) == 1);
    return l;
}

QuantizedLayer randomWinogradLayer(std::mt19937& random) {
    QuantizedLayer l;
    l.inPerGroup = between(random, 8, 21);
    l.outPerGroup = between(random, 8, 21);
    l.height = between(random, 4, 19);
    l.width = between(random, 4, 19);
    l.kernel[0] = l.kernel[1] = 3;
    for (std::int64_t& pad : l.pads) pad = between(random, 0, 2);
    l.signedWeights = between(random, 0, 1) == 1;
    l.relu = between(random, 0, 1) == 1;
    l.input = randomCoding(random, 1.0F / 128);
    l.output = randomCoding(random, 1);
    l.fill(random, between(random, 0, 1) == 1);
    return l;
}

std::string addNode(Network& network, const std::string& op, const std::vector<std::string>& inputs,
                    const std::map<std::string, AttributeValue>& attributes) {
    Node node;
    node.name = op + std::to_string(network.nodes.size());
    node.op = op;
    node.inputs = inputs;
    node.outputs = {node.name};
    node.attributes = attributes;
    network.nodes.push_back(node);
    return node.name;
}

std::string addCoding(Network& network, const std::string& x, const Coding& coding) {
    const std::string suffix = std::to_string(network.nodes.size());
    network.parameters["scale" + suffix] = {{}, {coding.scale}};
    network.integers["zero" + suffix] = {{}, {coding.zero}, 8, coding.isSigned};
    const std::vector<std::string> constants = {"scale" + suffix, "zero" + suffix};
    const std::string codes = addNode(network, "QuantizeLinear", {x, constants[0], constants[1]});
    return addNode(network, "DequantizeLinear", {codes, constants[0], constants[1]});
}

}  // namespace brownout
