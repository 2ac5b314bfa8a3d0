#pragma once

#include <cstddef>
#include <cstdint>

/// The inner loops of the engine, compiled once for each instruction set.
///
/// **Lanes.** A step of a network never works on one image but on `lanes` images at once, one in
/// each lane of a vector register: an *element* of an activation is `lanes` consecutive floats, and
/// a tensor [C, H, W] is stored as [C][H][W][lanes]. So every operator is written as if for one
/// image, whatever its shape, stride or axis, fills the registers, and an image's result can't
/// depend on its neighbours or on how images are split in batches. `lanes` is the vector width: 16
/// (AVX-512), 8 (AVX2), 4 (any x86-64), and 1 for arithmetic on the parameters alone and where the
/// positions of one image fill the vectors (kBaselinePositions and its like below).
///
/// **Uniform** operands are the same for all images (weights, constants): one float an element.
///
/// This header is read by files compiled for different processors, so it has plain structures only:
/// an inline function in it could be compiled with AVX and then be called on a machine without.
namespace brownout::kernels {

constexpr int kMaxAxes = 8;

/// An operand of a step: `data` has one float an element if uniform, else `lanes` floats.
struct Operand {
    const float* data;
    bool uniform;
};

/// Convolution, matrix product: out[m, p] = clamp(alpha * sum over k of w[m, k] in[p, k] +
/// bias[m]).
///
/// Positions p are a grid of three axes; element k of position p is found at
/// input + position offset + offsets[k], so that a convolution is a table of offsets into the
/// padded input, and a matrix product another. The sum over k runs in order, with one accumulator,
/// fused where the instruction set can: the result depends on nothing but the operands.
struct ConvolveArgs {
    const float* input;           ///< lanes
    const float* weights;         ///< packed: [group][blocks of rowBlock rows][k][rowBlock]
    const float* bias;            ///< uniform, `rows` values a group; null for none
    float* output;                ///< lanes
    float* scratch;               ///< floats, as many as Kernels::convolveScratch says; may be null
    const std::int32_t* offsets;  ///< [depth], in elements
    std::int32_t groups;
    std::int32_t rows;          ///< output channels a group
    std::int32_t depth;         ///< length of the sum
    std::int32_t rowBlock;      ///< rows in a block of packed weights: Kernels::rowBlock or 1
    std::int32_t grid[3];       ///< positions along each axis
    std::int64_t gridStep[3];   ///< distance of positions in the input, in elements
    std::int64_t groupStep;     ///< distance of groups in the input, in elements
    std::int64_t rowStep;       ///< distance of rows in the output, in elements
    std::int64_t positionStep;  ///< distance of positions in the output, in elements
    float alpha;
    const float*
        residual;     ///< lanes, laid out as the output, added before the clamp; null for none
    float low, high;  ///< clamp of the result
};

/// Convolution with kernels of 3 x 3, step 1, in tiles of `tile` x `tile` outputs: the same sums as
/// ConvolveArgs with fewer multiplications and in another order, so that results differ by rounding
/// (winograd.inc says how it works): out = clamp(sum + bias + residual).
struct WinogradArgs {
    const float* input;  ///< lanes, [channels][height][width], without padding
    const float*
        weights;        ///< by evaluateWeights: [point][blocks of winogradRows rows][channel][row]
    const float* bias;  ///< uniform, [rows]; null for none
    const float* residual;  ///< lanes, laid out as the output; null for none
    float* output;          ///< lanes, [rows][outHeight][outWidth]
    float* scratch;         ///< floats, as many as Kernels::winogradScratch says
    std::int32_t tile;      ///< 4 or 2
    std::int32_t channels, rows;
    std::int32_t height, width, outHeight, outWidth;
    std::int32_t padTop, padLeft;
    std::int64_t pointStep;  ///< distance of points in the weights, in floats
    float low, high;
};

/// Products of activations: out[b, i, j] = sum over k of left[b, i, k] right[b, k, j].
struct MatMulArgs {
    Operand left, right;
    float* output;
    std::int64_t batches;
    const std::int64_t* leftBatch;  ///< [batches], offset of each batch in elements
    const std::int64_t* rightBatch;
    std::int64_t rows, depth, columns;
};

struct PoolArgs {
    const float* input;
    float* output;
    std::int64_t channels;
    std::int64_t in[3], out[3], kernel[3], stride[3], dilation[3], padBegin[3], padEnd[3];
    bool average;       ///< average, else maximum
    bool countPadding;  ///< averages divide by the whole window, padding included
};

/// Comparisons and logic give 1 for true and 0 for false, and take what is not 0 for true.
enum class BinaryOp : std::int32_t {
    kAdd,
    kSub,
    kMul,
    kDiv,
    kMax,
    kMin,
    kPow,
    kPRelu,
    kEqual,
    kGreater,
    kGreaterOrEqual,
    kLess,
    kLessOrEqual,
    kAnd,
    kOr,
    kXor,
    kModulo,      ///< with the sign of the divisor
    kRemainder,   ///< with the sign of the dividend, as fmod
    kKeepIf,      ///< right where left is true, else 0
    kKeepUnless,  ///< right where left is false, else 0
};

/// Elementwise operation with two operands: out = left op right, broadcast: steps are 0 along a
/// broadcast axis, in elements. The last axis is the inner loop.
struct BinaryArgs {
    Operand left, right;
    float* output;
    std::int32_t axes;
    std::int64_t size[kMaxAxes], leftStep[kMaxAxes], rightStep[kMaxAxes];
    BinaryOp op;
    float low, high;
};

enum class UnaryOp : std::int32_t {
    kClamp,
    kLeakyRelu,
    kSigmoid,
    kHardSigmoid,
    kHardSwish,
    kTanh,
    kExp,
    kLog,
    kSqrt,
    kAbs,
    kNeg,
    kReciprocal,
    kErf,
    kElu,
    kSelu,
    kSoftplus,
    kSoftsign,
    kFloor,
    kCeil,
    kRound,  ///< to the nearest, of two the even one
    kTruncate,
    kSign,
    kNot,
    kIsNan,
    kIsInf,  ///< -infinity if alpha is not 0, infinity if beta is not 0
    kSin,
    kCos,
    kTan,
    kAsin,
    kAcos,
    kAtan,
    kSinh,
    kCosh,
    kAsinh,
    kAcosh,
    kAtanh,
    kGelu,
    kGeluTanh,
    kMish,
    kSwish,            ///< x sigmoid(alpha x)
    kCelu,             ///< alpha
    kThresholdedRelu,  ///< alpha
    kShrink            ///< bias alpha, lambda beta
};

struct UnaryArgs {
    const float* input;
    float* output;
    std::int64_t count;  ///< elements
    UnaryOp op;
    float alpha, beta;  ///< attributes of the operator; low and high of kClamp
};

/// Normalisation: out = clamp((x - mean) / sqrt(variance + epsilon) scale[c] + offset[c]), mean and
/// variance over each of `groups` runs of `channels` x `inner` elements (instance and group
/// normalisation), or given (batch normalisation: givenMean not null, per channel).
struct NormalizeArgs {
    const float* input;
    float* output;
    std::int64_t groups, channels, inner;
    const float* groupScale;   ///< uniform [groupScaleCount], repeated; null for 1
    const float* groupOffset;  ///< likewise; null for 0
    std::int64_t groupScaleCount;
    const float* scale;       ///< uniform, by channel of a group set; null for 1
    const float* offset;      ///< null for 0
    std::int64_t scaleCount;  ///< channels over all groups, after which scale and offset repeat
    const float* givenMean;   ///< uniform [scaleCount] or null
    const float* givenVariance;
    float epsilon;
    const float*
        residual;  ///< lanes, laid out as the output, added before the clamp; null for none
    float low, high;
};

enum class ReduceOp : std::int32_t {
    kMean,
    kSum,
    kMax,
    kMin,
    kProd,
    kL1,
    kL2,
    kSumSquare,
    // Places of the largest or smallest, of equals the first or last; a NaN is never it.
    kArgMax,
    kArgMaxLast,
    kArgMin,
    kArgMinLast
};

/// Reduction of `reducedCount` elements at reducedOffsets for each of `keptCount` at keptOffsets.
struct ReduceArgs {
    const float* input;
    float* output;
    const std::int64_t* keptOffsets;
    const std::int64_t* reducedOffsets;
    std::int64_t keptCount, reducedCount;
    ReduceOp op;
};

/// Softmax over the middle one of three axes.
struct SoftmaxArgs {
    const float* input;
    float* output;
    std::int64_t outer, count, inner;
    bool logarithm;
};

/// Rearrangement: output[i] = input[table[i]], or `fill` where the table says -1, for transposing,
/// slicing, padding. Without a table, the elements in order.
struct GatherArgs {
    Operand input;
    float* output;
    const std::int32_t* table;
    std::int64_t count;
    float fill;
};

/// Vectors that multiplyAdd works on: enough to hide how long each takes, and they fit 16
/// registers.
constexpr int kPeakSums = 12;

/// The kernels of one instruction set.
struct Kernels {
    const char* name;
    std::int32_t lanes;
    std::int32_t rowBlock;  ///< output channels worked on at once, packed together
    std::int32_t winogradRows,
        winogradTiles;  ///< output channels and tiles of `winograd`'s products
    void (*convolve)(const ConvolveArgs&);
    /// Returns the floats of ConvolveArgs::scratch that make these sizes faster, 0 for none. Of the
    /// pointers only `offsets` is looked at. Which are faster depends on the processor, see
    /// base/processor.h; what is computed doesn't.
    std::int64_t (*convolveScratch)(const ConvolveArgs&, bool halvesWideVectors);
    void (*winograd)(const WinogradArgs&);
    /// Returns the floats of WinogradArgs::scratch for these sizes; pointers are not looked at.
    std::int64_t (*winogradScratch)(const WinogradArgs&);
    /// Evaluates a kernel of nine weights at the points of tiles of `tile` x `tile`; point p goes
    /// to to[p * pointStep].
    void (*evaluateWeights)(std::int32_t tile, const float* nine, float* to,
                            std::int64_t pointStep);
    void (*matMul)(const MatMulArgs&);
    void (*pool)(const PoolArgs&);
    void (*binary)(const BinaryArgs&);
    void (*unary)(const UnaryArgs&);
    void (*normalize)(const NormalizeArgs&);
    void (*reduce)(const ReduceArgs&);
    void (*softmax)(const SoftmaxArgs&);
    void (*gather)(const GatherArgs&);
    /// Multiplies and adds kPeakSums * lanes numbers `rounds` times, in registers: the processor's
    /// peak. Returns a value that depends on all.
    float (*multiplyAdd)(std::int64_t rounds, float start);
};

extern const Kernels kScalar;    ///< one lane: arithmetic on parameters
extern const Kernels kBaseline;  ///< any x86-64 processor
extern const Kernels kAvx2;      ///< AVX2 and FMA
extern const Kernels kAvx512;    ///< AVX-512 F, DQ, BW, VL

/// The same with one lane: one image at a time, whose neighbouring positions fill the vectors. For
/// fewer images than a vector has lanes, and for large ones, of which `lanes` don't fit the caches.
/// Each gives the bits of the one above with its instruction set.
extern const Kernels kBaselinePositions;
extern const Kernels kAvx2Positions;
extern const Kernels kAvx512Positions;

}  // namespace brownout::kernels
