// Operators that change the size and the values of pictures: Resize, Upsample, ImageScaler.

#include <algorithm>
#include <cmath>
#include <set>

#include "inference/plan/parts.h"

namespace brownout {

namespace {

/// The work of a Resize, whichever version of the operator says it.
struct Resizing {
    std::string mode = "nearest";
    std::string coordinates = "half_pixel";
    std::string nearest = "round_prefer_floor";
    float cubicA = -0.75F;
    bool excludeOutside = false;
    std::vector<double> scales;  ///< one for each axis
    Shape sizes;                 ///< of the result
};

/// Returns where an index of the result lies in the input.
double inputPosition(const Resizing& r, std::int64_t at, std::int64_t in, std::int64_t out,
                     double scale) {
    const auto x = static_cast<double>(at);
    const auto inSize = static_cast<double>(in);
    // With scales the size before it is cut to a whole one, as the reference of ONNX has it.
    const double outSize = inSize * scale;
    if (r.coordinates == "asymmetric") return x / scale;
    if (r.coordinates == "align_corners") {
        return out == 1 ? 0 : x * (inSize - 1) / (outSize - 1);
    }
    if (r.coordinates == "pytorch_half_pixel") return out > 1 ? (x + 0.5) / scale - 0.5 : 0;
    if (r.coordinates == "tf_half_pixel_for_nn") return (x + 0.5) / scale;
    if (r.coordinates == "half_pixel_symmetric") {
        const double adjustment = static_cast<double>(out) / outSize;
        return inSize / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5;
    }
    return (x + 0.5) / scale - 0.5;
}

std::int64_t nearestIndex(const Resizing& r, double position) {
    if (r.nearest == "floor") return static_cast<std::int64_t>(std::floor(position));
    if (r.nearest == "ceil") return static_cast<std::int64_t>(std::ceil(position));
    if (r.nearest == "round_prefer_ceil") {
        return static_cast<std::int64_t>(std::floor(position + 0.5));
    }
    return static_cast<std::int64_t>(std::ceil(position - 0.5));
}

/// Returns the factors of the inputs around a position, the first of them at floor(position) -
/// factors / 2 + 1.
std::vector<double> factorsAt(const Resizing& r, double position) {
    const double t = position - std::floor(position);
    if (r.mode == "linear") return {1 - t, t};
    const double a = r.cubicA;
    const auto near = [a](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    const auto far = [a](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    return {far(1 + t), near(t), near(1 - t), far(2 - t)};
}

/// The sum that makes an axis: `taps` inputs for each index of the result, and their factors.
struct Taps {
    std::vector<std::vector<std::int64_t>> indices;
    std::vector<std::vector<float>> factors;  ///< empty where the one input is taken as it is
};

Taps tapsOf(const Resizing& r, std::int64_t in, std::int64_t out, double scale) {
    Taps taps;
    const auto clipped = [in](std::int64_t i) { return std::clamp<std::int64_t>(i, 0, in - 1); };
    if (r.mode == "nearest") {
        taps.indices.resize(1);
        for (std::int64_t at = 0; at < out; ++at) {
            taps.indices[0].push_back(
                clipped(nearestIndex(r, inputPosition(r, at, in, out, scale))));
        }
        return taps;
    }
    const std::size_t count = r.mode == "linear" ? 2 : 4;
    taps.indices.resize(count);
    taps.factors.resize(count);
    for (std::int64_t at = 0; at < out; ++at) {
        const double position = inputPosition(r, at, in, out, scale);
        const std::int64_t first = static_cast<std::int64_t>(std::floor(position)) -
                                   static_cast<std::int64_t>(count) / 2 + 1;
        std::vector<double> factors = factorsAt(r, position);
        double sum = 0;
        for (std::size_t t = 0; t < count; ++t) {
            const std::int64_t i = first + static_cast<std::int64_t>(t);
            if (r.excludeOutside && (i < 0 || i >= in)) factors[t] = 0;
            sum += factors[t];
        }
        for (std::size_t t = 0; t < count; ++t) {
            taps.indices[t].push_back(clipped(first + static_cast<std::int64_t>(t)));
            taps.factors[t].push_back(
                static_cast<float>(r.excludeOutside ? factors[t] / sum : factors[t]));
        }
    }
    return taps;
}

/// Resizes one axis by parts and returns the name of the result.
std::string resizeAxis(Parts& parts, const std::string& x, std::size_t axis, const Taps& taps,
                       std::size_t rank) {
    const Parts::Attributes along = {{"axis", static_cast<std::int64_t>(axis)}};
    std::string sum;
    for (std::size_t t = 0; t < taps.indices.size(); ++t) {
        std::string tap = parts.add("Gather", {x, parts.constant(taps.indices[t])}, along);
        if (taps.factors.empty()) return tap;
        Shape shape(rank, 1);
        shape[axis] = static_cast<std::int64_t>(taps.factors[t].size());
        tap = parts.add("Mul", {tap, parts.constant(FloatTensor{shape, taps.factors[t]})});
        sum = t == 0 ? tap : parts.add("Add", {sum, tap});
    }
    return sum;
}

void resize(PlanBuilder& builder, const Node& node, const Resizing& r) {
    const Shape shape = builder.floatInput(node, 0).shape;
    checkSize(builder, node, r.sizes);
    Parts parts(builder, node);
    std::string value = node.inputs[0];
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis] < 1 || r.sizes[axis] < 1) {
            builder.fail(node,
                         "an input " + toString(shape) + " can't become " + toString(r.sizes));
        }
        if (r.sizes[axis] == shape[axis] && r.scales[axis] == 1) continue;
        value = resizeAxis(parts, value, axis,
                           tapsOf(r, shape[axis], r.sizes[axis], r.scales[axis]), shape.size());
    }
    parts.finish("Identity", {value});
}

/// Takes the scales of an input or attribute.
void takeScales(PlanBuilder& builder, const Node& node, Resizing& r,
                const std::vector<float>& scales, const std::vector<std::size_t>& axes) {
    const Shape& shape = builder.floatInput(node, 0).shape;
    if (scales.size() != axes.size()) {
        builder.fail(node, std::to_string(scales.size()) + " scales for " +
                               std::to_string(axes.size()) + " axes");
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const double size = static_cast<double>(shape[axes[i]]) * scales[i];
        if (!(scales[i] > 0 && size < 1e9)) builder.fail(node, "a scale is not possible");
        r.scales[axes[i]] = scales[i];
        r.sizes[axes[i]] = static_cast<std::int64_t>(std::floor(size));
    }
}

/// Takes the sizes of an input: as they are, or with one scale for all axes, the smallest or the
/// largest that they ask for.
void takeSizes(PlanBuilder& builder, const Node& node, Resizing& r,
               const std::vector<std::int64_t>& sizes, const std::vector<std::size_t>& axes) {
    const Shape& shape = builder.floatInput(node, 0).shape;
    const std::string policy = node.textOr("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller") {
        builder.fail(node, "the policy '" + policy + "' is not known");
    }
    double common = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const double scale = static_cast<double>(sizes[i]) / static_cast<double>(shape[axes[i]]);
        r.sizes[axes[i]] = sizes[i];
        r.scales[axes[i]] = scale;
        common = i == 0
                     ? scale
                     : (policy == "not_larger" ? std::min(common, scale) : std::max(common, scale));
    }
    if (policy == "stretch") return;
    for (const std::size_t axis : axes) {
        const double size = common * static_cast<double>(shape[axis]);
        if (!(size < 1e9)) builder.fail(node, "the sizes are not possible");
        r.scales[axis] = common;
        r.sizes[axis] = static_cast<std::int64_t>(std::floor(size + 0.5));
    }
}

