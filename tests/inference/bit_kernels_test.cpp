// Products of bits and of bytes by the kernels of every instruction set, those that count the bits
// of a word at once or not, against their definition: bit_engine_test.cpp holds whole layers to
// theirs, and sees the best kernels of each set only.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "inference/kernels/bit_dispatch.h"

namespace brownout {
namespace {

using Words = std::vector<std::int32_t>;

constexpr std::size_t kImages = 16;  // those of the widest vectors

/// Random numbers, and words of random bits.
struct Random {
    std::mt19937 engine;
    std::int32_t between(std::int32_t low, std::int32_t high) {
        return std::uniform_int_distribution<std::int32_t>(low, high)(engine);
    }
    Words words(std::size_t count) {
        Words made(count);
        for (std::int32_t& word : made) word = static_cast<std::int32_t>(engine());
        return made;
    }
    Words numbers(std::size_t count, std::int32_t low, std::int32_t high) {
        Words made(count);
        for (std::int32_t& number : made) number = between(low, high);
        return made;
    }
};

std::size_t blocksOf(std::int32_t rows) {
    return static_cast<std::size_t>((rows + kernels::kBitRows - 1) / kernels::kBitRows);
}

/// Place of a word of a row: [blocks of kBitRows rows][depth][kBitRows].
std::size_t placeOf(std::int32_t row, std::int32_t depth, std::int32_t d) {
    const std::int32_t block = row / kernels::kBitRows * depth;
    return static_cast<std::size_t>((block + d) * kernels::kBitRows + row % kernels::kBitRows);
}

/// Runs `run(input, output)` on so many images at once as the kernels have lanes. `input` is
/// [elements][kImages]; returns the output [elements][kImages].
template <typename Run>
Words inLanes(const kernels::BitKernels& kernels, const Words& input, std::size_t outputs,
              Run run) {
    const auto lanes = static_cast<std::size_t>(kernels.lanes);
    Words all(outputs * kImages);
    for (std::size_t first = 0; first < kImages; first += lanes) {
        Words in(input.size() / kImages * lanes);
        for (std::size_t i = 0; i < in.size(); ++i) {
            in[i] = input[i / lanes * kImages + first + i % lanes];
        }
        Words out(outputs * lanes);
        run(in.data(), out.data());
        for (std::size_t i = 0; i < out.size(); ++i) {
            all[i / lanes * kImages + first + i % lanes] = out[i];
        }
    }
    return all;
}

/// A product of bits with a depth table of two classes, one of which leaves entries out.
struct RandomProduct {
    std::int32_t groups, rows, depth, positions;
    bool masked, toBits;
    Words input, weights, masks, depthAt, depthOf, classOf, inputAt, groupAt, inverted, thresholds;
    std::vector<float> factors;
    std::vector<kernels::BitClass> classes;

    explicit RandomProduct(Random& random) {
        groups = random.between(1, 3);
        rows = random.between(1, 21);
        depth = random.between(1, random.between(0, 3) == 0 ? 90 : 20);
        positions = random.between(1, 6);
        masked = random.between(0, 1) == 0;
        toBits = random.between(0, 2) > 0;
        const std::int32_t elements = random.between(depth, 3 * depth);
        input = random.words(static_cast<std::size_t>(elements + positions + groups) * kImages);
        const std::size_t padded = blocksOf(rows) * kernels::kBitRows;
        const auto all = static_cast<std::size_t>(groups) * padded;
        masks = random.words(static_cast<std::size_t>(groups * depth));
        weights = random.words(all * static_cast<std::size_t>(depth));
        for (std::size_t w = 0; masked && w < weights.size(); ++w) {
            // Weights have no bits outside of a mask.
            const std::size_t group = w / (padded * static_cast<std::size_t>(depth));
            const std::size_t d = w / kernels::kBitRows % static_cast<std::size_t>(depth);
            weights[w] &= masks[group * static_cast<std::size_t>(depth) + d];
        }
        for (std::int32_t c = 0; c < 2; ++c) {
            const auto first = static_cast<std::int32_t>(depthOf.size());
            for (std::int32_t d = 0; d < depth; ++d) {
                if (c == 1 && random.between(0, 2) == 0) continue;
                depthOf.push_back(d);
                depthAt.push_back(random.between(0, elements - 1));
            }
            const auto count = static_cast<std::int32_t>(depthOf.size()) - first;
            classes.push_back({first, count, 32 * count});
        }
        classOf = random.numbers(static_cast<std::size_t>(positions), 0, 1);
        inputAt = random.numbers(static_cast<std::size_t>(positions), 0, positions);
        for (std::int32_t g = 0; g < groups; ++g) groupAt.push_back(g);
        inverted = random.words((static_cast<std::size_t>(groups * rows) + 31) / 32);
        thresholds = random.numbers(all, -40, 40);
        for (std::size_t r = 0; r < all; ++r) {
            if (static_cast<std::int32_t>(r % padded) >= rows) {
                thresholds[r] = kernels::kUnreachable;
            }
            factors.push_back(0.25F * static_cast<float>(random.between(1, 9)));
        }
    }

