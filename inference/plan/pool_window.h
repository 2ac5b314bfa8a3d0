#pragma once

#include <cstdint>

#include "inference/network.h"

namespace brownout {

/// Fills in the planes and windows of a pooling that a rewritten node describes (attributes
/// `kernel`, `strides`, `dilations` and `pads`, two axes each), on an input of `shape` that lies in
/// memory as `from`. `Args` are those of a pooling kernel on planes. Returns the shape of the
/// result.
template <typename Args, typename Layout>
Shape fillPoolWindow(const Node& node, const Layout& from, Shape shape, Args& args) {
    const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
    args.planes = narrow(from.planes());
    args.in[0] = narrow(from.height);
    args.in[1] = narrow(from.width);
    for (std::size_t i = 0; i < 2; ++i) {
        args.kernel[i] = narrow(node.intsOr("kernel", {}).at(i));
        args.stride[i] = narrow(node.intsOr("strides", {}).at(i));
        args.dilation[i] = narrow(node.intsOr("dilations", {}).at(i));
        args.padBegin[i] = narrow(node.intsOr("pads", {}).at(i));
        const std::int32_t padEnd = narrow(node.intsOr("pads", {}).at(i + 2));
        const std::int32_t extent = (args.kernel[i] - 1) * args.dilation[i] + 1;
        args.out[i] = (args.in[i] + args.padBegin[i] + padEnd - extent) / args.stride[i] + 1;
    }
    if (shape.size() == 4) shape[2] = args.out[0];
    shape.back() = args.out[1];
    return shape;
}

}  // namespace brownout
