#include "inference/formats/quantizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/error.h"

namespace brownout {
namespace {

/// All 8 combinations of free settings at one bit width.
std::vector<QuantizerSettings> allSettings(int bits) {
    std::vector<QuantizerSettings> all;
    for (int i = 0; i < 8; ++i) {
        QuantizerSettings settings;
        settings.bits = bits;
        settings.symmetric = (i & 1) != 0;
        settings.signedCodes = (i & 2) != 0;
        settings.rounding = (i & 4) != 0 ? Rounding::kTruncate : Rounding::kNearestEven;
        all.push_back(settings);
    }
    return all;
}

TEST(Quantizer, NormalTruncatesInTwosComplement) {
    // q = 1, D = 1/127: v = trunc(127 w).
    const Quantizer q(QuantizerSettings::preset("normal"), {-0.5F, 1.0F});
    EXPECT_EQ(q.encode(1.0F), 0x7f);
    EXPECT_EQ(q.encode(0.0F), 0x00);
    EXPECT_EQ(q.encode(-0.5F), 0xc1);   // trunc(-63.5) = -63
    EXPECT_EQ(q.encode(0.999F), 0x7e);  // trunc(126.87) = 126
    EXPECT_EQ(q.encode(-1.0F / 128), 0x00);
    EXPECT_FLOAT_EQ(q.decode(0x7f), 1.0F);
    EXPECT_FLOAT_EQ(q.decode(0x81), -1.0F);
    EXPECT_FLOAT_EQ(q.decode(0x80), -128.0F / 127);  // only a bit error makes it
}

TEST(Quantizer, RquantRoundsToEvenWithTheOffsetOfThePaper) {
    // min = -1, max = 3: n = (w + 1) / 2 - 1 = (w - 1) / 2, v = round(127 n) + 127.
    const Quantizer q(QuantizerSettings::preset("rquant"), {-1.0F, 3.0F});
    EXPECT_EQ(q.encode(-1.0F), 0);
    EXPECT_EQ(q.encode(1.0F), 127);
    EXPECT_EQ(q.encode(3.0F), 254);
    EXPECT_EQ(q.encode(2.0F), 191);  // 63.5 rounds to 64, even
    EXPECT_EQ(q.encode(0.0F), 63);   // -63.5 rounds to -64, even
    EXPECT_FLOAT_EQ(q.decode(0), -1.0F);
    EXPECT_FLOAT_EQ(q.decode(127), 1.0F);
    EXPECT_FLOAT_EQ(q.decode(254), 3.0F);
    EXPECT_FLOAT_EQ(q.decode(255), 3.0F + 4.0F / 254);  // beyond the range
}

TEST(Quantizer, FourBitsByHand) {
    const Quantizer normal(QuantizerSettings::preset("normal", 4), {-0.7F, 0.25F});
    EXPECT_EQ(normal.encode(-0.7F), 0x9);  // -7
    EXPECT_EQ(normal.encode(0.25F), 0x2);  // trunc(2.5)
    EXPECT_EQ(normal.encode(0.19F), 0x1);  // trunc(1.9)
    EXPECT_EQ(normal.encode(-0.19F), 0xf);
    const Quantizer rquant(QuantizerSettings::preset("rquant", 4), {0.0F, 1.4F});
    EXPECT_EQ(rquant.encode(0.0F), 0);
    EXPECT_EQ(rquant.encode(0.7F), 7);
    EXPECT_EQ(rquant.encode(1.4F), 14);
    EXPECT_FLOAT_EQ(rquant.decode(15), 1.5F);
}

TEST(Quantizer, EveryCodeSurvivesTheRoundTrip) {
    for (int bits = 2; bits <= 12; ++bits) {
        for (const QuantizerSettings& settings : allSettings(bits)) {
            if (settings.rounding == Rounding::kTruncate) {
                continue;  // truncation may take an exact step down: its bound is tested below
            }
            const Quantizer q(settings, {-0.37F, 1.83F});
            for (int code = 0; code < (1 << bits); ++code) {
                const float value = q.decode(static_cast<Code>(code));
                if (value < q.range().low - 0.5 * q.step() ||
                    value > q.range().high + 0.5 * q.step()) {
                    continue;  // the patterns beyond the range, which encode() never makes
                }
                EXPECT_EQ(q.encode(value), code) << settings.toString();
            }
        }
    }
}

TEST(Quantizer, ErrorsStayWithinHalfAStepRoundedAndAStepTruncated) {
    std::mt19937 random(7);
    for (int bits = 2; bits <= 12; ++bits) {
        for (const QuantizerSettings& settings : allSettings(bits)) {
            const ValueRange range = {-0.25F, 0.75F};
            const Quantizer q(settings, range);
            const int steps = (1 << (bits - 1)) - 1;
            const double step = settings.symmetric ? 0.75 / steps : 1.0 / (2 * steps);
            EXPECT_NEAR(q.step(), step, 1e-12);
            std::uniform_real_distribution<float> inRange(range.low, range.high);
            const double bound =
                (settings.rounding == Rounding::kTruncate ? 1.0 : 0.5) * step * (1 + 1e-6);
            for (int i = 0; i < 500; ++i) {
                const float value = inRange(random);
                const Code code = q.encode(value);
                EXPECT_LT(code, 1 << bits);
                EXPECT_LE(std::fabs(q.decode(code) - value), bound) << settings.toString();
            }
            for (float end : {range.low, range.high}) {
                if (!settings.symmetric || end == range.high) {
                    EXPECT_NEAR(q.decode(q.encode(end)), end, 1e-6) << settings.toString();
                }
            }
        }
    }
}

TEST(Quantizer, CodesAreMonotonicInTheValue) {
    for (const QuantizerSettings& settings : allSettings(5)) {
        const Quantizer q(settings, {-1.0F, 0.5F});
        float before = -10.0F;
        for (int i = -100; i <= 50; ++i) {
            const float value = q.decode(q.encode(static_cast<float>(i) / 100.0F));
            EXPECT_GE(value, before);
            before = value;
        }
    }
}

TEST(Quantizer, ZeroIsTheLowestCodeOfThoseNearestToIt) {
    const std::vector<ValueRange> ranges = {
        {-1.0F, 0.5F},      {0.0F, 0.0F},   {0.25F, 0.25F},       {-3.0F, -3.0F},
        {0.5F, 2.0F},       {-2.0F, -0.5F}, {-1.0F, 1.0F},        {-1e-3F, 100.0F},
        {1.0F, 1.0000002F}, {-1e-45F, 0},   {-1.0000002F, -1.0F}, {0.0F, 1.0F}};
    for (int bits = 2; bits <= 9; ++bits) {
        for (const QuantizerSettings& settings : allSettings(bits)) {
            for (const ValueRange& range : ranges) {
                const Quantizer q(settings, range);
                Code nearest = 0;
                for (Code code = 1; code < Code{1} << bits; ++code) {
                    if (std::fabs(q.decode(code)) < std::fabs(q.decode(nearest))) nearest = code;
                }
                EXPECT_EQ(q.zero(), nearest)
                    << settings.toString() << ", " << range.low << " to " << range.high;
            }
        }
    }
}

TEST(Quantizer, BitsThatAreNotStoredMeanNothing) {
    for (const QuantizerSettings& settings : allSettings(5)) {
        const Quantizer q(settings, {-1.0F, 0.5F});
        for (int code = 0; code < 256; ++code) {
            EXPECT_EQ(q.decode(static_cast<Code>(code)), q.decode(static_cast<Code>(code & 31)));
        }
    }
}

TEST(Quantizer, AFlippedBitMovesAValueByItsWeight) {
    // Bit b of an unsigned code is worth 2^b steps, whatever the other bits are.
    const Quantizer q(QuantizerSettings::preset("rquant"), {-0.3F, 0.9F});
    for (int code = 0; code < 256; ++code) {
        for (int bit = 0; bit < 8; ++bit) {
            const double moved =
                q.decode(static_cast<Code>(code ^ (1 << bit))) - q.decode(static_cast<Code>(code));
            EXPECT_NEAR(std::fabs(moved), (1 << bit) * 1.2 / 254, 1e-6);
        }
    }
}

TEST(Quantizer, ConstantTensorsKeepTheirValue) {
    for (int bits : {2, 8}) {
        for (const QuantizerSettings& settings : allSettings(bits)) {
            for (float value : {0.0F, 0.5F, -2.0F}) {
                const Quantizer q(settings, {value, value});
                EXPECT_FLOAT_EQ(q.decode(q.encode(value)), value) << settings.toString();
                for (int code = 0; code < 256; ++code) {
                    EXPECT_TRUE(std::isfinite(q.decode(static_cast<Code>(code))));
                }
            }
        }
    }
    const Quantizer q(QuantizerSettings::preset("rquant"), {0.5F, 0.5F});
    EXPECT_EQ(q.encode(0.5F), 127);  // n = 0
}

TEST(Quantizer, ValuesOutsideTheRangeTakeItsEnds) {
    const Quantizer q(QuantizerSettings::preset("rquant"), {-1.0F, 1.0F});
    EXPECT_EQ(q.encode(5.0F), q.encode(1.0F));
    EXPECT_EQ(q.encode(-5.0F), q.encode(-1.0F));
}

TEST(QuantizerSettings, RefusesWhatIsNotKnown) {
    EXPECT_THROW(QuantizerSettings::preset("robust"), Error);
    EXPECT_THROW(QuantizerSettings::preset("normal", 1), Error);
    EXPECT_THROW(QuantizerSettings::preset("rquant", 17), Error);
    EXPECT_EQ(QuantizerSettings::preset("normal", 4).toString(),
              "4 bit, symmetric, signed, truncated, range per tensor");
}

}  // namespace
}  // namespace brownout
