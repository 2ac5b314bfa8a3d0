#include "inference/plan/windows.h"

#include <algorithm>

namespace brownout {

namespace {

constexpr std::int64_t kMaxSize = std::int64_t{1} << 20;

/// An attribute with `count` values of at least `least`, on the last axes of three.
Windows::Sizes sizesOf(const PlanBuilder& builder, const Node& node, const std::string& attribute,
                       const std::vector<std::int64_t>& values, std::size_t count,
                       std::int64_t least, std::int64_t fallback) {
    if (values.size() != count) {
        builder.fail(node, "attribute '" + attribute + "' has " + std::to_string(values.size()) +
                               " values, expected " + std::to_string(count));
    }
    Windows::Sizes sizes{fallback, fallback, fallback};
    for (std::size_t i = 0; i < count; ++i) {
        if (values[i] < least || values[i] > kMaxSize) {
            builder.fail(
                node, "attribute '" + attribute + "' has the value " + std::to_string(values[i]));
        }
        sizes[3 - count + i] = values[i];
    }
    return sizes;
}

}  // namespace

Shape Windows::resultShape(std::int64_t resultChannels) const {
    Shape shape = {batch, resultChannels};
    shape.insert(shape.end(), out.end() - static_cast<std::ptrdiff_t>(spatialAxes), out.end());
    return shape;
}

Windows windowsOf(const PlanBuilder& builder, const Node& node, const Shape& input,
                  std::vector<std::int64_t> kernelShape, bool roundUp) {
    if (input.size() < 3 || input.size() > 5) {
        builder.fail(node, "the input " + toString(input) + " should be [N, C, 1 to 3 axes]");
    }
    Windows w;
    const std::size_t axes = input.size() - 2;
    const std::vector<std::int64_t> given = node.intsOr("kernel_shape", kernelShape);
    if (kernelShape.empty()) {
        kernelShape = given;
    } else if (kernelShape != given) {
        builder.fail(node, "kernel_shape " + toString(given) + " differs from the weights' " +
                               toString(kernelShape));
    }
    const std::vector<std::int64_t> ones(axes, 1);
    w.spatialAxes = axes;
    w.batch = input[0];
    w.channels = input[1];
    for (std::size_t i = 0; i < axes; ++i) {
        w.in[3 - axes + i] = input[2 + i];
    }
    w.kernel = sizesOf(builder, node, "kernel_shape", kernelShape, axes, 1, 1);
    w.stride = sizesOf(builder, node, "strides", node.intsOr("strides", ones), axes, 1, 1);
    w.dilation = sizesOf(builder, node, "dilations", node.intsOr("dilations", ones), axes, 1, 1);
    std::vector<std::int64_t> pads = node.intsOr("pads", std::vector<std::int64_t>(2 * axes, 0));
    if (pads.size() != 2 * axes) {
        builder.fail(node, "attribute 'pads' has " + std::to_string(pads.size()) +
                               " values, expected " + std::to_string(2 * axes));
    }
    const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(axes);
    w.padBegin = sizesOf(builder, node, "pads", {pads.begin(), middle}, axes, 0, 0);
    w.padEnd = sizesOf(builder, node, "pads", {middle, pads.end()}, axes, 0, 0);

    const std::string autoPad = node.textOr("auto_pad", "NOTSET");
    if (autoPad != "NOTSET" && autoPad != "VALID" && autoPad != "SAME_UPPER" &&
        autoPad != "SAME_LOWER") {
        builder.fail(node, "auto_pad '" + autoPad + "' is not known");
    }
    for (std::size_t i = 3 - axes; i < 3; ++i) {
        const std::int64_t extent = (w.kernel[i] - 1) * w.dilation[i] + 1;
        if (autoPad == "VALID") {
            w.padBegin[i] = w.padEnd[i] = 0;
        } else if (autoPad != "NOTSET") {
            const std::int64_t out = (w.in[i] + w.stride[i] - 1) / w.stride[i];
            const std::int64_t total =
                std::max<std::int64_t>(0, (out - 1) * w.stride[i] + extent - w.in[i]);
            const std::int64_t less = total / 2;
            w.padBegin[i] = autoPad == "SAME_UPPER" ? less : total - less;
            w.padEnd[i] = total - w.padBegin[i];
        }
        const std::int64_t room = w.in[i] + w.padBegin[i] + w.padEnd[i] - extent;
        if (room < 0 || w.in[i] < 1) {
            builder.fail(node, "a window of " + std::to_string(extent) +
                                   " doesn't fit in an input of " + toString(input));
        }
        w.out[i] = room / w.stride[i] + 1;
        if (roundUp && room % w.stride[i] != 0 &&
            w.out[i] * w.stride[i] < w.in[i] + w.padBegin[i]) {
            ++w.out[i];  // only if the window starts inside the input or its first padding
        }
    }
    return w;
}

}  // namespace brownout
