// Pooling over windows and over whole planes.

#include <algorithm>

#include "inference/plan/pooled_rows.h"
#include "inference/plan/windows.h"

namespace brownout {

namespace {

using kernels::PoolArgs;

void addPool(PlanBuilder& builder, const Node& node, const PlanValue& x, const Windows& w,
             bool average, bool countPadding) {
    PoolArgs args{};
    args.channels = w.batch * w.channels;
    std::copy(w.in.begin(), w.in.end(), args.in);
    std::copy(w.out.begin(), w.out.end(), args.out);
    std::copy(w.kernel.begin(), w.kernel.end(), args.kernel);
    std::copy(w.stride.begin(), w.stride.end(), args.stride);
    std::copy(w.dilation.begin(), w.dilation.end(), args.dilation);
    std::copy(w.padBegin.begin(), w.padBegin.end(), args.padBegin);
    std::copy(w.padEnd.begin(), w.padEnd.end(), args.padEnd);
    args.average = average;
    args.countPadding = countPadding;
    for (std::size_t i = 0; i < 3; ++i) {
        // A window all in the padding has no maximum and no mean.
        if (w.padBegin[i] >= w.kernel[i] * w.dilation[i] ||
            w.padEnd[i] >= w.kernel[i] * w.dilation[i]) {
            builder.fail(node, "the padding is as large as the window");
        }
    }
    if (poolInRows(builder, node, x, args, w.resultShape(w.channels))) return;
    const ValueRef input = builder.refOf(x);
    const ValueRef output = builder.define(node, 0, w.resultShape(w.channels), x.uniform());
    builder.addStep(output, {input}, [=](const PlanMemory& m) {
        PoolArgs now = args;
        now.input = m.data(input);
        now.output = m.data(output);
        m.kernelsOf(output).pool(now);
    });
}

template <bool average>
void compilePool(PlanBuilder& builder, const Node& node) {
    builder.refuseRead(node, 1, "reading the indices of maxima");
    if (!node.has("kernel_shape")) {
        builder.fail(node, "attribute 'kernel_shape' is missing");
    }
    const PlanValue& x = builder.floatInput(node, 0);
    const Windows w = windowsOf(builder, node, x.shape, {}, node.intOr("ceil_mode", 0) != 0);
    addPool(builder, node, x, w, average, node.intOr("count_include_pad", 0) != 0);
}

template <bool average>
void compileGlobalPool(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    if (x.shape.size() < 2) {
        builder.fail(node, "the input " + toString(x.shape) + " should be [N, C, axes...]");
    }
    Windows w;
    w.batch = x.shape[0];
    w.channels = x.shape[1];
    w.in = {1, 1, static_cast<std::int64_t>(elementCount({x.shape.begin() + 2, x.shape.end()}))};
    if (w.in[2] == 0) {
        builder.fail(node, "the input " + toString(x.shape) + " is empty");
    }
    w.kernel = w.in;
    w.spatialAxes = 0;
    addPool(builder, node, x, w, average, false);
    Shape shape(x.shape.size(), 1);
    shape[0] = x.shape[0];
    shape[1] = x.shape[1];
    const PlanValue made = builder.floatInput({node.name, node.op, node.outputs, {}, {}}, 0);
    builder.defineAlias(node, 0, made, shape);
}

}  // namespace

const std::map<std::string, CompileNode>& poolingOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"MaxPool", compilePool<false>},
        {"AveragePool", compilePool<true>},
        {"GlobalMaxPool", compileGlobalPool<false>},
        {"GlobalAveragePool", compileGlobalPool<true>},
    };
    return kOperators;
}

}  // namespace brownout
