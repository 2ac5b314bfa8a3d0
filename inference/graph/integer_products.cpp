#include "inference/graph/integer_products.h"

#include <algorithm>
#include <array>

namespace brownout {

namespace {

using Attributes = std::map<std::string, AttributeValue>;
using Ints = std::vector<std::int64_t>;

/// Windows over two axes; a missing one has size 1.
struct Windows2 {
    Ints kernel{1, 1}, strides{1, 1}, dilations{1, 1},
        pads{0, 0, 0, 0};  // top, left, bottom, right

    Attributes attributes() const {
        return {{"kernel", kernel}, {"strides", strides}, {"dilations", dilations}, {"pads", pads}};
    }
};

/// Returns the padding (first of all axes, then last) that auto_pad asks for.
Ints automaticPads(const std::string& padding, const Ints& sizes, const Ints& kernel,
                   const Ints& strides, const Ints& dilations) {
    const std::size_t axes = sizes.size();
    Ints pads(2 * axes, 0);
    if (padding == "VALID") return pads;
    for (std::size_t i = 0; i < axes; ++i) {
        const std::int64_t out = (sizes[i] + strides[i] - 1) / strides[i];
        const std::int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
        const auto total = std::max<std::int64_t>(0, (out - 1) * strides[i] + extent - sizes[i]);
        pads[i] = padding == "SAME_UPPER" ? total / 2 : total - total / 2;
        pads[axes + i] = total - pads[i];
    }
    return pads;
}

/// Returns windows over the one or two axes of a convolution or pooling of an input; nothing for
/// more axes and negative padding.
std::optional<Windows2> windowsOf(const Node& node, const Ints& kernel, const Shape& input) {
    const std::size_t axes = input.size() - 2;
    if (axes < 1 || axes > 2) return std::nullopt;
    const Ints strides = node.intsOr("strides", Ints(axes, 1));
    const Ints dilations = node.intsOr("dilations", Ints(axes, 1));
    if (kernel.size() != axes || strides.size() != axes || dilations.size() != axes) {
        return std::nullopt;
    }
    const std::string padding = node.textOr("auto_pad", "NOTSET");
    const Ints pads = padding == "NOTSET" ? node.intsOr("pads", Ints(2 * axes, 0))
                                          : automaticPads(padding, {input.begin() + 2, input.end()},
                                                          kernel, strides, dilations);
    if (pads.size() != 2 * axes || *std::min_element(pads.begin(), pads.end()) < 0) {
        return std::nullopt;
    }
    Windows2 w;
    for (std::size_t i = 0; i < axes; ++i) {
        const std::size_t at = 2 - axes + i;
        w.kernel[at] = kernel[i];
        w.strides[at] = strides[i];
        w.dilations[at] = dilations[i];
        w.pads[at] = pads[i];
        w.pads[at + 2] = pads[axes + i];
    }
    return w;
}

/// Returns whether a convolution is done by Winograd's algorithm: 3x3, one group, steps of 1, and
/// enough channels to pay for the transforms.
bool takesWinograd(const Windows2& w, std::int64_t groups, std::int64_t channels, std::int64_t rows,
                   const Shape& output) {
    const Ints ones = {1, 1};
    constexpr std::int64_t kFewest = 8;  // channels: measured in tests/benchmarks/README.md
    return groups == 1 && w.kernel == Ints{3, 3} && w.strides == ones && w.dilations == ones &&
           channels >= kFewest && rows >= kFewest && output.size() == 4 && output[2] >= 3 &&
           output[3] >= 3;
}

std::optional<IntegerProduct> convolution(const Patterns& patterns, const Node& node,
                                          const CodeRange& input) {
    const FloatTensor* weights = patterns.floatsOf(node.input(1));
    const Shape* x = patterns.shapeOf(node.input(0));
    const Shape* y = patterns.shapeOf(node.outputs.at(0));
    if (weights == nullptr || x == nullptr || y == nullptr || !patterns.isPlane(node.inputs[0]) ||
        weights->shape.size() != x->size() || x->size() < 3) {
        return std::nullopt;
    }
    const auto windows = windowsOf(node, {weights->shape.begin() + 2, weights->shape.end()}, *x);
    const std::int64_t rows = weights->shape[0];
    const auto operand =
        patterns.weightsOf(node.inputs[1], static_cast<std::size_t>(rows),
                           elementCount({weights->shape.begin() + 1, weights->shape.end()}));
    if (!windows || !operand) return std::nullopt;
    const std::int64_t groups = node.intOr("group", 1);
    const bool winograd = takesWinograd(*windows, groups, (*x)[1], rows, *y);
    IntegerProduct product;
    product.attributes = windows->attributes();
    product.attributes["groups"] = groups;
    product.attributes["winograd"] = std::int64_t{winograd ? 1 : 0};
    Ints border = windows->pads;
    if (winograd) {
        // Tiles at the edge read up to three rows and columns more.
        border[2] += (4 - (*y)[2] % 4) % 4;
        border[3] += (4 - (*y)[3] % 4) % 4;
    }
    product.attributes["input_border"] = border;
    for (float scale : operand->scales) product.units.push_back(input.scale * scale);
    return product;
}

std::optional<IntegerProduct> matrixProduct(const Patterns& patterns, const Node& node,
                                            const CodeRange& input) {
    const FloatTensor* weights = patterns.floatsOf(node.input(1));
    const Shape* x = patterns.shapeOf(node.input(0));
    if (weights == nullptr || x == nullptr || x->size() != 2 || weights->shape.size() != 2 ||
        node.intOr("transA", 0) != 0 || node.floatOr("alpha", 1.0F) != 1.0F ||
        node.floatOr("beta", 1.0F) != 1.0F) {
        return std::nullopt;
    }
    const bool transposed = node.intOr("transB", 0) != 0;
    const std::int64_t rows = weights->shape[transposed ? 0 : 1];
    const std::int64_t depth = weights->shape[transposed ? 1 : 0];
    const auto operand = patterns.weightsOf(node.inputs[1], static_cast<std::size_t>(rows),
                                            transposed ? static_cast<std::size_t>(depth) : 1);
    if (!operand) return std::nullopt;
    IntegerProduct product;
    product.attributes = Windows2().attributes();
    product.attributes["groups"] = std::int64_t{1};
    product.attributes["winograd"] = std::int64_t{0};
    product.attributes["input_border"] = Ints(4, 0);
    product.attributes["transposed"] = std::int64_t{transposed ? 1 : 0};
    for (float scale : operand->scales) product.units.push_back(input.scale * scale);
    return product;
}

}  // namespace

std::optional<IntegerProduct> integerProductOf(const Patterns& patterns, const Node& node,
                                               const CodeRange& input) {
    std::optional<IntegerProduct> product = node.op == "Conv"
                                                ? convolution(patterns, node, input)
                                                : matrixProduct(patterns, node, input);
    if (product) product->attributes["most"] = input.most();
    return product;
}

std::optional<std::map<std::string, AttributeValue>> integerWindowsOf(const Node& node,
                                                                      const Ints& kernel,
                                                                      const Shape& input) {
    const auto windows = windowsOf(node, kernel, input);
    if (!windows) return std::nullopt;
    return windows->attributes();
}

std::optional<std::map<std::string, AttributeValue>> integerPoolOf(const Patterns& patterns,
                                                                   const Node& node) {
    const Shape* x = patterns.shapeOf(node.input(0));
    if (x == nullptr || x->size() < 3 || node.intOr("ceil_mode", 0) != 0 ||
        node.intOr("storage_order", 0) != 0) {
        return std::nullopt;
    }
    Ints kernel = node.intsOr("kernel_shape", {});
    if (node.op == "GlobalAveragePool") kernel.assign(x->begin() + 2, x->end());
    const auto windows = windowsOf(node, kernel, *x);
    if (!windows) return std::nullopt;
    Attributes attributes = windows->attributes();
    attributes["average"] = std::int64_t{node.op == "MaxPool" ? 0 : 1};
    attributes["count_padding"] = node.intOr("count_include_pad", 0);
    return attributes;
}

void giveBorders(Network& network) {
    std::map<std::string, Ints> wanted;
    for (const Node& node : network.nodes) {
        if (node.op != "IntegerProduct") continue;
        Ints& border = wanted.emplace(node.inputs.at(0), Ints(4, 0)).first->second;
        const Ints more = node.intsOr("input_border", Ints(4, 0));
        for (std::size_t i = 0; i < border.size(); ++i) border[i] = std::max(border[i], more[i]);
    }
    for (Node& node : network.nodes) {
        const auto border = wanted.find(node.outputs.at(0));
        if (border != wanted.end()) node.attributes["border"] = border->second;
    }
}

}  // namespace brownout