    std::size_t outputs() const {
        const std::int32_t all = groups * rows;
        return static_cast<std::size_t>((toBits ? (all + 31) / 32 : all) * positions);
    }

    Words run(const kernels::BitKernels& kernels) const {
        return inLanes(kernels, input, outputs(), [&](const std::int32_t* in, std::int32_t* out) {
            kernels::BitConvolveArgs a{};
            a.input = in;
            a.weights = weights.data();
            a.masks = masked ? masks.data() : nullptr;
            a.depthAt = depthAt.data();
            a.depthOf = depthOf.data();
            a.classes = classes.data();
            a.classOf = classOf.data();
            a.inputAt = inputAt.data();
            a.groupAt = groupAt.data();
            a.groups = groups;
            a.rows = rows;
            a.depth = depth;
            a.grid[0] = 1;
            a.grid[1] = positions;
            a.output = out;
            a.inverted = inverted.data();
            a.thresholds = toBits ? thresholds.data() : nullptr;
            a.factors = factors.data();
            kernels.convolve(a);
        });
    }

    /// Computes the output by definition.
    Words defined() const {
        Words out(outputs() * kImages);
        const auto padded = static_cast<std::int32_t>(blocksOf(rows)) * kernels::kBitRows;
        for (std::int32_t g = 0; g < groups; ++g) {
            for (std::int32_t r = 0; r < rows; ++r) {
                for (std::int32_t p = 0; p < positions; ++p) {
                    for (std::size_t image = 0; image < kImages; ++image) {
                        put(out, g * rows + r, p, image, sumOf(g, r, p, image),
                            static_cast<std::size_t>(g * padded + r));
                    }
                }
            }
        }
        return out;
    }

    std::int32_t sumOf(std::int32_t g, std::int32_t r, std::int32_t p, std::size_t image) const {
        const auto position = static_cast<std::size_t>(p);
        const kernels::BitClass& c = classes[static_cast<std::size_t>(classOf[position])];
        const std::size_t block = blocksOf(rows) * kernels::kBitRows *
                                  static_cast<std::size_t>(depth) * static_cast<std::size_t>(g);
        std::int32_t sum = c.operands;
        for (std::int32_t e = c.first; e < c.first + c.count; ++e) {
            const auto entry = static_cast<std::size_t>(e);
            const std::int32_t d = depthOf[entry];
            const auto at = static_cast<std::size_t>(depthAt[entry] + inputAt[position] +
                                                     groupAt[static_cast<std::size_t>(g)]);
            std::int32_t differing =
                input[at * kImages + image] ^ weights[block + placeOf(r, depth, d)];
            if (masked) differing &= masks[static_cast<std::size_t>(g * depth + d)];
            sum -= 2 * __builtin_popcount(static_cast<unsigned>(differing));
        }
        return sum;
    }

