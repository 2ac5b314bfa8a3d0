// Convolutions whose result is pooled at once.

#include "inference/plan/pooled_rows.h"

#include <algorithm>

namespace brownout {

namespace {

using kernels::ConvolveArgs;
using kernels::PoolArgs;

/// Floats of a result from which on it leaves the second-level cache.
constexpr std::int64_t kLarge = 256 * 1024;
/// Floats of the rows that are worked on, with their inputs. Fewer mean that more rows are made
/// twice, for the windows above and below: SqueezeNet's first convolution and pooling
/// took 6.6, 5.0, 4.9 and 4.8 ms with 64, 128, 256 and 448 thousand (Zen 4, AVX2).
constexpr std::int64_t kStrip = 256 * 1024;

/// The rows of a plane.
struct Rows {
    std::int64_t begin, end;
    std::int64_t count() const { return end - begin; }
};

/// Returns the rows of a plane that go into `rows` of its maxima.
Rows rowsUnder(const PoolArgs& pool, const Rows& rows) {
    const std::int64_t begin = rows.begin * pool.stride[1] - pool.padBegin[1];
    const std::int64_t end = (rows.end - 1) * pool.stride[1] - pool.padBegin[1] + pool.kernel[1];
    return {std::max<std::int64_t>(0, begin), std::min(pool.in[1], end)};
}

/// Returns the most rows that go into `rows` rows of maxima.
std::int64_t mostRows(const PoolArgs& pool, std::int64_t rows) {
    return std::min(pool.in[1], (rows - 1) * pool.stride[1] + pool.kernel[1]);
}

}  // namespace

bool poolInRows(PlanBuilder& builder, const Node& node, const PlanValue& x, const PoolArgs& args,
                const Shape& shape) {
    if (args.average || x.epilogue == nullptr || !x.epilogue->inRows || x.epilogue->residual ||
        !builder.readOnce(node.input(0))) {
        return false;
    }
    const std::int64_t lanes = builder.kernelsFor(false).lanes;
    const MadeInRows& made = *x.epilogue->inRows;
    const bool isOfPlanes = args.channels == made.planes && args.in[0] == 1 &&
                            args.in[1] == made.height && args.in[2] == made.width;
    if (!isOfPlanes || args.kernel[0] != 1 || args.dilation[1] != 1 ||
        args.channels * args.in[1] * args.in[2] * lanes < kLarge)
        return false;
    PooledRows pooled;
    pooled.args = args;
    const auto floatsFor = [&](std::int64_t rows) {
        return mostRows(args, rows) * (made.channels * args.in[2] + made.inputs) * lanes;
    };
    pooled.channels = made.channels;
    pooled.rows = 1;
    while (pooled.rows < args.out[1] && floatsFor(pooled.rows + 1) <= kStrip) ++pooled.rows;
    const std::int64_t elements = made.channels * mostRows(args, pooled.rows) * args.in[2];
    builder.mergePool(node, pooled, shape, toSize(elements));
    return true;
}

void convolveAndPool(const kernels::Kernels& kernels, const ConvolveArgs& convolution,
                     const PooledRows& pooled, float* output) {
    const PoolArgs& pool = pooled.args;
    const std::int64_t outPlane = pool.out[1] * pool.out[2];
    for (std::int64_t first = 0; first < pool.out[1]; first += pooled.rows) {
        const Rows maxima{first, std::min(pool.out[1], first + pooled.rows)};
        const Rows rows = rowsUnder(pool, maxima);
        ConvolveArgs some = convolution;
        some.input += rows.begin * some.gridStep[1] * kernels.lanes;
        some.grid[1] = static_cast<std::int32_t>(rows.count());
        some.rowStep = rows.count() * pool.in[2];
        PoolArgs of = pool;
        of.channels = 1;
        of.in[1] = rows.count();
        of.out[1] = maxima.count();
        of.padBegin[1] = rows.begin - (maxima.begin * pool.stride[1] - pool.padBegin[1]);
        for (std::int32_t channel = 0; channel < convolution.rows;
             channel += static_cast<std::int32_t>(pooled.channels)) {
            some.rows =
                std::min(static_cast<std::int32_t>(pooled.channels), convolution.rows - channel);
            some.weights = convolution.weights + std::int64_t{channel} * some.depth;
            if (some.bias != nullptr) some.bias = convolution.bias + channel;
            kernels.convolve(some);
            for (std::int64_t c = 0; c < some.rows; ++c) {
                of.input = some.output + c * some.rowStep * kernels.lanes;
                of.output = output +
                            ((channel + c) * outPlane + maxima.begin * pool.out[2]) * kernels.lanes;
                kernels.pool(of);
            }
        }
    }
}

}  // namespace brownout
