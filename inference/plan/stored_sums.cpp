// The operator that puts the partial sums of a product into a memory and reads them back: a part of
// rewritten networks (activations/stored_values.h), which no file has.

#include "inference/activations/stored_sums.h"

#include <algorithm>
#include <array>

#include "inference/activations/value_memory.h"
#include "inference/plan/builder.h"
#include "inference/plan/windows.h"

namespace brownout {
namespace {

constexpr std::size_t kMostLanes = 16;
constexpr std::size_t kMostSums = 32;  ///< of a word: 64 bits in sums of at least two

/// The places of the operands of a product in their tensors.
struct SumOperands {
    bool convolves = false;
    // A convolution has these.
    Windows windows;
    std::int64_t groupChannels = 1;
    std::vector<std::array<std::int32_t, 4>> taps;  ///< channel and place in the kernel by summand
    // A matrix product has these.
    std::int64_t depth = 1, columns = 1;
    std::int64_t weightColumnStep = 1, weightDepthStep = 1;

    /// Returns the input that summand `k` of a position has, -1 for padding.
    std::int64_t input(std::int64_t group, std::int64_t position, std::int64_t k) const {
        if (!convolves) return position * depth + k;
        const Windows& w = windows;
        const auto& tap = taps[toSize(k)];
        const std::int64_t plane = w.outPlane();
        std::int64_t rest = position % plane;
        std::int64_t at =
            position / plane * w.channels + group * groupChannels + std::int64_t{tap[0]};
        std::array<std::int64_t, 3> out{};
        for (std::size_t axis = 3; axis-- > 0;) {
            out[axis] = rest % w.out[axis];
            rest /= w.out[axis];
        }
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t in =
                out[axis] * w.stride[axis] + tap[axis + 1] * w.dilation[axis] - w.padBegin[axis];
            if (in < 0 || in >= w.in[axis]) return -1;
            at = at * w.in[axis] + in;
        }
        return at;
    }

    std::int64_t weight(std::int64_t filter, std::int64_t k) const {
        return filter * weightColumnStep + k * weightDepthStep;
    }

    std::int64_t output(std::int64_t filter, std::int64_t position) const {
        if (!convolves) return position * columns + filter;
        const std::int64_t plane = windows.outPlane();
        return (position / plane * columns + filter) * plane + position % plane;
    }
};

SumOperands convolutionOperands(const PlanBuilder& builder, const Node& node, const Shape& x,
                                const Shape& weights) {
    SumOperands operands;
    operands.convolves = true;
    operands.windows = windowsOf(builder, node, x, {weights.begin() + 2, weights.end()}, false);
    operands.groupChannels = weights[1];
    operands.columns = weights[0];
    const Windows::Sizes& kernel = operands.windows.kernel;
    for (std::int64_t channel = 0; channel < weights[1]; ++channel) {
        for (std::int64_t d = 0; d < kernel[0]; ++d) {
            for (std::int64_t y = 0; y < kernel[1]; ++y) {
                for (std::int64_t c = 0; c < kernel[2]; ++c) {
                    operands.taps.push_back(
                        {static_cast<std::int32_t>(channel), static_cast<std::int32_t>(d),
                         static_cast<std::int32_t>(y), static_cast<std::int32_t>(c)});
                }
            }
        }
    }
    operands.weightColumnStep = static_cast<std::int64_t>(operands.taps.size());
    return operands;
}

SumOperands matrixOperands(const Node& node, const Shape& weights) {
    SumOperands operands;
    const bool filtersFirst = node.intOr("transB", 0) != 0;
    operands.columns = weights[filtersFirst ? 0 : 1];
    operands.depth = weights[filtersFirst ? 1 : 0];
    operands.weightColumnStep = filtersFirst ? operands.depth : 1;
    operands.weightDepthStep = filtersFirst ? 1 : operands.columns;
    return operands;
}

/// The sums of one word while they are added up, for all lanes.
struct SumsOfWord {
    std::array<std::array<double, kMostLanes>, kMostSums> sum{};    ///< as it should be
    std::array<std::array<double, kMostLanes>, kMostSums> error{};  ///< of what was read
    std::array<std::int64_t, kMostSums> filter{}, position{};
};

/// Adds the summands [first, end) of sum `i`.
void addFold(const SumOperands& operands, const StoredSum& product, std::size_t lanes,
             const float* x, const float* weights, std::int64_t first, std::int64_t end,
             std::size_t i, SumsOfWord& word) {
    const auto group = word.filter[i] / static_cast<std::int64_t>(product.filters);
    for (std::int64_t k = first; k < end; ++k) {
        const std::int64_t from = operands.input(group, word.position[i], k);
        if (from < 0) continue;
        const auto weight = static_cast<double>(weights[operands.weight(word.filter[i], k)]);
        const float* input = x + toSize(from) * lanes;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            word.sum[i][lane] += weight * static_cast<double>(input[lane]);
        }
    }
}

