#pragma once

#include <cstddef>
#include <cstdint>

/// The inner loops of integer arithmetic, compiled once for each instruction set like those of
/// kernels.h, whose essay on lanes holds here, too.
///
/// **Pairs.** A value of 8 bits less its zero point needs 9 bits and is kept in 16. Two channels
/// lie side by side in one *word* of 32 bits, the even one in the low half: an element is `lanes`
/// words, and a tensor [C, H, W] is stored as [C / 2][H][W][lanes]. One instruction multiplies a
/// pair by a pair of weights and adds both products to a sum of 32 bits. What lies in the high half
/// of the last pair of an odd number of channels is never looked at: its weights are zero.
///
/// **Zero points** are gone before anything is multiplied: an activation is kept as its code less
/// its zero point, a weight likewise, and the padding of a convolution is zero whatever the codes
/// are.
///
/// **Requantisation.** A sum of 32 bits (modulo 2^32) becomes a float, is multiplied by
/// input scale * weight scale / output scale (in this order, in floats), rounded to the nearest
/// whole number, of two the even one, and clamped to the codes of the output less its zero point.
/// Results are the same for every instruction set.
namespace brownout::kernels {

/// Rows (output channels) whose weights are packed together; rows beyond the last are zero.
constexpr int kIntegerRows = 4;
/// The same for the units of grouped convolutions that have two rows, as depthwise ones do.
constexpr int kIntegerFewRows = 2;

/// The way from sums to results.
struct Requantize {
    const std::int32_t* bias;  ///< of each row, rows beyond the last included
    const float* factors;      ///< likewise
    float low, high;           ///< bounds of the rounded result; of the product if `floats`
    bool floats;               ///< results are products in floats, [row][position][lanes]
};

/// Convolution in direct order, matrix product. A grid of two axes of positions; position (y, x)
/// sums over `runs` runs of `taps` elements, run r beginning at input + y gridStep[0] +
/// x gridStep[1] + runOffsets[r], its elements tapStep apart. A *unit* is a group of channels, or
/// several merged so that channels and rows are even.
struct IntegerConvolveArgs {
    const std::int32_t* input;
    const std::int32_t* weights;     ///< [unit][blocks of rowBlock rows][run][tap][rowBlock]
    std::int32_t* output;            ///< pairs of rows; floats of rows if `to.floats`
    const std::int32_t* runOffsets;  ///< in elements
    std::int32_t runs, taps;
    std::int64_t tapStep;
    std::int32_t units, rows;  ///< rows of a unit
    std::int32_t rowBlock;     ///< kIntegerRows or kIntegerFewRows
    std::int32_t grid[2];
    std::int64_t gridStep[2], unitStep;    ///< in elements of the input
    std::int64_t outputStep[2], pairStep;  ///< in elements of the output; pairStep that of two rows
    Requantize to;
};

/// Convolution 3x3 of stride 1 by Winograd's F(4x4, 3x3), exact (integer_winograd.inc).
struct IntegerWinogradArgs {
    const std::int32_t* input;    ///< at the first element of the padding
    const std::int32_t* weights;  ///< transformed: [36][blocks of kIntegerRows rows][pair][row]
    std::int32_t* output;
    std::int32_t* scratch;  ///< winogradScratch() words
    std::int32_t pairs;     ///< of input channels
    std::int32_t rows;
    std::int64_t inputPairStep, inputRowStep;  ///< in elements
    std::int64_t pairStep, outputRowStep;
    std::int32_t height, width;  ///< of the output; tiles at the edge read what lies behind it
    Requantize to;
};

/// A sum of two tensors, or one tensor with another scale: result = clamp(round((a scale +
/// b otherScale) / resultScale)), each operation in floats. Planes of pairs, rows, columns.
struct IntegerAddArgs {
    const std::int32_t* left;
    const std::int32_t* right;  ///< null for none
    std::int32_t* output;
    std::int32_t planes, height, width;
    std::int64_t leftStep[2], rightStep[2], outputStep[2];  ///< of planes and rows, in elements
    float leftScale, rightScale, outputScale;
    float low, high;
};

/// Pooling over windows: maxima of codes, or means: clamp(round(sum inputScale / count /
/// outputScale)), the sum in whole numbers, the rest in floats in this order.
struct IntegerPoolArgs {
    const std::int32_t* input;  ///< at the first element inside the border
    std::int32_t* output;
    std::int32_t planes;
    std::int32_t in[2], out[2], kernel[2], stride[2], dilation[2], padBegin[2];
    std::int64_t inputStep[2], outputStep[2];
    bool average, countPadding;
    float inputScale, outputScale;
    float low, high;
};

/// Floats to pairs: clamp(round(x / scale - shift)).
struct QuantizeArgs {
    const float* input;  ///< [channel][height][width]
    std::int32_t* output;
    std::int32_t channels, height, width;
    std::int64_t outputStep[2];  ///< of pairs of channels and rows, in elements
    float scale, shift, low, high;
};

/// Pairs to floats: (value + shift) scale.
struct DequantizeArgs {
    const std::int32_t* input;
    float* output;
    std::int32_t channels, height, width;
    std::int64_t inputStep[2];  ///< of pairs of channels and rows, in elements
    float scale, shift;
};

/// Sets what lies around the rows and columns of planes to zero.
struct BorderArgs {
    std::int32_t* planes;
    std::int32_t count, height, width;  ///< height and width with the border
    std::int64_t planeStep;             ///< may be more than height * width
    std::int32_t begin[2], end[2];      ///< first row and column inside, first behind
};

/// Half words in another order: half `to[i]` of the output is half `from[i]` of the input, a half
/// being 2 * element, plus 1 for the high one.
struct ShuffleArgs {
    const std::int32_t* input;
    std::int32_t* output;
    const std::int32_t* from;
    const std::int32_t* to;
    std::int64_t count;
};

/// The integer kernels of one instruction set.
struct IntegerKernels {
    const char* name;
    std::int32_t lanes;
    void (*convolve)(const IntegerConvolveArgs&);
    void (*winograd)(const IntegerWinogradArgs&);
    void (*add)(const IntegerAddArgs&);
    void (*pool)(const IntegerPoolArgs&);
    void (*quantize)(const QuantizeArgs&);
    void (*dequantize)(const DequantizeArgs&);
    void (*border)(const BorderArgs&);
    void (*shuffle)(const ShuffleArgs&);
};

extern const IntegerKernels kIntegerBaseline;
extern const IntegerKernels kIntegerAvx2;
extern const IntegerKernels kIntegerAvx512;
extern const IntegerKernels kIntegerAvx512Vnni;  ///< AVX-512 with VNNI: sums of pairs in one step

/// Tiles that Winograd's transforms are done for at once.
constexpr int kWinogradMostTiles = 8;
constexpr int kWinogradPoints = 36;

}  // namespace brownout::kernels