/// The axes of attribute `axes`, all if there is none.
std::vector<std::size_t> axesOf(const PlanBuilder& builder, const Node& node, std::size_t rank) {
    std::vector<std::size_t> axes;
    for (std::int64_t axis : node.intsOr("axes", {})) {
        axes.push_back(normalizedAxis(builder, node, axis, rank));
    }
    for (std::size_t i = 0; !node.has("axes") && i < rank; ++i) axes.push_back(i);
    return axes;
}

void checkModes(PlanBuilder& builder, const Node& node, const Resizing& r) {
    static const std::set<std::string> kCoordinates = {
        "half_pixel", "pytorch_half_pixel",   "align_corners",
        "asymmetric", "tf_half_pixel_for_nn", "half_pixel_symmetric"};
    static const std::set<std::string> kNearest = {"round_prefer_floor", "round_prefer_ceil",
                                                   "floor", "ceil"};
    if ((r.mode != "nearest" && r.mode != "linear" && r.mode != "cubic") ||
        kCoordinates.count(r.coordinates) == 0 || kNearest.count(r.nearest) == 0) {
        builder.fail(node, "mode '" + r.mode + "' with '" + r.coordinates + "' and '" + r.nearest +
                               "' is not supported");
    }
    if (node.intOr("antialias", 0) != 0) builder.fail(node, "antialias is not supported");
}

