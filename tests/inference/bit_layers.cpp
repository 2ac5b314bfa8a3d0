#include "tests/inference/bit_layers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace brownout {

namespace {

using Ints = std::vector<std::int64_t>;

int pick(std::mt19937& random, int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

void add(Network& network, const std::string& op, const std::vector<std::string>& inputs,
         const std::string& output, std::map<std::string, AttributeValue> attributes = {}) {
    network.nodes.push_back({output, op, inputs, {output}, std::move(attributes)});
}

void addConstant(Network& network, const std::string& name, const FloatTensor& value) {
    add(network, "Constant", {}, name, {{"value", value}});
}

/// Adds weights of one bit that the file has as codes.
void addWeights(Network& network, const std::string& name, const Shape& shape,
                const std::vector<std::int32_t>& signs, float scale) {
    FileCodes codes;
    codes.bits = 1;
    codes.isSigned = false;
    codes.bipolar = true;
    codes.scales = {scale};
    codes.zeroPoints = {0.0F};
    FloatTensor values{shape, {}};
    for (const std::int32_t sign : signs) {
        codes.codes.push_back(sign > 0 ? 1 : 0);
        values.values.push_back(static_cast<float>(sign) * scale);
    }
    network.parameters[name] = std::move(values);
    network.fileCodes[name] = std::move(codes);
}

}  // namespace

std::int64_t BitLayer::sumSize(int axis) const {
    const std::int64_t size = axis == 0 ? height : width;
    const std::int64_t extent = (kernel[axis] - 1) * dilation[axis] + 1;
    return (size + pads[axis] + pads[axis + 2] - extent) / stride[axis] + 1;
}

std::int64_t BitLayer::outSize(int axis) const {
    if (pool == Pool::kNone) return sumSize(axis);
    const std::int64_t padded = sumSize(axis) + windowPads[axis] + windowPads[axis + 2];
    return (padded - window) / windowStride + 1;
}

std::int64_t BitLayer::lowestByte() const {
    if (!signedBytes) return 0;
    return -(std::int64_t{1} << (byteWidth - 1)) + (narrowBytes ? 1 : 0);
}

std::int64_t BitLayer::highestByte() const {
    if (signedBytes) return (std::int64_t{1} << (byteWidth - 1)) - 1;
    return (std::int64_t{1} << byteWidth) - 1 - (narrowBytes ? 1 : 0);
}

std::int64_t BitLayer::byteOf(float value) const {
    const double code =
        std::clamp(static_cast<double>(value) / activationScale, static_cast<double>(lowestByte()),
                   static_cast<double>(highestByte()));
    return static_cast<std::int64_t>(floorsBytes ? std::floor(code) : std::nearbyint(code));
}

Network BitLayer::network() const {
    Network n;
    n.file = "layer.onnx";
    n.opset = 13;
    Shape image = {1, channels(), height, width};
    if (matrix && !flattened) image = {1, channels()};
    n.inputs = {{"image", image}};
    n.outputs = {{"scores", {}}};
    std::string x = "image";
    addConstant(n, "scale", {{}, {activationScale}});
    if (bytes) {
        addConstant(n, "zero", {{}, {0.0F}});
        addConstant(n, "width", {{}, {static_cast<float>(byteWidth)}});
        add(n, "Quant", {x, "scale", "zero", "width"}, "codes",
            {{"signed", std::int64_t{signedBytes ? 1 : 0}},
             {"narrow", std::int64_t{narrowBytes ? 1 : 0}},
             {"rounding_mode", std::string(floorsBytes ? "FLOOR" : "ROUND")}});
        x = "codes";
    } else {
        add(n, "BipolarQuant", {x, "scale"}, "signs");
        x = "signs";
    }
    if (flattened) {
        add(n, "Flatten", {x}, "row");
        x = "row";
    }
    Ints convPads(pads, pads + 4);
    if (padding != Padding::kZeros) {
        n.integers["pads"] = {{8}, {0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]}};
        const float value = padding == Padding::kPlus ? activationScale : -activationScale;
        addConstant(n, "fill", {{}, {value}});
        add(n, "Pad", {x, "pads", "fill"}, "padded");
        x = "padded";
        convPads.assign(4, 0);
    }
    if (matrix) {
        addWeights(n, "weights", transposed ? Shape{rows(), channels()} : Shape{channels(), rows()},
                   weights, weightScale);
        add(n, "Gemm", {x, "weights"}, "sums", {{"transB", std::int64_t{transposed ? 1 : 0}}});
    } else {
        addWeights(n, "weights", {rows(), inPerGroup, kernel[0], kernel[1]}, weights, weightScale);
        add(n, "Conv", {x, "weights"}, "sums",
            {{"strides", Ints(stride, stride + 2)},
             {"dilations", Ints(dilation, dilation + 2)},
             {"pads", convPads},
             {"group", groups}});
    }
    x = "sums";
    const auto addPool = [&](const std::string& output) {
        add(n, "MaxPool", {x}, output,
            {{"kernel_shape", Ints(2, window)},
             {"strides", Ints(2, windowStride)},
             {"pads", Ints(windowPads, windowPads + 4)}});
        x = output;
    };
    if (pool == Pool::kBefore) addPool("pooled");
    Shape perChannel = {rows()};
    if (!matrix && !batchNorm) perChannel = {rows(), 1, 1};
    n.parameters["factors"] = {perChannel, factors};
    n.parameters["summands"] = {perChannel, summands};
    if (batchNorm) {
        n.parameters["mean"] = {perChannel, std::vector<float>(factors.size(), 0.5F)};
        n.parameters["variance"] = {perChannel, std::vector<float>(factors.size(), 4.0F)};
        add(n, "BatchNormalization", {x, "factors", "summands", "mean", "variance"}, "above",
            {{"epsilon", 0.0F}});
        x = "above";
    } else {
        add(n, "Mul", {x, "factors"}, "directed");
        x = "directed";
        if (pool == Pool::kBetween) addPool("pooled");
        add(n, "Add", {x, "summands"}, "above");
        x = "above";
    }
    addConstant(n, "one", {{}, {1.0F}});
    if (sign == Sign::kBipolar) {
        add(n, "BipolarQuant", {x, "one"}, "results");
    } else {
        add(n, "Sign", {x}, "results");
    }
    x = "results";
    if (pool == Pool::kBehind) addPool("pooled");
    add(n, "Flatten", {x}, "flat");
    addWeights(n, "last", {kLastRows, static_cast<std::int64_t>(outputElements())}, lastWeights,
               1.0F);
    add(n, "Gemm", {"flat", "last"}, "scores", {{"transB", std::int64_t{1}}});
    return n;
}

