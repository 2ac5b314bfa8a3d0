#include "inference/plan/transposed_convolution.h"

#include <algorithm>

#include "inference/plan/moves.h"
#include "inference/plan/parts.h"

namespace brownout {

namespace {

/// One spatial axis of a transposed convolution.
struct Axis {
    std::int64_t in, kernel, stride, dilation, padBegin, padEnd, outputPadding;

    std::int64_t reach() const { return (kernel - 1) * dilation; }
    std::int64_t out() const {
        return (in - 1) * stride + reach() + 1 - padBegin - padEnd + outputPadding;
    }
    /// Zeros before the first element of the input with its gaps; negative: elements cut off.
    std::int64_t before() const { return reach() - padBegin; }
    std::int64_t widened() const { return out() + reach(); }
};

std::vector<std::int64_t> listOf(const PlanBuilder& builder, const Node& node,
                                 const std::string& attribute, std::size_t count,
                                 std::int64_t fallback, std::int64_t least) {
    const auto values = node.intsOr(attribute, std::vector<std::int64_t>(count, fallback));
    if (values.size() != count ||
        std::any_of(values.begin(), values.end(), [least](std::int64_t value) {
            return value < least || value > (std::int64_t{1} << 20);
        })) {
        builder.fail(node, "attribute '" + attribute + "' is " + toString(values) + ", expected " +
                               std::to_string(count) + " values of at least " +
                               std::to_string(least));
    }
    return values;
}

std::vector<Axis> axesOf(const PlanBuilder& builder, const Node& node, const Shape& x,
                         const Shape& weights) {
    const std::size_t count = x.size() - 2;
    const auto strides = listOf(builder, node, "strides", count, 1, 1);
    const auto dilations = listOf(builder, node, "dilations", count, 1, 1);
    const auto pads = listOf(builder, node, "pads", 2 * count, 0, 0);
    const auto outputPadding = listOf(builder, node, "output_padding", count, 0, 0);
    std::vector<std::int64_t> outputShape = node.intsOr("output_shape", {});
    if (outputShape.size() == x.size())
        outputShape.erase(outputShape.begin(), outputShape.begin() + 2);
    const std::string autoPad = node.textOr("auto_pad", "NOTSET");
    std::vector<Axis> axes;
    for (std::size_t i = 0; i < count; ++i) {
        Axis axis{x[2 + i], weights[2 + i],  strides[i],      dilations[i],
                  pads[i],  pads[count + i], outputPadding[i]};
        std::optional<std::int64_t> wanted;
        if (!outputShape.empty()) {
            if (outputShape.size() != count) builder.fail(node, "output_shape doesn't fit");
            wanted = outputShape[i];
        } else if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
            wanted = axis.in * axis.stride;
        } else if (autoPad == "VALID") {
            axis.padBegin = axis.padEnd = 0;
        } else if (autoPad != "NOTSET") {
            builder.fail(node, "auto_pad '" + autoPad + "' is not known");
        }
        if (wanted) {
            axis.padBegin = axis.padEnd = 0;
            const std::int64_t total = std::max<std::int64_t>(0, axis.out() - *wanted);
            // The odd element goes to the begin, but with SAME_UPPER to the end.
            axis.padEnd = autoPad == "SAME_UPPER" ? total - total / 2 : total / 2;
            axis.padBegin = total - axis.padEnd;
            axis.outputPadding += *wanted - axis.out();
        }
        if (axis.in < 1 || axis.out() < 1 || axis.widened() > (std::int64_t{1} << 26)) {
            builder.fail(node, "an input " + toString(x) + " and weights " + toString(weights) +
                                   " give no result");
        }
        axes.push_back(axis);
    }
    return axes;
}

/// Gives the input its gaps and its border, and returns the name of the result.
std::string widen(PlanBuilder& builder, const Node& node, Parts& parts, const Shape& x,
                  const std::vector<Axis>& axes) {
    Shape shape = {x[0], x[1]};
    for (const Axis& axis : axes) shape.push_back(axis.widened());
    const std::vector<std::int64_t> steps = stepsOf(x);
    auto table = tableBy(builder, node, shape, [&](const std::vector<std::int64_t>& at) {
        std::int64_t from = at[0] * steps[0] + at[1] * steps[1];
        for (std::size_t i = 0; i < axes.size() && from >= 0; ++i) {
            const std::int64_t place = at[2 + i] - axes[i].before();
            const bool inside =
                place >= 0 && place % axes[i].stride == 0 && place / axes[i].stride < axes[i].in;
            from = inside ? from + place / axes[i].stride * steps[2 + i] : -1;
        }
        return from;
    });
    return parts.rearranged(node.inputs[0], shape, std::move(table));
}

/// Turns weights [in, out / groups, kernel...] into those of a convolution, [out, in / groups,
/// kernel turned round...], and returns their name.
std::string turnRound(PlanBuilder& builder, const Node& node, Parts& parts, const Shape& weights,
                      std::int64_t groups) {
    const std::int64_t in = weights[0] / groups;
    const std::int64_t out = weights[1];
    Shape shape = {groups * out, in};
    shape.insert(shape.end(), weights.begin() + 2, weights.end());
    const std::vector<std::int64_t> steps = stepsOf(weights);
    auto table = tableBy(builder, node, shape, [&](const std::vector<std::int64_t>& at) {
        const std::int64_t group = at[0] / out;
        std::int64_t from = (group * in + at[1]) * steps[0] + at[0] % out * steps[1];
        for (std::size_t i = 2; i < at.size(); ++i) from += (weights[i] - 1 - at[i]) * steps[i];
        return from;
    });
    return parts.rearranged(node.inputs[1], shape, std::move(table));
}

}  // namespace

void compileConvTranspose(PlanBuilder& builder, const Node& node) {
    const Shape x = builder.floatInput(node, 0).shape;
    const Shape weights = builder.productInput(node, 1).shape;
    const std::int64_t groups = node.intOr("group", 1);
    if (x.size() < 3 || x.size() > 5 || weights.size() != x.size() || groups < 1 ||
        weights[0] != x[1] || weights[0] % groups != 0 || weights[1] < 1) {
        builder.fail(node, "input " + toString(x) + " and weights " + toString(weights) +
                               " don't fit together");
    }
    const std::vector<Axis> axes = axesOf(builder, node, x, weights);
    std::vector<std::int64_t> dilations;
    for (const Axis& axis : axes) dilations.push_back(axis.dilation);
    Parts parts(builder, node);
    std::vector<std::string> inputs = {widen(builder, node, parts, x, axes),
                                       turnRound(builder, node, parts, weights, groups)};
    if (builder.hasInput(node, 2)) inputs.push_back(node.inputs[2]);
    parts.finish("Conv", inputs, {{"group", groups}, {"dilations", dilations}});
}

}  // namespace brownout