bool hasValues(const PlanBuilder& builder, const Node& node, std::size_t i) {
    return builder.hasInput(node, i) && elementCount(builder.input(node, i).shape) > 0;
}

void compileResize(PlanBuilder& builder, const Node& node) {
    const Shape shape = builder.floatInput(node, 0).shape;
    const bool old = builder.graph().opset < 11;
    Resizing r;
    r.mode = node.textOr("mode", "nearest");
    r.coordinates =
        old ? "asymmetric" : node.textOr("coordinate_transformation_mode", "half_pixel");
    r.nearest = old ? "floor" : node.textOr("nearest_mode", "round_prefer_floor");
    r.cubicA = node.floatOr("cubic_coeff_a", -0.75F);
    r.excludeOutside = node.intOr("exclude_outside", 0) != 0;
    checkModes(builder, node, r);
    r.scales.assign(shape.size(), 1);
    r.sizes = shape;
    const std::vector<std::size_t> axes = axesOf(builder, node, shape.size());
    const std::size_t scalesAt = old ? 1 : 2;
    if (!old && hasValues(builder, node, 3)) {
        const std::vector<std::int64_t>& sizes = builder.integerInput(node, 3);
        if (sizes.size() != axes.size()) {
            builder.fail(node,
                         "the sizes " + toString(sizes) + " don't fit an input " + toString(shape));
        }
        takeSizes(builder, node, r, sizes, axes);
    } else {
        takeScales(builder, node, r, builder.constantInput(node, scalesAt), axes);
    }
    resize(builder, node, r);
}

void compileUpsample(PlanBuilder& builder, const Node& node) {
    const Shape shape = builder.floatInput(node, 0).shape;
    Resizing r;
    r.mode = node.textOr("mode", "nearest");
    r.coordinates = "asymmetric";
    r.nearest = "floor";
    if (r.mode == "bilinear") r.mode = "linear";
    checkModes(builder, node, r);
    r.scales.assign(shape.size(), 1);
    r.sizes = shape;
    std::vector<std::size_t> axes;
    for (std::size_t i = 0; i < shape.size(); ++i) axes.push_back(i);
    std::vector<float> scales;
    if (builder.hasInput(node, 1)) {
        scales = builder.constantInput(node, 1);
    } else if (const auto found = node.attributes.find("scales");
               found != node.attributes.end() &&
               std::holds_alternative<std::vector<float>>(found->second)) {
        scales = std::get<std::vector<float>>(found->second);
    } else if (shape.size() == 4) {
        scales = {1, 1, node.floatOr("height_scale", 1), node.floatOr("width_scale", 1)};
    }
    takeScales(builder, node, r, scales, axes);
    resize(builder, node, r);
}

/// Scale for all and bias for each channel, which the first exporters of Core ML wrote.
void compileImageScaler(PlanBuilder& builder, const Node& node) {
    Parts parts(builder, node);
    const auto bias = node.attributes.find("bias");
    const std::string scale = parts.constant(node.floatOr("scale", 1.0F));
    const std::string scaled = parts.add("Mul", {node.inputs.at(0), scale});
    if (bias == node.attributes.end() ||
        !std::holds_alternative<std::vector<float>>(bias->second)) {
        return parts.finish("Identity", {scaled});
    }
    const auto& values = std::get<std::vector<float>>(bias->second);
    parts.finish("Add", {scaled, parts.constant(FloatTensor{
                                     {static_cast<std::int64_t>(values.size()), 1, 1}, values})});
}

}  // namespace

const std::map<std::string, CompileNode>& resizingOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Resize", compileResize},
        {"Upsample", compileUpsample},
        {"ImageScaler", compileImageScaler},
    };
    return kOperators;
}

}  // namespace brownout
