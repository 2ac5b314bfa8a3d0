#pragma once

#include <cstddef>
#include <cstdint>

/// The inner loops of binarised networks, compiled once for each instruction set like those of
/// kernels.h, whose essay on lanes holds here, too.
///
/// **Bits.** An activation of +1 is the bit 1, one of -1 the bit 0. Thirty-two channels lie in one
/// *word*: channel c is bit c % 32 of word c / 32. An element is `lanes` words, and a tensor
/// [C, H, W] is stored as [C / 32, rounded up][H][W][lanes]. Bits beyond the last channel are 0, in
/// activations and in weights.
///
/// **Products.** Of n pairs of bits let p differ. The sum of the products of what they stand for is
/// n - 2 p: an exclusive or, a count of bits. Padding with zeros takes part in no pair, so that n
/// and the words that are looked at depend on the position; positions alike are of one *class*.
///
/// **Bytes.** The first layer's activations are bytes. For each position the bytes that it sums
/// over lie side by side, four in a word. Processors multiply bytes without a sign by bytes with
/// one, the weights, which are 1 and -1. Bytes from -128 to 127 therefore lie there with 128 added,
/// as does the padding, and sums begin with -128 times the sum of the row's weights.
///
/// **Thresholds.** Batch norm and sign became one whole number for each row (output channel): the
/// result is the bit "sum >= threshold". Some rows are inverted before a maximum is taken over
/// windows, which is an or of bits, and some after it (graph/bit_folding.h): both are exclusive ors
/// with a constant word.
///
/// All is exact, so that every instruction set gives the same bits.
namespace brownout::kernels {

/// Rows whose weights are packed together; rows beyond the last have weights of 0 and thresholds
/// that no sum reaches.
constexpr int kBitRows = 8;

/// A threshold that no sum reaches. Thresholds and sums lie between its negative and it.
constexpr std::int32_t kUnreachable = 1 << 30;

/// Offset that is added to bytes with a sign, so that they have none.
constexpr std::int32_t kByteOffset = 128;

/// The sums of a class of positions are over entries first to first + count - 1 of the depth table.
struct BitClass {
    std::int32_t first, count;
    std::int32_t operands;  ///< pairs of bits
};

/// Convolution or matrix product of bits with weights of one bit.
struct BitConvolveArgs {
    const std::int32_t* input;
    const std::int32_t* weights;  ///< [group][blocks of kBitRows rows][depth][kBitRows]
    const std::int32_t* masks;    ///< [group][depth], bits that count; null if all do
    const std::int32_t* depthAt;  ///< depth table: place in the input, in elements
    const std::int32_t* depthOf;  ///< depth table: place in the weights, of `depth`
    const BitClass* classes;
    const std::int32_t* classOf;     ///< [grid[0]][grid[1]]
    const std::int32_t* inputAt;     ///< [grid[0]][grid[1]], in elements
    const std::int32_t* groupAt;     ///< [groups], in elements of the input
    std::int32_t groups, rows;       ///< rows of a group
    std::int32_t depth;              ///< words that a row has
    std::int32_t grid[2];            ///< positions
    std::int32_t* output;            ///< words of rows, or floats of rows
    const std::int32_t* inverted;    ///< [words of rows], bits that are inverted
    const std::int32_t* thresholds;  ///< [group][padded rows]; null for floats
    const float* factors;            ///< [group][padded rows]: floats are sums times these
};

/// The or of windows, then an exclusive or.
struct BitPoolArgs {
    const std::int32_t* input;
    std::int32_t* output;
    const std::int32_t* inverted;  ///< [planes]
    std::int32_t planes;           ///< words of channels
    std::int32_t in[2], out[2], kernel[2], stride[2], dilation[2], padBegin[2];
};

/// Floats to bits: 1 where x >= 0.
struct BitSignArgs {
    const float* input;  ///< [channels][positions]
    std::int32_t* output;
    std::int32_t channels;
    std::int64_t positions;
};

/// Bits to floats: plus or minus `scale`.
struct BitValueArgs {
    const std::int32_t* input;
    float* output;  ///< [channels][positions]
    std::int32_t channels;
    std::int64_t positions;
    float scale;
};

/// Bits with a border of one value: what lies outside of the input is the word `fill` of its plane.
struct BitPadArgs {
    const std::int32_t* input;
    std::int32_t* output;
    const std::int32_t* fill;  ///< [planes]
    std::int32_t planes;
    std::int32_t in[2], out[2], padBegin[2];
};

/// Conversion of floats to bytes side by side, see above: divided by a scale, clipped, rounded to
/// the nearest, halves to even.
struct BitBytesArgs {
    const float* input;
    std::int32_t* bytes;  ///< scratch: [elements + 1], a byte each; the last one is padding
    std::int64_t elements;
    float scale, low, high;
    bool isSigned;
    const std::int32_t* at;  ///< [positions][words][4], elements of `bytes`
    std::int64_t positions, words;
    std::int32_t* output;  ///< [positions][words]
};

/// Products of bytes side by side with weights that are bytes, 1 and -1, as bits where they reach
/// their thresholds.
struct BitMultiplyBytesArgs {
    const std::int32_t* input;  ///< [positions][depth]
    std::int64_t positions, depth;
    bool isSigned;
    const std::int32_t* weights;  ///< [blocks of kBitRows rows][depth][kBitRows]
    std::int32_t rows;
    std::int32_t* output;            ///< words of rows
    const std::int32_t* inverted;    ///< [words of rows], bits that are inverted
    const std::int32_t* thresholds;  ///< [padded rows]
};

/// The kernels of one instruction set.
struct BitKernels {
    const char* name;
    std::int32_t lanes;
    void (*convolve)(const BitConvolveArgs&);
    void (*pool)(const BitPoolArgs&);
    void (*sign)(const BitSignArgs&);
    void (*value)(const BitValueArgs&);
    void (*pad)(const BitPadArgs&);
    void (*bytes)(const BitBytesArgs&);
    void (*multiplyBytes)(const BitMultiplyBytesArgs&);
    /// Counts bits of `rounds` * kBitPeakSums * lanes words in registers: the processor's peak.
    std::int32_t (*peak)(std::int64_t rounds, std::int32_t start);
};

/// Vectors that `peak` works on.
constexpr int kBitPeakSums = 8;

extern const BitKernels kBitBaseline;
extern const BitKernels kBitAvx2;
extern const BitKernels kBitAvx512;
extern const BitKernels kBitAvx512Popcnt;  ///< AVX-512 with VPOPCNTDQ, VBMI2 and VNNI

}  // namespace brownout::kernels
