// Products of bytes with weights of one bit: bytes are made of floats and laid side by side for
// each position, and then multiplied.

#include "inference/plan/bit_operators.h"
#include "inference/plan/bit_products.h"

namespace brownout {

namespace {

/// Returns the elements of the input that each position sums over, four for each word. The element
/// behind the last stands for padding.
std::vector<std::int32_t> bytesOfPositions(const BitWindows& w, const BitWeights& weights,
                                           std::int64_t elements) {
    std::vector<std::int32_t> at;
    for (std::int64_t p = 0; p < w.out[0] * w.out[1]; ++p) {
        const std::int64_t y = p / w.out[1];
        const std::int64_t x = p % w.out[1];
        for (std::int64_t run = 0; run < narrow(weights.planes()) * w.kernel[0]; ++run) {
            const std::int64_t channel = run / w.kernel[0];
            const std::int64_t row = y * w.stride[0] - w.pad[0] + run % w.kernel[0] * w.dilation[0];
            for (std::int64_t j = 0; j < 4 * narrow(weights.columns()); ++j) {
                const std::int64_t column = x * w.stride[1] - w.pad[1] + j * w.dilation[1];
                const bool inside =
                    j < w.kernel[1] && row >= 0 && row < w.in[0] && column >= 0 && column < w.in[1];
                at.push_back(
                    narrow(inside ? (channel * w.in[0] + row) * w.in[1] + column : elements));
            }
        }
    }
    return at;
}

}  // namespace

void addByteProduct(PlanBuilder& builder, const Node& node, const PlanValue& x, const BitWindows& w,
                    const BitWeightSizes& sizes, const Shape& shape) {
    const auto weights = packBitWeights(builder, node, sizes);
    const std::int64_t elements = narrow(elementCount(x.shape));
    const std::int64_t positions = w.out[0] * w.out[1];
    const auto depth = static_cast<std::int64_t>(weights->depth());
    const bool isSigned = node.intOr("byte_signed", 0) != 0;
    const kernels::BitKernels& kernels = bitKernelsOf(builder);

    const float scale = node.floatOr("byte_scale", 1.0F);
    const float low = node.floatOr("byte_low", 0.0F);
    const float high = node.floatOr("byte_high", 255.0F);
    const ValueRef floats = builder.refOf(x);
    const ValueRef bytes = builder.scratch(node, {1, elements + 1}, false);
    const ValueRef gathered = builder.scratch(node, {positions, depth}, false);
    builder.addStep(
        gathered, {floats, bytes},
        [=, at = bytesOfPositions(w, *weights, elements), &kernels](const PlanMemory& m) {
            kernels.bytes({m.data(floats), m.words(bytes), elements, scale, low, high, isSigned,
                           at.data(), positions, depth, m.words(gathered)});
        });

    const ValueRef output = builder.defineBits(node, shape, BitLayout(shape));
    builder.addStep(output, {gathered},
                    [=, rows = narrow(sizes.rows), weightsAt = weights->offset(),
                     inverted = invertedRows(node, sizes.rows),
                     padded = paddedThresholds(node, *weights), &kernels](const PlanMemory& m) {
                        kernels.multiplyBytes({m.words(gathered), positions, depth, isSigned,
                                               m.packedWords() + weightsAt, rows, m.words(output),
                                               inverted.data(), padded.data()});
                    });
}

}  // namespace brownout