/// Adds up the sums of one word that may fail and reads them after every fold.
void runWord(const PlanMemory& m, const SumOperands& operands, const StoredSum& product,
             std::size_t tensor, std::size_t group, std::size_t count, const float* x,
             const float* weights, SumsOfWord& word) {
    const auto lanes = static_cast<std::size_t>(m.kernels->lanes);
    const auto depth = static_cast<std::int64_t>(product.depth);
    const auto step = static_cast<std::int64_t>(product.foldDepth);
    std::array<Code, kMostSums> written{}, read{};
    for (std::int64_t first = 0; first < depth; first += step) {
        for (std::size_t i = 0; i < count; ++i) {
            addFold(operands, product, lanes, x, weights, first, std::min(depth, first + step), i,
                    word);
        }
        for (std::size_t lane = 0; lane < m.images; ++lane) {
            for (std::size_t i = 0; i < count; ++i) {
                written[i] =
                    product.encode(word.sum[i][lane] + word.error[i][lane], toSize(word.filter[i]));
            }
            read = written;
            m.failing.sums->read(tensor, group, Span<Code>(read.data(), count));
            for (std::size_t i = 0; i < count; ++i) {
                // A sum that no fault has touched stays as the product gives it.
                if (read[i] == written[i] && word.error[i][lane] == 0) continue;
                word.error[i][lane] =
                    product.decode(read[i], toSize(word.filter[i])) - word.sum[i][lane];
            }
        }
    }
}

/// Adds to the results what the sums that may fail lost or won on their way.
void readBack(const PlanMemory& m, const SumOperands& operands, const StoredSum& product,
              float alpha, const float* x, const float* weights, float* y) {
    const auto lanes = static_cast<std::size_t>(m.kernels->lanes);
    for (std::uint64_t tile = 0; tile < product.tiles(); ++tile) {
        const std::size_t tensor = product.firstTensor + tile;
        const std::uint64_t width = product.filtersOf(tile);
        const std::uint64_t firstFilter = tile / product.tilesOfGroup() * product.filters +
                                          tile % product.tilesOfGroup() * product.tile;
        const Span<const ValueMemory::Group> groups = m.failing.sums->groups(tensor);
        for (std::size_t g = 0; g < groups.size(); ++g) {
            SumsOfWord word;
            const std::size_t count = groups[g].count;
            for (std::size_t i = 0; i < count; ++i) {
                const std::uint64_t element = groups[g].first + i;
                word.filter[i] = static_cast<std::int64_t>(firstFilter + element % width);
                word.position[i] = static_cast<std::int64_t>(element / width);
            }
            runWord(m, operands, product, tensor, g, count, x, weights, word);
            for (std::size_t i = 0; i < count; ++i) {
                float* to = y + toSize(operands.output(word.filter[i], word.position[i])) * lanes;
                for (std::size_t lane = 0; lane < m.images; ++lane) {
                    if (word.error[i][lane] == 0) continue;
                    to[lane] = static_cast<float>(static_cast<double>(to[lane]) +
                                                  static_cast<double>(alpha) * word.error[i][lane]);
                }
            }
        }
    }
}

StoredSum productOf(const Node& node) {
    const auto whole = [&](const char* name) {
        return static_cast<std::uint64_t>(node.intOr(name, 1));
    };
    StoredSum product;
    product.groups = whole("groups");
    product.positions = whole("positions");
    product.filters = whole("filters");
    product.depth = whole("depth");
    product.foldDepth = whole("fold");
    product.tile = whole("tile");
    product.bits = static_cast<std::uint32_t>(whole("bits"));
    product.firstTensor = toSize(node.intOr("tensor", 0));
    const auto steps = node.attributes.find("steps");
    if (steps != node.attributes.end()) {
        product.steps = std::get<std::vector<float>>(steps->second);
    }
    return product;
}

/// Compiles a node with the inputs of a product, its attributes, and its result as last input.
void compileStoredSums(PlanBuilder& builder, const Node& node) {
    const PlanValue& x = builder.floatInput(node, 0);
    const PlanValue& w = builder.floatInput(node, 1);
    const PlanValue& y = builder.floatInput(node, 2);
    const StoredSum product = productOf(node);
    const bool convolves = node.textOr("product", "") == "Conv";
    const SumOperands operands = convolves ? convolutionOperands(builder, node, x.shape, w.shape)
                                           : matrixOperands(node, w.shape);
    const std::size_t results = elementCount(y.shape);
    if (!w.uniform() || y.uniform() ||
        results != product.groups * product.filters * product.positions) {
        builder.fail(node, "its partial sums can't be put into a memory");
    }
    const float alpha = node.floatOr("alpha", 1.0F);
    const ValueRef input = builder.refOf(x), weights = builder.refOf(w), plain = builder.refOf(y);
    const ValueRef output = builder.define(node, 0, y.shape, false);
    builder.addStep(output, {input, weights, plain}, [=](const PlanMemory& m) {
        const std::size_t floats = results * static_cast<std::size_t>(m.kernels->lanes);
        std::copy_n(m.data(plain), floats, m.data(output));
        if (m.failing.sums == nullptr) return;
        readBack(m, operands, product, alpha, m.data(input), m.data(weights), m.data(output));
    });
}

}  // namespace

const std::map<std::string, CompileNode>& storedSumOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"StoredSums", compileStoredSums},
    };
    return kOperators;
}

}  // namespace brownout
