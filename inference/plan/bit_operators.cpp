#include "inference/plan/bit_operators.h"

#include "inference/plan/pool_window.h"

namespace brownout {

namespace {

void compileSign(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    const ValueRef input = builder.refOf(x);
    const BitLayout layout(x.shape);
    const ValueRef output = builder.defineBits(node, x.shape, layout);
    const kernels::BitKernels& kernels = bitKernelsOf(builder);
    builder.addStep(output, {input}, [=, &kernels](const PlanMemory& m) {
        kernels.sign({m.data(input), m.words(output), narrow(layout.channels), layout.positions()});
    });
}

void compileValue(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = bitsInput(builder, node, 0);
    const ValueRef input = builder.refOf(x);
    const BitLayout layout = *x.bitLayout;
    const float scale = node.floatOr("scale", 1.0F);
    const ValueRef output = builder.define(node, 0, Shape(x.shape), false);
    const kernels::BitKernels& kernels = bitKernelsOf(builder);
    builder.addStep(output, {input}, [=, &kernels](const PlanMemory& m) {
        kernels.value(
            {m.words(input), m.data(output), narrow(layout.channels), layout.positions(), scale});
    });
}

void compilePool(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = bitsInput(builder, node, 0);
    const ValueRef input = builder.refOf(x);
    const BitLayout from = *x.bitLayout;
    kernels::BitPoolArgs args{};
    const Shape shape = fillPoolWindow(node, from, x.shape, args);
    auto inverted = std::make_shared<std::vector<std::int32_t>>(wordsOf(node, "inverted"));
    inverted->resize(toSize(from.planes()));
    const ValueRef output = builder.defineBits(node, shape, BitLayout(shape));
    const kernels::BitKernels& kernels = bitKernelsOf(builder);
    builder.addStep(output, {input}, [=, &kernels](const PlanMemory& m) {
        kernels::BitPoolArgs now = args;
        now.input = m.words(input);
        now.output = m.words(output);
        now.inverted = inverted->data();
        kernels.pool(now);
    });
}

void compilePad(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = bitsInput(builder, node, 0);
    const ValueRef input = builder.refOf(x);
    const BitLayout from = *x.bitLayout;
    const std::vector<std::int64_t> pads = node.intsOr("pads", {});
    kernels::BitPadArgs args{};
    args.planes = narrow(from.planes());
    args.in[0] = narrow(from.height);
    args.in[1] = narrow(from.width);
    for (std::size_t i = 0; i < 2; ++i) {
        args.padBegin[i] = narrow(pads.at(i));
        args.out[i] = narrow(args.in[i] + pads.at(i) + pads.at(i + 2));
    }
    Shape shape = x.shape;
    if (shape.size() == 4) shape[2] = args.out[0];
    shape.back() = args.out[1];
    auto fill = std::make_shared<std::vector<std::int32_t>>(toSize(from.planes()));
    for (std::int64_t c = 0; node.intOr("plus", 0) != 0 && c < from.channels; ++c) {
        std::int32_t& word = (*fill)[toSize(c / 32)];
        word = static_cast<std::int32_t>(static_cast<std::uint32_t>(word) | 1U << (c % 32));
    }
    const ValueRef output = builder.defineBits(node, shape, BitLayout(shape));
    const kernels::BitKernels& kernels = bitKernelsOf(builder);
    builder.addStep(output, {input}, [=, &kernels](const PlanMemory& m) {
        kernels::BitPadArgs now = args;
        now.input = m.words(input);
        now.output = m.words(output);
        now.fill = fill->data();
        kernels.pad(now);
    });
}

void compileMove(PlanBuilder& builder, const Node& node) {
    const PlanValue same = bitsInput(builder, node, 0);
    builder.defineAlias(node, 0, same, node.intsOr("shape", {}));
}

}  // namespace

const PlanValue& bitsInput(const PlanBuilder& builder, const Node& node, std::size_t i) {
    const PlanValue& value = builder.input(node, i);
    if (value.bitLayout == nullptr) builder.fail(node, "input '" + node.input(i) + "' has no bits");
    return value;
}

const kernels::BitKernels& bitKernelsOf(const PlanBuilder& builder) {
    const kernels::Kernels& kernels = builder.kernelsFor(false);
    // Plans for one image in one lane tell shapes and costs and are never run.
    return kernels.lanes == 1 ? kernels::kBitBaseline : bitKernelsFor(kernels.name);
}

std::vector<std::int32_t> wordsOf(const Node& node, const std::string& attribute) {
    std::vector<std::int32_t> words;
    for (const std::int64_t word : node.intsOr(attribute, {})) words.push_back(narrow(word));
    return words;
}

const std::map<std::string, CompileNode>& bitOperatorsOfPlans() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"BitMove", compileMove},          {"BitPad", compilePad},   {"BitPool", compilePool},
        {"BitProduct", compileBitProduct}, {"BitSign", compileSign}, {"BitValue", compileValue},
    };
    return kOperators;
}

}  // namespace brownout