std::vector<std::int32_t> BitLayer::signsOf(const std::vector<float>& image) const {
    const auto inputAt = [&](std::int64_t c, std::int64_t y, std::int64_t x) -> std::int64_t {
        if (y < 0 || y >= height || x < 0 || x >= width) {
            return padding == Padding::kZeros ? 0 : padding == Padding::kPlus ? 1 : -1;
        }
        const float value = image[static_cast<std::size_t>((c * height + y) * width + x)];
        if (bytes) return byteOf(value);
        return value >= 0 ? 1 : -1;
    };
    const auto weightAt = [&](std::int64_t row, std::int64_t k) {
        const std::int64_t depth = inPerGroup * kernel[0] * kernel[1];
        return weights[static_cast<std::size_t>(matrix && !transposed ? k * rows() + row
                                                                      : row * depth + k)];
    };
    const auto affine = [&](std::int64_t row, double value, bool factor, bool summand) {
        const auto r = static_cast<std::size_t>(row);
        if (batchNorm) return (value - 0.5) / 2 * factors[r] + summands[r];
        if (factor) value *= factors[r];
        return summand ? value + summands[r] : value;
    };
    std::vector<std::int32_t> signs;
    for (std::int64_t row = 0; row < rows(); ++row) {
        const std::int64_t group = row / outPerGroup;
        std::vector<double> values;
        for (std::int64_t y = 0; y < sumSize(0); ++y) {
            for (std::int64_t x = 0; x < sumSize(1); ++x) {
                std::int64_t sum = 0;
                std::int64_t k = 0;
                for (std::int64_t c = 0; c < inPerGroup; ++c) {
                    for (std::int64_t i = 0; i < kernel[0]; ++i) {
                        for (std::int64_t j = 0; j < kernel[1]; ++j, ++k) {
                            sum += weightAt(row, k) *
                                   inputAt(group * inPerGroup + c,
                                           y * stride[0] + i * dilation[0] - pads[0],
                                           x * stride[1] + j * dilation[1] - pads[1]);
                        }
                    }
                }
                values.push_back(static_cast<double>(sum) * weightScale * activationScale);
            }
        }
        const auto isPlus = [](double value) { return value >= 0 ? 1 : -1; };
        for (std::int64_t y = 0; y < outSize(0); ++y) {
            for (std::int64_t x = 0; x < outSize(1); ++x) {
                if (pool == Pool::kNone) {
                    const double value = values[static_cast<std::size_t>(y * sumSize(1) + x)];
                    signs.push_back(isPlus(affine(row, value, true, true)));
                    continue;
                }
                double most = -std::numeric_limits<double>::infinity();
                for (std::int64_t i = 0; i < window; ++i) {
                    for (std::int64_t j = 0; j < window; ++j) {
                        const std::int64_t atY = y * windowStride + i - windowPads[0];
                        const std::int64_t atX = x * windowStride + j - windowPads[1];
                        if (atY < 0 || atX < 0 || atY >= sumSize(0) || atX >= sumSize(1)) continue;
                        double value = values[static_cast<std::size_t>(atY * sumSize(1) + atX)];
                        if (pool == Pool::kBetween) value = affine(row, value, true, false);
                        if (pool == Pool::kBehind) value = isPlus(affine(row, value, true, true));
                        most = std::max(most, value);
                    }
                }
                if (pool == Pool::kBefore) most = affine(row, most, true, true);
                if (pool == Pool::kBetween) most = affine(row, most, false, true);
                signs.push_back(isPlus(most));
            }
        }
    }
    return signs;
}

