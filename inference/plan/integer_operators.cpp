#include "inference/plan/integer_operators.h"

#include "inference/plan/pool_window.h"

namespace brownout {

namespace {

using kernels::IntegerKernels;

/// Sets the distances of planes and rows.
void setSteps(std::int64_t (&steps)[2], const PairLayout& layout) {
    steps[0] = layout.planeStep();
    steps[1] = layout.rowStep();
}

void compileQuantize(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    const ValueRef input = builder.refOf(x);
    const PairLayout layout = resultLayout(node, x.shape);
    const ValueRef output = builder.definePairs(node, x.shape, layout);
    const IntegerKernels& kernels = integerKernelsOf(builder);
    kernels::QuantizeArgs args{};
    args.channels = narrow(layout.channels);
    args.height = narrow(layout.height);
    args.width = narrow(layout.width);
    setSteps(args.outputStep, layout);
    args.scale = node.floatOr("scale", 1.0F);
    args.shift = node.floatOr("shift", 0.0F);
    args.low = node.floatOr("low", 0.0F);
    args.high = node.floatOr("high", 0.0F);
    addPairStep(builder, output, layout, {input}, [=, &kernels](const PlanMemory& m) {
        kernels::QuantizeArgs now = args;
        now.input = m.data(input);
        now.output = m.words(output) + layout.inside() * kernels.lanes;
        kernels.quantize(now);
    });
}

void compileDequantize(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = pairsInput(builder, node, 0);
    const ValueRef input = builder.refOf(x);
    const PairLayout layout = *x.pairs;
    const Shape shape = x.shape;
    const ValueRef output = builder.define(node, 0, shape, false);
    const IntegerKernels& kernels = integerKernelsOf(builder);
    kernels::DequantizeArgs args{};
    args.channels = narrow(layout.channels);
    args.height = narrow(layout.height);
    args.width = narrow(layout.width);
    setSteps(args.inputStep, layout);
    args.scale = node.floatOr("scale", 1.0F);
    args.shift = node.floatOr("shift", 0.0F);
    builder.addStep(output, {input}, [=, &kernels](const PlanMemory& m) {
        kernels::DequantizeArgs now = args;
        now.input = m.words(input) + layout.inside() * kernels.lanes;
        now.output = m.data(output);
        kernels.dequantize(now);
    });
}

void compileAdd(PlanBuilder& builder, const Node& node) {
    const PlanValue& left = pairsInput(builder, node, 0);
    const bool hasRight = builder.hasInput(node, 1);
    const PlanValue& right = pairsInput(builder, node, hasRight ? 1 : 0);
    const ValueRef leftRef = builder.refOf(left);
    const ValueRef rightRef = builder.refOf(right);
    const PairLayout leftLayout = *left.pairs;
    const PairLayout rightLayout = *right.pairs;
    const PairLayout layout = resultLayout(node, left.shape);
    const ValueRef output = builder.definePairs(node, left.shape, layout);
    const IntegerKernels& kernels = integerKernelsOf(builder);
    kernels::IntegerAddArgs args{};
    args.planes = narrow(layout.planes());
    args.height = narrow(layout.height);
    args.width = narrow(layout.width);
    setSteps(args.leftStep, leftLayout);
    setSteps(args.rightStep, rightLayout);
    setSteps(args.outputStep, layout);
    args.leftScale = node.floatOr("left_scale", 1.0F);
    args.rightScale = node.floatOr("right_scale", 1.0F);
    args.outputScale = node.floatOr("output_scale", 1.0F);
    args.low = node.floatOr("low", 0.0F);
    args.high = node.floatOr("high", 0.0F);
    addPairStep(builder, output, layout, {leftRef, rightRef}, [=, &kernels](const PlanMemory& m) {
        kernels::IntegerAddArgs now = args;
        now.left = m.words(leftRef) + leftLayout.inside() * kernels.lanes;
        now.right = hasRight ? m.words(rightRef) + rightLayout.inside() * kernels.lanes : nullptr;
        now.output = m.words(output) + layout.inside() * kernels.lanes;
        kernels.add(now);
    });
}

void compilePool(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = pairsInput(builder, node, 0);
    const ValueRef input = builder.refOf(x);
    const PairLayout from = *x.pairs;
    kernels::IntegerPoolArgs args{};
    const Shape shape = fillPoolWindow(node, from, x.shape, args);
    const PairLayout layout = resultLayout(node, shape);
    const ValueRef output = builder.definePairs(node, shape, layout);
    const IntegerKernels& kernels = integerKernelsOf(builder);
    setSteps(args.inputStep, from);
    setSteps(args.outputStep, layout);
    args.average = node.intOr("average", 0) != 0;
    args.countPadding = node.intOr("count_padding", 0) != 0;
    args.inputScale = node.floatOr("input_scale", 1.0F);
    args.outputScale = node.floatOr("output_scale", 1.0F);
    args.low = node.floatOr("low", 0.0F);
    args.high = node.floatOr("high", 0.0F);
    addPairStep(builder, output, layout, {input}, [=, &kernels](const PlanMemory& m) {
        kernels::IntegerPoolArgs now = args;
        now.input = m.words(input) + from.inside() * kernels.lanes;
        now.output = m.words(output) + layout.inside() * kernels.lanes;
        kernels.pool(now);
    });
}

/// Returns the half word at which an element is, elements being counted in the order of ONNX.
std::int32_t halfOf(const PairLayout& layout, std::int64_t element) {
    const std::int64_t x = element % layout.width;
    const std::int64_t y = element / layout.width % layout.height;
    const std::int64_t channel = element / layout.width / layout.height;
    const std::int64_t at =
        channel / 2 * layout.planeStep() + layout.inside() + y * layout.rowStep() + x;
    return narrow(2 * at + channel % 2);
}

/// Where the halves of one input go.
struct Moved {
    ValueRef input;
    std::vector<std::int32_t> from, to;
};

void compileMove(PlanBuilder& builder, const Node& node) {
    const Shape shape = node.intsOr("shape", {});
    const std::int64_t axis = node.intOr("axis", -1);
    const PairLayout layout = resultLayout(node, shape);
    const PlanValue first = pairsInput(builder, node, 0);
    // Elements keep their places where planes have one element, as behind global pooling.
    const bool single = first.pairs->planeStep() == 1 && layout.planeStep() == 1;
    if (node.inputs.size() == 1 && (single || *first.pairs == layout)) {
        PlanValue same = first;
        same.pairs = std::make_shared<const PairLayout>(layout);
        return builder.defineAlias(node, 0, same, shape);
    }
    const ValueRef output = builder.definePairs(node, shape, layout);
    auto moves = std::make_shared<std::vector<Moved>>();
    std::vector<ValueRef> uses;
    std::int64_t along = 0;  // indices of the axis that the inputs before take
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const PlanValue& x = pairsInput(builder, node, i);
        Moved moved;
        moved.input = builder.refOf(x);
        uses.push_back(moved.input);
        const auto count = static_cast<std::int64_t>(elementCount(x.shape));
        std::int64_t inner = 1;  // elements that stay together
        std::int64_t step = 1;   // and their distance in the result
        if (axis >= 0) {
            const auto at = static_cast<std::ptrdiff_t>(axis);
            const auto behind =
                static_cast<std::int64_t>(elementCount({shape.begin() + at + 1, shape.end()}));
            inner = behind * x.shape.at(toSize(axis));
            step = behind * shape.at(toSize(axis));
        }
        const std::int64_t begin = axis >= 0 ? along * (step / shape.at(toSize(axis))) : 0;
        for (std::int64_t e = 0; e < count; ++e) {
            moved.from.push_back(halfOf(*x.pairs, e));
            moved.to.push_back(
                halfOf(layout, axis >= 0 ? e / inner * step + begin + e % inner : e));
        }
        if (axis >= 0) along += x.shape.at(toSize(axis));
        moves->push_back(std::move(moved));
    }
    const IntegerKernels& kernels = integerKernelsOf(builder);
    addPairStep(builder, output, layout, uses, [=, &kernels](const PlanMemory& m) {
        for (const Moved& moved : *moves) {
            kernels.shuffle({m.words(moved.input), m.words(output), moved.from.data(),
                             moved.to.data(), static_cast<std::int64_t>(moved.from.size())});
        }
    });
}

}  // namespace

