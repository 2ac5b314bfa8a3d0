#pragma once

#include <array>
#include <cstdint>

#include "inference/plan/builder.h"

namespace brownout {

/// The windows of a convolution or pooling along three axes (depth, height, width); missing axes
/// have size 1. Attribute names and meanings as in ONNX: kernel_shape, strides, dilations, pads,
/// auto_pad.
struct Windows {
    using Sizes = std::array<std::int64_t, 3>;
    std::int64_t batch = 1, channels = 1;
    Sizes in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1};
    Sizes padBegin{0, 0, 0}, padEnd{0, 0, 0};
    std::size_t spatialAxes = 2;

    /// Returns the shape of a result with this many channels.
    Shape resultShape(std::int64_t resultChannels) const;
    std::int64_t inPlane() const { return in[0] * in[1] * in[2]; }
    std::int64_t outPlane() const { return out[0] * out[1] * out[2]; }
};

/// Returns the windows of `node` on an input [N, C, spatial...]; `kernelShape` as given by the
/// weights, or empty to take the attribute. Throws Error where attributes contradict each other or
/// the input.
Windows windowsOf(const PlanBuilder& builder, const Node& node, const Shape& input,
                  std::vector<std::int64_t> kernelShape, bool roundUp);

}  // namespace brownout