std::vector<float> BitLayer::run(const std::vector<float>& image) const {
    const std::vector<std::int32_t> signs = signsOf(image);
    std::vector<float> scores;
    for (std::int64_t row = 0; row < kLastRows; ++row) {
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < signs.size(); ++k) {
            sum += signs[k] * lastWeights[static_cast<std::size_t>(row) * signs.size() + k];
        }
        scores.push_back(static_cast<float>(sum));
    }
    return scores;
}

BitLayer randomBitLayer(std::mt19937& random) {
    BitLayer l;
    l.bytes = pick(random, 0, 4) == 0;
    if (l.bytes) {
        l.signedBytes = pick(random, 0, 1) == 0;
        l.narrowBytes = pick(random, 0, 1) == 0;
        l.floorsBytes = pick(random, 0, 3) == 0;
        l.byteWidth = pick(random, 0, 1) == 0 ? 8 : pick(random, 2, 7);
    }
    l.matrix = pick(random, 0, 4) == 0;
    l.groups = l.matrix || l.bytes || pick(random, 0, 1) == 0 ? 1 : pick(random, 2, 5);
    l.inPerGroup = pick(random, 1, pick(random, 0, 3) == 0 ? 70 : 12);
    l.outPerGroup = pick(random, 1, pick(random, 0, 3) == 0 ? 40 : 9);
    if (l.matrix) {
        l.transposed = pick(random, 0, 1) == 0;
        l.flattened = pick(random, 0, 1) == 0;
        l.inPerGroup = pick(random, 1, 150);
    } else {
        l.height = pick(random, 3, 7);
        l.width = pick(random, 3, 7);
        for (int axis = 0; axis < 2; ++axis) {
            l.kernel[axis] = pick(random, 1, 3);
            l.stride[axis] = pick(random, 1, 2);
            l.dilation[axis] = pick(random, 1, l.kernel[axis] == 3 ? 1 : 2);
            l.pads[axis] = pick(random, 0, 2);
            l.pads[axis + 2] = pick(random, 0, 2);
        }
        const bool isPadded = *std::max_element(l.pads, l.pads + 4) > 0;
        if (!l.bytes && isPadded) {
            l.padding = static_cast<BitLayer::Padding>(pick(random, 0, 2));
        }
        if (l.sumSize(0) >= 2 && l.sumSize(1) >= 2) {
            l.pool = static_cast<BitLayer::Pool>(pick(random, 0, 3));
            l.windowStride = pick(random, 1, 2);
            for (std::int64_t& pad : l.windowPads) pad = pick(random, 0, 3) == 0 ? 1 : 0;
        }
    }
    l.batchNorm = l.pool != BitLayer::Pool::kBetween && pick(random, 0, 2) == 0;
    const float scales[] = {0.5F, 1.0F, 2.0F, 41.0F};
    l.weightScale = scales[pick(random, 0, 2)];
    l.activationScale = scales[pick(random, 0, 3)];
    const std::size_t depth = static_cast<std::size_t>(l.inPerGroup * l.kernel[0] * l.kernel[1]);
    for (std::size_t e = 0; e < static_cast<std::size_t>(l.rows()) * depth; ++e) {
        l.weights.push_back(pick(random, 0, 1) * 2 - 1);
    }
    for (std::size_t e = 0; e < BitLayer::kLastRows * l.outputElements(); ++e) {
        l.lastWeights.push_back(pick(random, 0, 1) * 2 - 1);
    }
    const float factors[] = {-2.0F, -1.0F, -0.5F, 0.0F, 0.5F, 1.0F, 1.0F, 2.0F};
    for (std::int64_t row = 0; row < l.rows(); ++row) {
        l.factors.push_back(factors[pick(random, 0, 7)]);
        // Whole sums and small whole summands: many ties.
        const int most = l.bytes ? 200 : 4;
        l.summands.push_back(0.5F * static_cast<float>(pick(random, -most, most)));
    }
    if (pick(random, 0, 5) == 0 && !l.batchNorm && l.pool != BitLayer::Pool::kBehind) {
        // Without ties: thresholds between whole numbers.
        l.sign = BitLayer::Sign::kSign;
        for (float& factor : l.factors) factor = factor < 0 ? -1.0F : 1.0F;
        const float unit = l.weightScale * l.activationScale;
        for (float& summand : l.summands) {
            summand = unit * (static_cast<float>(pick(random, -4, 3)) + 0.5F);
        }
    }
    return l;
}

std::vector<float> randomBitImage(const BitLayer& layer, std::mt19937& random) {
    std::vector<float> image(layer.imageElements());
    for (float& value : image) {
        if (layer.bytes) {
            const auto low = static_cast<int>(4 * layer.lowestByte());
            const auto high = static_cast<int>(4 * layer.highestByte());
            value =
                0.25F * static_cast<float>(pick(random, low - 9, high + 9)) * layer.activationScale;
        } else {
            value = static_cast<float>(pick(random, -2, 2));
        }
    }
    return image;
}

}  // namespace brownout
