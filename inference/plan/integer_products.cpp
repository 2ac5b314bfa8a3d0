// Products in integers: convolutions of two axes in direct order or by Winograd's algorithm, and
// products of a row with a matrix.

#include <algorithm>

#include "inference/plan/integer_operators.h"

namespace brownout {

namespace {

using kernels::IntegerConvolveArgs;
using kernels::IntegerKernels;
using kernels::IntegerWinogradArgs;

/// A product as it is done each run.
struct ProductStep {
    IntegerConvolveArgs direct{};
    IntegerWinogradArgs fast{};
    std::vector<std::int32_t> runOffsets;
    std::vector<float> factors;  ///< of padded rows
    std::shared_ptr<const IntegerWeights> weights;
    std::size_t biasAt = 0;
    std::size_t rows = 0;
    ValueRef input, output, scratch;
    std::int64_t inputBegin = 0, outputBegin = 0;  ///< in elements
    bool winograd = false;
};

/// Does the rows whose sums Winograd's form can't give exactly in direct order.
void redoWideRows(const ProductStep& s, const PlanMemory& m, const IntegerKernels& kernels,
                  const IntegerConvolveArgs& whole) {
    const auto block = static_cast<std::size_t>(kernels::kIntegerRows);
    const std::int64_t blockWords = std::int64_t{whole.runs} * whole.taps * whole.rowBlock;
    for (std::size_t first = 0; first < s.rows; first += block) {
        const std::size_t last = std::min(first + block, s.rows);
        bool wide = false;
        for (std::size_t row = first; row < last; ++row) {
            wide = wide || s.weights->isWide(m.packedWords(), row);
        }
        if (!wide) continue;
        IntegerConvolveArgs part = whole;
        part.weights += static_cast<std::int64_t>(first / block) * blockWords;
        part.output += static_cast<std::int64_t>(first / 2) * whole.pairStep * kernels.lanes;
        part.rows = narrow(last - first);
        part.to.bias += first;
        part.to.factors += first;
        kernels.convolve(part);
    }
}

void runProduct(const ProductStep& s, const PlanMemory& m, const IntegerKernels& kernels) {
    IntegerConvolveArgs direct = s.direct;
    direct.input = m.words(s.input) + s.inputBegin * kernels.lanes;
    direct.output = m.words(s.output) + s.outputBegin * kernels.lanes;
    direct.weights = m.packedWords() + s.weights->directAt();
    direct.runOffsets = s.runOffsets.data();
    direct.to.bias = m.packedWords() + s.biasAt;
    direct.to.factors = s.factors.data();
    if (!s.winograd) return kernels.convolve(direct);
    IntegerWinogradArgs fast = s.fast;
    fast.input = direct.input;
    fast.output = direct.output;
    fast.weights = m.packedWords() + s.weights->transformedAt();
    fast.scratch = m.words(s.scratch);
    fast.to = direct.to;
    kernels.winograd(fast);
    redoWideRows(s, m, kernels, direct);
}

/// Returns a parameter's integers: its codes in the file less their zero points.
std::vector<std::int32_t> integersOf(const FileCodes& codes) {
    std::vector<std::int32_t> values(codes.codes.size());
    for (std::size_t e = 0; e < values.size(); ++e) values[e] = integerOf(codes, codes.codes[e], e);
    return values;
}

/// Packs the weights and the bias, whose places the step remembers.
void packProduct(PlanBuilder& builder, const Node& node, const IntegerWeightSizes& sizes,
                 ProductStep& s) {
    const std::string& name = node.inputs.at(1);
    s.weights = std::make_shared<const IntegerWeights>(sizes, builder.nextPacked());
    builder.packIntegers(node, {name, s.weights, integersOf(builder.graph().fileCodes.at(name))},
                         s.weights->size());
    s.rows = sizes.groups * sizes.rows;
    s.biasAt = builder.nextPacked();
    const std::vector<std::int64_t> bias = node.intsOr("bias", {});
    std::vector<std::int32_t> values;
    std::vector<std::size_t> places;
    for (std::size_t row = 0; row < s.rows; ++row) {
        values.push_back(bias.empty() ? 0 : narrow(bias[row]));
        places.push_back(s.biasAt + s.weights->paddedRow(row));
    }
    const std::string biasName = node.inputs.size() > 2 ? node.inputs[2] : "";
    builder.packIntegers(node,
                         {biasName, std::make_shared<const IntegerBias>(std::move(places)), values},
                         s.weights->paddedRows());
    const auto found = node.attributes.find("factors");
    const auto& factors = std::get<std::vector<float>>(found->second);
    s.factors.resize(s.weights->paddedRows());
    for (std::size_t row = 0; row < s.rows; ++row) {
        s.factors[s.weights->paddedRow(row)] = factors.at(row);
    }
}

}  // namespace

void compileIntegerProduct(PlanBuilder& builder, const Node& node) {
    using Ints = std::vector<std::int64_t>;
    const PlanValue& x = pairsInput(builder, node, 0);
    const PairLayout from = *x.pairs;
    const Shape& weightShape = builder.graph().parameters.at(node.inputs.at(1)).shape;
    const bool transposed = node.intOr("transposed", 1) != 0;
    const bool matrix = x.shape.size() == 2;
    const Ints kernel = node.intsOr("kernel", {});
    const Ints strides = node.intsOr("strides", {});
    const Ints dilations = node.intsOr("dilations", {});
    const Ints pads = node.intsOr("pads", {});

    IntegerWeightSizes sizes;
    sizes.groups = toSize(node.intOr("groups", 1));
    sizes.rows = toSize(weightShape[matrix && !transposed ? 1 : 0]) / sizes.groups;
    sizes.channels = toSize(weightShape[matrix && !transposed ? 0 : 1]);
    sizes.kernel = {toSize(kernel[0]), toSize(kernel[1])};
    sizes.rowStep = transposed ? sizes.channels : 1;
    sizes.channelStep = transposed ? 1 : sizes.rows;
    sizes.mostActivation = narrow(node.intOr("most", 255));
    sizes.winograd = node.intOr("winograd", 0) != 0;
    auto s = std::make_shared<ProductStep>();
    s->input = builder.refOf(x);
    s->winograd = sizes.winograd;
    packProduct(builder, node, sizes, *s);

    IntegerConvolveArgs& a = s->direct;
    const std::int64_t in[2] = {from.height, from.width};
    for (std::size_t i = 0; i < 2; ++i) {
        const std::int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
        a.grid[i] = narrow((in[i] + pads[i] + pads[i + 2] - extent) / strides[i] + 1);
    }
    const auto rows = static_cast<std::int64_t>(s->rows);
    Shape shape = {1, rows};
    if (x.shape.size() == 4) shape.push_back(a.grid[0]);
    if (x.shape.size() > 2) shape.push_back(a.grid[1]);
    a.to.floats = node.intOr("floats", 0) != 0;
    const PairLayout layout =
        a.to.floats ? PairLayout(shape, Ints(4, 0)) : resultLayout(node, shape);
    s->output = a.to.floats ? builder.define(node, 0, shape, false)
                            : builder.definePairs(node, shape, layout);
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    a.to.low = node.floatOr("low", -kInfinity);
    a.to.high = node.floatOr("high", kInfinity);
    a.runs = narrow(s->weights->runs());
    a.taps = narrow(s->weights->taps());
    a.tapStep = dilations[1];
    for (std::size_t pair = 0; pair < s->weights->unitPairs(); ++pair) {
        for (std::int64_t y = 0; y < kernel[0]; ++y) {
            s->runOffsets.push_back(narrow(static_cast<std::int64_t>(pair) * from.planeStep() +
                                           y * dilations[0] * from.rowStep()));
        }
    }
    a.units = narrow(s->weights->units());
    a.rows = narrow(s->weights->unitRows());
    a.rowBlock = narrow(s->weights->rowBlock());
    a.gridStep[0] = strides[0] * from.rowStep();
    a.gridStep[1] = strides[1];
    a.unitStep = static_cast<std::int64_t>(s->weights->unitChannels() / 2) * from.planeStep();
    a.outputStep[0] = a.to.floats ? layout.width : layout.rowStep();
    a.outputStep[1] = 1;
    a.pairStep = a.to.floats ? 2 * layout.height * layout.width : layout.planeStep();
    s->inputBegin = from.inside() - pads[0] * from.rowStep() - pads[1];
    s->outputBegin = layout.inside();

    const IntegerKernels& kernels = integerKernelsOf(builder);
    std::vector<ValueRef> uses = {s->input};
    if (s->winograd) {
        IntegerWinogradArgs& w = s->fast;
        w.pairs = narrow(s->weights->unitPairs());
        w.rows = narrow(rows);
        w.inputPairStep = from.planeStep();
        w.inputRowStep = from.rowStep();
        w.pairStep = layout.planeStep();
        w.outputRowStep = layout.rowStep();
        w.height = a.grid[0];
        w.width = a.grid[1];
        const std::size_t words = winogradScratchWords(w.pairs, w.rows, kernels.lanes);
        const auto lanes = static_cast<std::size_t>(kernels.lanes);
        s->scratch =
            builder.scratch(node, {static_cast<std::int64_t>((words + lanes - 1) / lanes)}, false);
        uses.push_back(s->scratch);
    }
    const auto run = [s, &kernels](const PlanMemory& m) { runProduct(*s, m, kernels); };
    if (a.to.floats) {
        builder.addStep(s->output, uses, run);
    } else {
        addPairStep(builder, s->output, layout, uses, run);
    }
    builder.countMacs(
        toSize(rows * a.grid[0] * a.grid[1]) * sizes.channels * sizes.kernel[0] * sizes.kernel[1],
        node.inputs[1]);
}

}  // namespace brownout