const PlanValue& pairsInput(const PlanBuilder& builder, const Node& node, std::size_t i) {
    const PlanValue& value = builder.input(node, i);
    if (value.pairs == nullptr) builder.fail(node, "input '" + node.input(i) + "' has no integers");
    return value;
}

PairLayout resultLayout(const Node& node, const Shape& shape) {
    return {shape, node.intsOr("border", {0, 0, 0, 0})};
}

const IntegerKernels& integerKernelsOf(const PlanBuilder& builder) {
    const kernels::Kernels& kernels = builder.kernelsFor(false);
    // Plans for one image in one lane tell shapes and costs and are never run.
    return kernels.lanes == 1 ? kernels::kIntegerBaseline : integerKernelsFor(kernels.name);
}

void addPairStep(PlanBuilder& builder, ValueRef output, const PairLayout& layout,
                 const std::vector<ValueRef>& uses, Step step) {
    if (layout.bordered()) {
        const IntegerKernels& kernels = integerKernelsOf(builder);
        kernels::BorderArgs args{};
        args.count = narrow(layout.planes());
        args.height = narrow(layout.fullHeight());
        args.width = narrow(layout.rowStep());
        args.planeStep = layout.planeStep();
        args.begin[0] = narrow(layout.border[0]);
        args.begin[1] = narrow(layout.border[1]);
        args.end[0] = narrow(layout.border[0] + layout.height);
        args.end[1] = narrow(layout.border[1] + layout.width);
        builder.addStep(output, uses, [=, &kernels](const PlanMemory& m) {
            kernels::BorderArgs now = args;
            now.planes = m.words(output);
            kernels.border(now);
        });
    }
    builder.addStep(output, uses, std::move(step));
}

const std::map<std::string, CompileNode>& integerOperatorsOfPlans() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"IntegerAdd", compileAdd},
        {"IntegerDequantize", compileDequantize},
        {"IntegerMove", compileMove},
        {"IntegerPool", compilePool},
        {"IntegerProduct", compileIntegerProduct},
        {"IntegerQuantize", compileQuantize},
    };
    return kOperators;
}

}  // namespace brownout
