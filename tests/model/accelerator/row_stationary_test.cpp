// Does the row-stationary array cost what the silicon of Eyeriss was measured to cost?

#include "model/accelerator/row_stationary.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/model/accelerator/shapes.h"

namespace brownout::test {
namespace {

/// Eyeriss: 12 x 14 elements with registers for 12 inputs, 224 weights and 24 sums, 100 KB of its
/// 108 KB buffer for inputs and sums (JSSC 2017).
ComputeArray eyeriss() {
    ComputeArray array = arrayOf(12, 14, Dataflow::kRowStationary);
    array.elementRegisters = {12, 224, 24};
    return array;
}

constexpr std::uint64_t kBuffer = 100 * 1024 / 2;  // words of 16 bits

RowStationaryMapping mapping(std::uint64_t m, std::uint64_t n, std::uint64_t e, std::uint64_t p,
                             std::uint64_t q, std::uint64_t r, std::uint64_t t) {
    return {m, n, e, p, q, r, t};
}

const RowStationaryMapping kPublished[] = {
    mapping(96, 1, 7, 16, 1, 1, 2), mapping(64, 1, 27, 16, 2, 1, 1),
    mapping(64, 4, 13, 16, 4, 1, 4), mapping(64, 4, 13, 16, 3, 2, 2),
    mapping(64, 4, 13, 16, 3, 2, 2)};

TEST(RowStationary, ThePublishedMappingsGiveThePublishedActiveElements) {
    const std::uint64_t active[] = {154, 135, 156, 156, 156};
    const auto layers = alexNet();
    for (std::size_t l = 0; l < layers.size(); ++l) {
        ComputeArray array = eyeriss();
        array.mappings = {{{}, {}, {}, {}, kPublished[l]}};
        const ChosenMapping map = mappingOf(array, layers[l], 4, {kBuffer, 0, kBuffer}, true);
        EXPECT_EQ(map.activeElements(), active[l]) << l;
    }
}

TEST(RowStationary, WhatIsNotGivenIsTheLargestThatFits) {
    const auto layers = alexNet();
    for (const ProductShape& layer : layers) {
        const ChosenMapping map = mappingOf(eyeriss(), layer, 4, {kBuffer, 0, kBuffer}, true);
        EXPECT_LE(map.activeElements(), 12U * 14);
        EXPECT_GT(map.activeElements(), 12U * 14 / 2);
        EXPECT_LE(map.q * layer.kernel[2], 12U);
        EXPECT_LE(map.p * map.q * layer.kernel[2], 224U);
        EXPECT_LE(map.p, 24U);
        EXPECT_LE(map.n * map.m * map.e * layer.out[2], kBuffer);
        EXPECT_GE(map.m, std::min(layer.filters, map.p * map.t));
    }
    // One that is given is kept, the rest is chosen around it.
    ComputeArray array = eyeriss();
    array.mappings = {{{}, {}, {}, {}, {}}};
    array.mappings[0].mapping.e = 5;
    EXPECT_EQ(mappingOf(array, layers[2], 4, {kBuffer, 0, kBuffer}, true).e, 5U);
    array.mappings[0].mapping.t = 40;
    EXPECT_THROW(mappingOf(array, layers[2], 4, {kBuffer, 0, kBuffer}, true), Error);
}

/// A row-stationary layer, pass by pass: what each reads and writes (REFERENCE 9), without padding.
struct WalkedPasses {
    std::uint64_t passes = 0, inputReads = 0, sumReads = 0, sumWrites = 0, macs = 0;
};

WalkedPasses walk(const ChosenMapping& map, const ProductShape& layer, std::uint64_t images) {
    WalkedPasses use;
    const std::uint64_t rows = layer.out[1], columns = layer.out[2];
    for (std::uint64_t image = 0; image < images; image += map.n) {
        const std::uint64_t n = std::min(map.n, images - image);
        for (std::uint64_t row = 0; row < rows; row += map.e) {
            const std::uint64_t e = std::min(map.e, rows - row);
            std::uint64_t inputRows = 0;
            for (std::uint64_t y = 0; y < layer.in[1]; ++y) {
                const std::uint64_t padded = y + layer.padding[1];
                if (padded >= row * layer.stride[1] &&
                    padded < (row + e - 1) * layer.stride[1] + layer.kernel[1]) {
                    ++inputRows;
                }
            }
            for (std::uint64_t filter = 0; filter < layer.filters; filter += map.p * map.t) {
                const std::uint64_t f = std::min(map.p * map.t, layer.filters - filter);
                for (std::uint64_t c = 0; c < layer.channels; c += map.q * map.r) {
                    const std::uint64_t channels = std::min(map.q * map.r, layer.channels - c);
                    ++use.passes;
                    use.inputReads += n * channels * inputRows * layer.in[2];
                    use.sumWrites += n * f * e * columns;
                    if (c > 0) use.sumReads += n * f * e * columns;
                    use.macs += n * f * e * columns * channels * layer.kernel[1] * layer.kernel[2];
                }
            }
        }
    }
    return use;
}

TEST(RowStationary, CountsWhatItsPassesCount) {
    for (const auto& layers :
         {alexNet(), {square(20, 7, 30, 5, 2, 1), square(9, 64, 33, 1, 1, 0)}}) {
        for (const ProductShape& layer : layers) {
            const Room room{kBuffer, 0, kBuffer};
            const ChosenMapping map = mappingOf(eyeriss(), layer, 3, room, true);
            const WalkedPasses walked = walk(map, layer, 3);
            const ProductUse use = rowStationaryUse(map, layer, 3, room, {16, 16, 16});
            EXPECT_EQ(use.array.inputReads, layer.groups * walked.inputReads);
            EXPECT_EQ(use.array.sumWrites, layer.groups * walked.sumWrites);
            EXPECT_EQ(use.array.sumReads, layer.groups * walked.sumReads);
            EXPECT_EQ(3 * layer.macs(), layer.groups * walked.macs);
            // Each element does a multiply-accumulate a cycle: no fewer cycles than that takes.
            EXPECT_GE(use.array.cycles * map.activeElements(), 3 * layer.macs());
        }
    }
}

}  // namespace
}  // namespace brownout::test
