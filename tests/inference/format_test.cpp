// Do the number formats mean what their standards say? Oracles: values written out by hand from the
// definitions, and a search over all codes for the nearest value.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "base/error.h"
#include "inference/formats/number_format.h"
#include "inference/formats/quantizer_format.h"

namespace brownout {
namespace {

const float kInfinity = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

std::uint32_t bitsOf(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

std::shared_ptr<const TensorFormat> fitted(const std::string& name,
                                           const std::vector<float>& values) {
    const TensorValues tensor{values};
    return numberFormat(name)->fit(Span<const TensorValues>(&tensor, 1)).at(0);
}

Code codeOf(const std::string& name, float value) {
    Code code = 0;
    fitted(name, {value})->encode(Span<const float>(&value, 1), Span<Code>(&code, 1));
    return code;
}

float valueOf(const std::string& name, Code code) { return fitted(name, {1.0F})->decode(code, 0); }

/// The value of a floating-point code by the definition: sign, exponent field, mantissa field.
double byDefinition(Code code, int exponentBits, int mantissaBits, bool infinities) {
    const int bias = (1 << (exponentBits - 1)) - 1;
    const int exponent = static_cast<int>(code >> mantissaBits) & ((1 << exponentBits) - 1);
    const int mantissa = static_cast<int>(code & ((Code{1} << mantissaBits) - 1));
    const double sign = (code >> (exponentBits + mantissaBits) & 1) != 0 ? -1.0 : 1.0;
    const bool top = exponent == (1 << exponentBits) - 1;
    if (infinities && top) return mantissa == 0 ? sign * kInfinity : kNan;
    if (!infinities && top && mantissa == (1 << mantissaBits) - 1) return kNan;
    const double fraction = mantissa / std::pow(2.0, mantissaBits);
    return exponent == 0 ? sign * fraction * std::pow(2.0, 1 - bias)
                         : sign * (1.0 + fraction) * std::pow(2.0, exponent - bias);
}

struct FloatLayout {
    std::string name;
    int exponentBits, mantissaBits;
    bool infinities;
    int bits() const { return 1 + exponentBits + mantissaBits; }
};

class FloatFormats : public testing::TestWithParam<FloatLayout> {};

TEST_P(FloatFormats, EveryCodeHasTheValueOfTheDefinitionAndComesBack) {
    const auto& [name, exponentBits, mantissaBits, infinities] = GetParam();
    const auto format = fitted(name, {1.0F});
    for (Code code = 0; code <= codeMask(static_cast<std::uint32_t>(GetParam().bits())); ++code) {
        const double expected = byDefinition(code, exponentBits, mantissaBits, infinities);
        const float value = format->decode(code, 0);
        if (std::isnan(expected)) {
            EXPECT_TRUE(std::isnan(value)) << name << " " << code;
            continue;
        }
        EXPECT_EQ(value, expected) << name << " " << code;
        EXPECT_EQ(std::signbit(value), std::signbit(expected)) << name << " " << code;
        if (infinities || std::isfinite(value)) {
            EXPECT_EQ(codeOf(name, value), code) << name;
        }
    }
}

TEST_P(FloatFormats, EncodesToTheNearestCodeAndToTheEvenOneInTheMiddle) {
    const auto& [name, exponentBits, mantissaBits, infinities] = GetParam();
    const auto format = fitted(name, {1.0F});
    // Codes of positive finite numbers ascend: check at every middle, and a hair beside it.
    for (Code code = 0;; ++code) {
        const double low = byDefinition(code, exponentBits, mantissaBits, infinities);
        const double high = byDefinition(code + 1, exponentBits, mantissaBits, infinities);
        if (!std::isfinite(high)) break;
        const auto middle = static_cast<float>((low + high) / 2);
        ASSERT_EQ(static_cast<double>(middle), (low + high) / 2);
        const Code even = code % 2 == 0 ? code : code + 1;
        const Code sign = Code{1} << (exponentBits + mantissaBits);
        EXPECT_EQ(codeOf(name, middle), even) << name << " " << middle;
        EXPECT_EQ(codeOf(name, -middle), even | sign) << name << " " << middle;
        EXPECT_EQ(codeOf(name, std::nextafter(middle, 0.0F)), code) << name;
        EXPECT_EQ(codeOf(name, std::nextafter(middle, kInfinity)), code + 1) << name;
    }
}

TEST_P(FloatFormats, AFlippedBitGivesTheValueOfTheFlippedCode) {
    const auto& [name, exponentBits, mantissaBits, infinities] = GetParam();
    std::mt19937 random(3);
    std::normal_distribution<float> weights(0.0F, 0.1F);
    for (int i = 0; i < 20; ++i) {
        const Code code = codeOf(name, weights(random));
        for (int bit = 0; bit < GetParam().bits(); ++bit) {
            const Code flipped = code ^ Code { 1 } << bit;
            const double expected = byDefinition(flipped, exponentBits, mantissaBits, infinities);
            const float value = valueOf(name, flipped);
            EXPECT_TRUE(value == expected || (std::isnan(value) && std::isnan(expected)))
                << name << " " << flipped;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, FloatFormats,
                         testing::Values(FloatLayout{"fp16", 5, 10, true},
                                         FloatLayout{"bf16", 8, 7, true},
                                         FloatLayout{"fp8-e4m3", 4, 3, false},
                                         FloatLayout{"fp8-e5m2", 5, 2, true}),
                         [](const auto& layout) {
                             std::string name = layout.param.name;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(Formats, SinglePrecisionIsTheBitsOfTheFloat) {
    for (const Code code : {0x00000000U, 0x80000000U, 0x7f800000U, 0xff800000U, 0x7fc00001U,
                            0x7fa12345U, 0xffffffffU, 0x00000001U, 0x3f800000U}) {
        EXPECT_EQ(bitsOf(valueOf("fp32", code)), code);
        float value = 0;
        std::memcpy(&value, &code, sizeof value);
        EXPECT_EQ(codeOf("fp32", value), code);
    }
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
        EXPECT_EQ(bitsOf(valueOf("fp32", codeOf("fp32", 0.7F) ^ Code{1} << bit)),
                  bitsOf(0.7F) ^ 1U << bit);
    }
}

TEST(Formats, OverflowIsInfiniteOrSaturatesAsTheFormatSays) {
    EXPECT_EQ(valueOf("fp16", codeOf("fp16", 65519.0F)), 65504.0F);
    EXPECT_EQ(valueOf("fp16", codeOf("fp16", 65520.0F)), kInfinity);
    EXPECT_EQ(valueOf("bf16", codeOf("bf16", -3.4e38F)), -kInfinity);
    for (const float large : {448.0F, 449.0F, 464.0F, 480.0F, 500.0F, 1e30F, kInfinity}) {
        EXPECT_EQ(valueOf("fp8-e4m3", codeOf("fp8-e4m3", large)), 448.0F) << large;
        EXPECT_EQ(valueOf("fp8-e4m3", codeOf("fp8-e4m3", -large)), -448.0F) << large;
    }
    EXPECT_EQ(valueOf("fp8-e5m2", codeOf("fp8-e5m2", 61439.0F)), 57344.0F);
    EXPECT_EQ(valueOf("fp8-e5m2", codeOf("fp8-e5m2", 61440.0F)), kInfinity);
    EXPECT_EQ(valueOf("fp8-e5m2", codeOf("fp8-e5m2", -1e30F)), -kInfinity);
    for (const char* name : {"fp16", "bf16", "fp8-e4m3", "fp8-e5m2", "fp32"}) {
        EXPECT_TRUE(std::isnan(valueOf(name, codeOf(name, kNan)))) << name;
    }
}

TEST(Formats, FixedPointIsTwosComplementInStepsAndSaturates) {
    EXPECT_EQ(codeOf("q1.7", 0.5F), 64U);
    EXPECT_EQ(codeOf("q1.7", -0.5F), 0xc0U);
    EXPECT_EQ(codeOf("q1.7", 1.0F), 127U);
    EXPECT_EQ(codeOf("q1.7", -1.5F), 0x80U);
    EXPECT_EQ(codeOf("q1.7", 2.5F / 128), 2U);  // nearest even
    EXPECT_EQ(codeOf("q1.7", 3.5F / 128), 4U);
    EXPECT_EQ(codeOf("q1.7", -2.5F / 128), 0xfeU);
    EXPECT_EQ(codeOf("q1.7", kNan), 0U);
    EXPECT_EQ(codeOf("q1.7", -kInfinity), 0x80U);
    EXPECT_EQ(valueOf("q1.7", 0x80), -1.0F);
    EXPECT_EQ(valueOf("q1.7", 0xff), -1.0F / 128);
    EXPECT_EQ(valueOf("q4.0", 0x9), -7.0F);
    EXPECT_EQ(valueOf("q1.0", 1), -1.0F);
    EXPECT_EQ(codeOf("q2.30", -2.0F), 0x80000000U);
    EXPECT_EQ(codeOf("q2.30", 7.0F), 0x7fffffffU);
    EXPECT_EQ(codeOf("q16.16", -1.0F), 0xffff0000U);
    EXPECT_EQ(valueOf("q16.16", 0x80000000U), -32768.0F);
    EXPECT_EQ(numberFormat("q3.9")->bits(), 12U);
}

TEST(Formats, BinaryWeightsKeepTheirSignAndTheMeanSize) {
    const std::vector<float> values = {0.5F, -1.5F, 0.0F, 2.0F};
    const auto format = fitted("binary", values);
    std::vector<Code> codes(4);
    format->encode(values, codes);
    EXPECT_THAT(codes, testing::ElementsAre(1, 0, 1, 1));
    EXPECT_EQ(format->decode(1, 0), 1.0F);
    EXPECT_EQ(format->decode(0, 3), -1.0F);
    EXPECT_EQ(numberFormat("binary")->bits(), 1U);
}

TEST(Formats, IntegersAreSymmetricAndOneCodeIsMadeByFaultsOnly) {
    const auto format = fitted("int8", {-0.25F, 1.27F});
    EXPECT_FLOAT_EQ(format->decode(0x80, 0), -1.28F);
    const std::vector<float> values = {-1.27F, 1.27F, 0.005F, 0.0149F, -9.0F};
    std::vector<Code> codes(values.size());
    format->encode(values, codes);
    EXPECT_THAT(codes, testing::ElementsAre(0x81, 0x7f, 0, 1, 0x81));
}

TEST(Formats, RangesOfChannelsAreTheirOwn) {
    // Two channels of axis 1 in a tensor [2, 2, 2]: elements 0 1 4 5 and 2 3 6 7.
    const std::vector<float> values = {1, -1, 10, 5, 0.5F, 0.25F, -2, 0};
    const TensorValues tensor{values, 2, 2};
    const auto format =
        numberFormat("int4-channel")->fit(Span<const TensorValues>(&tensor, 1)).at(0);
    std::vector<Code> codes(8);
    format->encode(values, codes);
    EXPECT_THAT(codes, testing::ElementsAre(7, 9, 7, 4, 4, 2, 0xf, 0));
    EXPECT_FLOAT_EQ(format->decode(7, 4), 1.0F);
    EXPECT_FLOAT_EQ(format->decode(7, 6), 10.0F);
    std::vector<float> decoded(8);
    format->decode(codes, decoded);
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(decoded[i], format->decode(codes[i], i));
    // The code of zero, too, is a channel's own.
    const std::vector<float> lifted = {0, 1, -1, 0};
    const TensorValues columns{lifted, 2, 1};
    const auto offset =
        numberFormat("rquant4-channel")->fit(Span<const TensorValues>(&columns, 1)).at(0);
    EXPECT_FLOAT_EQ(offset->decode(offset->zero(0), 0), 0.0F);
    EXPECT_FLOAT_EQ(offset->decode(offset->zero(1), 1), 0.0F);
    EXPECT_NE(offset->zero(0), offset->zero(1));
}

TEST(Formats, ZeroIsTheLowestCodeOfThoseNearestToIt) {
    for (const char* name : {"fp16", "bf16", "fp8-e4m3", "q3.5", "q1.0", "binary", "int4",
                             "rquant4", "normal4-unsigned", "rquant8-signed"}) {
        const auto format = fitted(name, {-0.3F, 1.0F});
        Code nearest = 0;
        for (Code code = 0; code <= codeMask(numberFormat(name)->bits()); ++code) {
            if (std::fabs(format->decode(code, 0)) < std::fabs(format->decode(nearest, 0))) {
                nearest = code;
            }
        }
        EXPECT_EQ(format->zero(0), nearest) << name;
    }
}

TEST(Formats, HaveOneNameEach) {
    const std::vector<std::pair<std::string, std::string>> names = {
        {"int8", "int8"},
        {"normal8-nearest", "int8"},
        {"int8-truncate", "normal8"},
        {"rquant4-nearest-unsigned-tensor", "rquant4"},
        {"rquant16-channel-signed", "rquant16-signed-channel"},
        {"normal5-network-unsigned", "normal5-unsigned-network"},
        {"q01.07", "q1.7"},
        {"fp8-e4m3", "fp8-e4m3"}};
    for (const auto& [given, name] : names) {
        EXPECT_EQ(numberFormat(given)->name(), name);
        EXPECT_EQ(numberFormat(name)->name(), name);
    }
    for (const char* wrong : {"", "fp64", "FP32", "q0.8", "q20.20", "q1", "int1", "int17", "int",
                              "int8-", "int8-chanel", "binary2", "rquant4-channel,signed"}) {
        EXPECT_THROW(numberFormat(wrong), UsageError) << wrong;
    }
}

}  // namespace
}  // namespace brownout
