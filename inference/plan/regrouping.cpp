// Operators that pad, repeat and regroup: Pad, Tile, DepthToSpace and its inverse.

#include <algorithm>

#include "inference/plan/moves.h"
#include "inference/plan/parts.h"

namespace brownout {

namespace {

/// Index in the unpadded axis for index `at` - padding, or -1 for the fill value.
std::int64_t paddedIndex(const std::string& mode, std::int64_t at, std::int64_t size) {
    if (at >= 0 && at < size) {
        return at;
    }
    if (mode == "wrap") return ((at % size) + size) % size;
    if (mode == "edge") {
        return at < 0 ? 0 : size - 1;
    }
    if (mode == "reflect") {
        const std::int64_t period = std::max<std::int64_t>(1, 2 * (size - 1));
        const std::int64_t within = ((at % period) + period) % period;
        return within < size ? within : period - within;
    }
    return -1;
}

void compilePad(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::size_t rank = x.shape.size();
    std::vector<std::int64_t> pads =
        builder.hasInput(node, 1) ? builder.integerInput(node, 1) : node.intsOr("pads", {});
    if (builder.hasInput(node, 3)) {
        const std::vector<std::int64_t>& axes = builder.integerInput(node, 3);
        if (pads.size() != 2 * axes.size()) {
            builder.fail(node, "padding " + toString(pads) + " doesn't fit " +
                                   std::to_string(axes.size()) + " axes");
        }
        std::vector<std::int64_t> all(2 * rank, 0);
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const std::size_t axis = normalizedAxis(builder, node, axes[i], rank);
            all[axis] = pads[i];
            all[rank + axis] = pads[axes.size() + i];
        }
        pads = std::move(all);
    }
    const std::string mode = node.textOr("mode", "constant");
    float fill = node.floatOr("value", 0.0F);
    if (builder.hasInput(node, 2)) {
        const std::vector<float>& value = builder.constantInput(node, 2);
        if (value.size() != 1) {
            builder.fail(node, "the fill value has " + std::to_string(value.size()) + " values");
        }
        fill = value[0];
    }
    if (pads.size() != 2 * rank ||
        (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap")) {
        builder.fail(node, "padding " + toString(pads) + " in mode '" + mode +
                               "' doesn't fit an input " + toString(x.shape));
    }
    Shape shape(rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t limit = std::int64_t{1} << 26;
        if (pads[i] < -limit || pads[i] > limit || pads[rank + i] < -limit ||
            pads[rank + i] > limit || (x.shape[i] == 0 && mode != "constant")) {
            builder.fail(node, "padding " + toString(pads) + " is not possible");
        }
        shape[i] = x.shape[i] + pads[i] + pads[rank + i];
    }
    const std::vector<std::int64_t> steps = stepsOf(x.shape);
    auto table = tableBy(builder, node, shape, [&](const std::vector<std::int64_t>& at) {
        std::int64_t from = 0;
        for (std::size_t i = 0; i < rank && from >= 0; ++i) {
            const std::int64_t index = paddedIndex(mode, at[i] - pads[i], x.shape[i]);
            from = index < 0 ? -1 : from + index * steps[i];
        }
        return from;
    });
    rearrange(builder, node, 0, x, shape, std::move(table), fill);
}

void compileTile(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.input(node, 0);
    const std::vector<std::int64_t>& repeats = builder.integerInput(node, 1);
    if (repeats.size() != x.shape.size()) {
        builder.fail(
            node, "the repeats " + toString(repeats) + " don't fit an input " + toString(x.shape));
    }
    Shape shape = x.shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (repeats[i] < 0 || repeats[i] > (std::int64_t{1} << 26)) {
            builder.fail(node, "the repeats " + toString(repeats) + " are not possible");
        }
        shape[i] *= repeats[i];
    }
    const std::vector<std::int64_t> steps = stepsOf(x.shape);
    auto table = tableBy(builder, node, shape, [&](const std::vector<std::int64_t>& at) {
        std::int64_t from = 0;
        for (std::size_t i = 0; i < at.size(); ++i) from += at[i] % x.shape[i] * steps[i];
        return from;
    });
    rearrange(builder, node, 0, x, shape, std::move(table));
}

/// Moves blocks of channels into the plane, or out of it, by reshaping and transposing.
void compileDepthToSpace(PlanBuilder& builder, const Node& node) {
    const Shape& x = builder.floatInput(node, 0).shape;
    const std::int64_t block = node.intOr("blocksize", 0);
    if (x.size() != 4 || block < 1 || block > 4096 || x[1] % (block * block) != 0) {
        builder.fail(node,
                     "blocks of " + std::to_string(block) + " don't fit an input " + toString(x));
    }
    const std::int64_t c = x[1] / (block * block);
    const bool crd = node.textOr("mode", "DCR") == "CRD";
    Parts parts(builder, node);
    const std::vector<std::int64_t> split =
        crd ? std::vector<std::int64_t>{x[0], c, block, block, x[2], x[3]}
            : std::vector<std::int64_t>{x[0], block, block, c, x[2], x[3]};
    const std::vector<std::int64_t> order = crd ? std::vector<std::int64_t>{0, 1, 4, 2, 5, 3}
                                                : std::vector<std::int64_t>{0, 3, 4, 1, 5, 2};
    const std::vector<std::int64_t> joined = {x[0], c, x[2] * block, x[3] * block};
    const std::string blocks = parts.add("Reshape", {node.inputs[0], parts.constant(split)});
    const std::string moved = parts.add("Transpose", {blocks}, {{"perm", order}});
    parts.finish("Reshape", {moved, parts.constant(joined)});
}

void compileSpaceToDepth(PlanBuilder& builder, const Node& node) {
    const Shape& x = builder.floatInput(node, 0).shape;
    const std::int64_t block = node.intOr("blocksize", 0);
    if (x.size() != 4 || block < 1 || block > 4096 || x[2] % block != 0 || x[3] % block != 0) {
        builder.fail(node,
                     "blocks of " + std::to_string(block) + " don't fit an input " + toString(x));
    }
    Parts parts(builder, node);
    const std::vector<std::int64_t> split = {x[0], x[1], x[2] / block, block, x[3] / block, block};
    const std::vector<std::int64_t> joined = {x[0], x[1] * block * block, x[2] / block,
                                              x[3] / block};
    const std::string blocks = parts.add("Reshape", {node.inputs[0], parts.constant(split)});
    const std::string moved =
        parts.add("Transpose", {blocks}, {{"perm", std::vector<std::int64_t>{0, 3, 5, 1, 2, 4}}});
    parts.finish("Reshape", {moved, parts.constant(joined)});
}

}  // namespace

const std::map<std::string, CompileNode>& regroupingOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Pad", compilePad},
        {"Tile", compileTile},
        {"DepthToSpace", compileDepthToSpace},
        {"SpaceToDepth", compileSpaceToDepth},
    };
    return kOperators;
}

}  // namespace brownout
