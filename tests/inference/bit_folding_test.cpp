// Thresholds against the batch norm and sign that they stand for, for every sum that there can be.

#include "inference/graph/bit_folding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "inference/engines/float_engine.h"

namespace brownout {
namespace {

constexpr std::int64_t kRows = 96;

/// Sums of channels, then batch norm and a sign, as a network that takes the sums.
Network normAndSign(std::mt19937& random, const std::string& sign, std::int64_t most) {
    std::uniform_real_distribution<float> unit(-1.0F, 1.0F);
    Network n;
    n.file = "norm.onnx";
    n.opset = 13;
    n.inputs = {{"sums", {1, kRows, 1, 1}}};
    n.outputs = {{"signs", {}}};
    FloatTensor gamma{{kRows}, {}}, beta{{kRows}, {}}, mean{{kRows}, {}}, variance{{kRows}, {}};
    for (std::int64_t row = 0; row < kRows; ++row) {
        gamma.values.push_back(row % 8 == 0 ? 0.0F : unit(random));
        beta.values.push_back(row % 16 == 0 ? 0.0F : unit(random));
        mean.values.push_back(unit(random) * static_cast<float>(most) / 2);
        variance.values.push_back(std::abs(unit(random)) * static_cast<float>(most));
        // Some that meet zero exactly.
        if (row % 8 == 1) {
            beta.values.back() = 0;
            mean.values.back() = std::round(mean.values.back());
        }
    }
    n.parameters = {{"gamma", gamma}, {"beta", beta}, {"mean", mean}, {"variance", variance}};
    n.nodes.push_back({"norm",
                       "BatchNormalization",
                       {"sums", "gamma", "beta", "mean", "variance"},
                       {"normed"},
                       {}});
    if (sign == "BipolarQuant") {
        n.nodes.push_back({"one", "Constant", {}, {"one"}, {{"value", FloatTensor{{}, {1.0F}}}}});
        n.nodes.push_back({"sign", sign, {"normed", "one"}, {"signs"}, {}});
    } else {
        n.nodes.push_back({"sign", sign, {"normed"}, {"signs"}, {}});
    }
    return n;
}

bool inverted(const BitThresholds& folded, std::size_t row) {
    return (folded.afterPool[row / 32] >> (row % 32) & 1) != 0;
}

TEST(BitFolding, ThresholdsSayWhatBatchNormAndSignSayOfEverySum) {
    std::mt19937 random(1);
    for (const std::int64_t most : {1, 9, 64, 2295}) {
        const Network network = normAndSign(random, "BipolarQuant", most);
        const Patterns patterns(network, nullptr);
        const auto tail = signTailOf(patterns, "sums");
        ASSERT_TRUE(tail);
        WholeSums sums;
        sums.units.assign(kRows, 1.0F);
        sums.most = most;
        const auto folded = foldSigns(patterns, "sums", *tail, sums);
        ASSERT_TRUE(folded);
        // The same network in floats, without instructions that multiply and add at once.
        FloatEngine engine(network, "baseline");
        std::vector<float> images(kRows), signs(kRows);
        std::size_t plus = 0;
        for (std::int64_t sum = -most; sum <= most; ++sum) {
            std::fill(images.begin(), images.end(), static_cast<float>(sum));
            engine.run(images.data(), 1, signs.data());
            for (std::size_t row = 0; row < signs.size(); ++row) {
                const bool bit = (sum >= folded->thresholds[row]) != inverted(*folded, row);
                ASSERT_EQ(bit, signs[row] > 0) << "row " << row << ", sum " << sum;
                plus += bit ? 1 : 0;
            }
        }
        EXPECT_GT(plus, 0U);
    }
}

TEST(BitFolding, ThresholdsAreThoseOfTheFormula) {
    // REFERENCE: T = mean - sqrt(var + eps) beta / gamma, reversed for gamma < 0; in doubles, away
    // from whole numbers by more than floats can be wrong.
    std::mt19937 random(2);
    constexpr std::int64_t kMost = 500;
    const Network network = normAndSign(random, "BipolarQuant", kMost);
    const Patterns patterns(network, nullptr);
    WholeSums sums;
    sums.units.assign(kRows, 1.0F);
    sums.most = kMost;
    const auto folded = foldSigns(patterns, "sums", *signTailOf(patterns, "sums"), sums);
    ASSERT_TRUE(folded);
    const auto value = [&](const char* name, std::size_t row) {
        return static_cast<double>(network.parameters.at(name).values[row]);
    };
    int checked = 0;
    for (std::size_t row = 0; row < kRows; ++row) {
        if (value("gamma", row) == 0) continue;
        const double threshold = value("mean", row) - std::sqrt(value("variance", row) + 1e-5) *
                                                          value("beta", row) / value("gamma", row);
        if (std::abs(threshold) > kMost - 1 ||
            std::abs(threshold - std::nearbyint(threshold)) < 1e-2) {
            continue;
        }
        ++checked;
        EXPECT_EQ(folded->thresholds[row], static_cast<std::int64_t>(std::ceil(threshold)));
        EXPECT_EQ(inverted(*folded, row), value("gamma", row) < 0);
    }
    EXPECT_GT(checked, 50);
}

TEST(BitFolding, ASignOfZeroHasNoBit) {
    std::mt19937 random(3);
    const Network network = normAndSign(random, "Sign", 64);
    const Patterns patterns(network, nullptr);
    const auto tail = signTailOf(patterns, "sums");
    ASSERT_TRUE(tail);
    WholeSums sums;
    sums.units.assign(kRows, 1.0F);
    sums.most = 64;
    EXPECT_FALSE(foldSigns(patterns, "sums", *tail, sums));
}

TEST(BitFolding, ASignOfZeroThatNoSumReachesIsNoMatter) {
    // One channel whose sign is zero at the sum 3; without padding, four operands make even sums.
    Network n;
    n.file = "sign.onnx";
    n.opset = 13;
    n.inputs = {{"sums", {1, 1}}};
    n.outputs = {{"signs", {}}};
    n.parameters["three"] = {{1}, {3.0F}};
    n.nodes = {{"less", "Sub", {"sums", "three"}, {"less"}, {}},
               {"sign", "Sign", {"less"}, {"signs"}, {}}};
    const Patterns patterns(n, nullptr);
    WholeSums sums;
    sums.units = {1.0F};
    sums.most = 4;
    const SignTail tail = *signTailOf(patterns, "sums");
    EXPECT_FALSE(foldSigns(patterns, "sums", tail, sums));
    sums.oneParity = true;
    const auto folded = foldSigns(patterns, "sums", tail, sums);
    ASSERT_TRUE(folded);
    EXPECT_GE(folded->thresholds[0], 3);
    EXPECT_LE(folded->thresholds[0], 4);
    sums.most = 5;  // odd sums: 3 is one of them
    EXPECT_FALSE(foldSigns(patterns, "sums", tail, sums));
}

}  // namespace
}  // namespace brownout