    void put(Words& out, std::int32_t row, std::int32_t p, std::size_t image, std::int32_t sum,
             std::size_t paddedRow) const {
        if (!toBits) {
            const float value = static_cast<float>(sum) * factors[paddedRow];
            const auto at = static_cast<std::size_t>(row * positions + p) * kImages + image;
            __builtin_memcpy(&out[at], &value, sizeof value);
            return;
        }
        const bool isInverted = (inverted[static_cast<std::size_t>(row / 32)] >> row % 32 & 1) != 0;
        const auto at = static_cast<std::size_t>(row / 32 * positions + p) * kImages + image;
        if ((sum >= thresholds[paddedRow]) != isInverted) {
            out[at] |= static_cast<std::int32_t>(1U << row % 32);
        }
    }
};

TEST(BitKernels, ProductsOfBitsAreThoseOfTheDefinition) {
    Random random{std::mt19937(1)};
    for (int i = 0; i < 400; ++i) {
        RandomProduct layer(random);
        // Bits behind the last row are what is inverted there.
        const std::int32_t all = layer.groups * layer.rows;
        if (all % 32 != 0) {
            layer.inverted.back() &= static_cast<std::int32_t>((1U << all % 32) - 1);
        }
        const Words expected = layer.defined();
        for (const kernels::BitKernels* kernels : availableBitKernels()) {
            ASSERT_EQ(layer.run(*kernels), expected) << kernels->name << ", layer " << i;
        }
    }
}

TEST(BitKernels, ProductsOfBytesAreThoseOfTheDefinition) {
    Random random{std::mt19937(2)};
    for (int i = 0; i < 400; ++i) {
        const std::int32_t rows = random.between(1, 40);
        const std::int32_t depth = random.between(1, 12);
        const std::int32_t positions = random.between(1, 8);
        const bool isSigned = random.between(0, 1) == 0;
        const Words input = random.words(static_cast<std::size_t>(positions * depth) * kImages);
        const std::size_t padded = blocksOf(rows) * kernels::kBitRows;
        Words weights(padded * static_cast<std::size_t>(depth));
        for (std::int32_t& word : weights) {
            std::uint32_t bytes = 0;
            for (int k = 0; k < 4; ++k) {
                const std::uint32_t kinds[] = {1, 255,
                                               0};  // 1, -1, and none where there is padding
                bytes |= kinds[random.between(0, 2)] << 8 * k;
            }
            word = static_cast<std::int32_t>(bytes);
        }
        Words thresholds = random.numbers(padded, -300, 300);
        for (std::size_t r = static_cast<std::size_t>(rows); r < padded; ++r) {
            thresholds[r] = kernels::kUnreachable;
        }
        Words inverted = random.words(static_cast<std::size_t>(rows + 31) / 32);
        if (rows % 32 != 0) inverted.back() &= static_cast<std::int32_t>((1U << rows % 32) - 1);

        const std::size_t outputs = inverted.size() * static_cast<std::size_t>(positions);
        Words expected(outputs * kImages);
        for (std::int32_t r = 0; r < rows; ++r) {
            for (std::int32_t p = 0; p < positions; ++p) {
                for (std::size_t image = 0; image < kImages; ++image) {
                    std::int32_t sum = 0;
                    for (std::int32_t b = 0; b < 4 * depth; ++b) {
                        const std::int32_t d = b / 4;
                        const auto at = static_cast<std::size_t>(p * depth + d) * kImages + image;
                        const std::int32_t x = input[at] >> b % 4 * 8 & 255;
                        const std::int32_t w = weights[placeOf(r, depth, d)] >> b % 4 * 8 & 255;
                        sum += (isSigned ? x - 128 : x) * (w == 255 ? -1 : w);
                    }
                    const std::int32_t bit = inverted[static_cast<std::size_t>(r / 32)] >> r % 32;
                    if ((sum >= thresholds[static_cast<std::size_t>(r)]) != ((bit & 1) != 0)) {
                        expected[static_cast<std::size_t>(r / 32 * positions + p) * kImages +
                                 image] |= static_cast<std::int32_t>(1U << r % 32);
                    }
                }
            }
        }
        for (const kernels::BitKernels* kernels : availableBitKernels()) {
            const Words found =
                inLanes(*kernels, input, outputs, [&](const std::int32_t* in, std::int32_t* out) {
                    kernels->multiplyBytes({in, positions, depth, isSigned, weights.data(), rows,
                                            out, inverted.data(), thresholds.data()});
                });
            ASSERT_EQ(found, expected) << kernels->name << ", product " << i;
        }
    }
}

}  // namespace
}  // namespace brownout
