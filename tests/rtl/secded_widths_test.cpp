// SECDED of the RTL in several widths: what the code promises, exhaustively for one and two wrong
// bits, and everywhere the answer of the C++ protection.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "Vsecded_widths.h"
#include "model/protection/protection.h"
#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {
namespace {

constexpr std::array<unsigned, 5> kWidths = {8, 16, 32, 41, 64};  // those of secded_widths.sv

class SecdedWidths : public ::testing::TestWithParam<unsigned> {
 protected:
    unsigned width() const { return kWidths.at(GetParam()); }
    std::uint64_t dataMask() const { return ~std::uint64_t{0} >> (64 - width()); }

    std::uint8_t encode(std::uint64_t data) {
        top.data_i = data;
        top.eval();
        return static_cast<std::uint8_t>(top.check_o >> 8 * GetParam());
    }

    RtlBuffer::Response decode(Wide read) {
        top.data_i = read.data;
        top.check_i = read.check;
        top.eval();
        const std::uint64_t low = top.data_o[2 * GetParam()];
        const std::uint64_t high = top.data_o[2 * GetParam() + 1];
        return {low | high << 32, static_cast<std::uint8_t>(top.status_o >> 2 * GetParam() & 3)};
    }

    /// Flips bit `bit` of {check, data}.
    Wide flipped(Wide coded, unsigned bit) const {
        if (bit < width()) coded.data ^= std::uint64_t{1} << bit;
        if (bit >= width()) coded.check ^= static_cast<std::uint8_t>(1U << (bit - width()));
        return coded;
    }

    /// Data that tell the columns apart: zeros, ones, each bit alone, and some at random.
    std::vector<std::uint64_t> someData() const {
        std::vector<std::uint64_t> data{0, dataMask()};
        for (unsigned bit = 0; bit < width(); ++bit) data.push_back(std::uint64_t{1} << bit);
        std::mt19937_64 dice(1);
        for (int i = 0; i < 20; ++i) data.push_back(dice() & dataMask());
        return data;
    }

    VerilatedContext context;
    Vsecded_widths top{&context};
};

TEST_P(SecdedWidths, EncodeAsTheCppCodecOfThatWidth) {
    const auto protection = makeProtection("secded", width());
    for (const std::uint64_t data : someData())
        EXPECT_EQ(encode(data), protection->encode(data).check);
}

TEST_P(SecdedWidths, CorrectEverySingleError) {
    for (const std::uint64_t data : someData()) {
        const Wide coded{data, encode(data)};
        EXPECT_EQ(decode(coded), (RtlBuffer::Response{data, 0}));
        for (unsigned bit = 0; bit < width() + 8; ++bit) {
            EXPECT_EQ(decode(flipped(coded, bit)), (RtlBuffer::Response{data, 1})) << bit;
        }
    }
}

TEST_P(SecdedWidths, DetectEveryDoubleErrorAndGiveTheDataAsRead) {
    for (const std::uint64_t data : someData()) {
        const Wide coded{data, encode(data)};
        for (unsigned a = 0; a < width() + 8; ++a) {
            for (unsigned b = 0; b < a; ++b) {
                const Wide read = flipped(flipped(coded, a), b);
                ASSERT_EQ(decode(read), (RtlBuffer::Response{read.data, 2})) << a << ' ' << b;
            }
        }
    }
}

TEST_P(SecdedWidths, DecodeAnyWordAsTheCppCodecOfThatWidth) {
    const auto protection = makeProtection("secded", width());
    std::mt19937_64 dice(3);
    std::array<int, 3> seen{};
    for (int i = 0; i < 100'000; ++i) {
        const Wide read{dice() & dataMask(), static_cast<std::uint8_t>(dice())};
        const DecodedWord expected = protection->decode({read.data, read.check});
        ASSERT_EQ(decode(read),
                  (RtlBuffer::Response{expected.data, static_cast<std::uint8_t>(expected.status)}));
        ++seen.at(static_cast<std::size_t>(expected.status));
    }
    // Of the 256 syndromes one is clean, width + 8 name a bit, and the others are detected: counts
    // within five standard deviations, which holds but once in a million runs.
    const auto expectShare = [&](int count, unsigned syndromes) {
        const double share = syndromes / 256.0;
        EXPECT_NEAR(count, 1e5 * share, 5 * std::sqrt(1e5 * share * (1 - share)));
    };
    expectShare(seen[0], 1);
    expectShare(seen[1], width() + 8);
    expectShare(seen[2], 256 - 1 - width() - 8);
}

INSTANTIATE_TEST_SUITE_P(Rtl, SecdedWidths, ::testing::Range(0U, 5U), [](const auto& index) {
    return "of" + std::to_string(kWidths.at(index.param)) + "Bits";
});

}  // namespace
}  // namespace brownout::rtl_test
