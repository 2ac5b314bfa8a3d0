// Margins and importances against brute force: flipped operands, inverted neurons.

#include "emulation/tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "emulation/tolerance_rates.h"
#include "emulation/tolerance_sums.h"
#include "inference/graph/bit_regions.h"
#include "tests/inference/bit_layers.h"

namespace brownout {
namespace {

/// A layer of one matrix, whose neurons have 1 to 60 operands.
BitLayer matrixLayer(std::mt19937& random) {
    BitLayer layer;
    do {
        layer = randomBitLayer(random);
    } while (!layer.matrix || layer.bytes || layer.inPerGroup > 60);
    return layer;
}

TEST(Tolerance, TheWorstFlipsChangeANeuronExactlyWhenItsMarginSays) {
    std::mt19937 random(1);
    int changed = 0;
    int never = 0;
    for (int i = 0; i < 300; ++i) {
        const BitLayer layer = matrixLayer(random);
        const std::vector<BitLayerInfo> layers = bitLayersOf(layer.network(), nullptr);
        ASSERT_EQ(layers.size(), 2U);
        const std::vector<float> image = randomBitImage(layer, random);
        const std::vector<std::int32_t> signs = layer.signsOf(image);
        const std::int64_t operands = layer.inPerGroup;
        const std::int64_t row = static_cast<std::int64_t>(random() % layer.outPerGroup);
        const auto placeOf = [&](std::int64_t k) {
            return static_cast<std::size_t>(layer.transposed ? row * operands + k
                                                             : k * layer.rows() + row);
        };
        std::int64_t sum = 0;
        for (std::int64_t k = 0; k < operands; ++k) {
            const bool plus = image[static_cast<std::size_t>(k)] >= 0;
            sum += plus ? layer.weights[placeOf(k)] : -layer.weights[placeOf(k)];
        }
        const std::int64_t threshold = layers[0].thresholds[static_cast<std::size_t>(row)];
        const std::int64_t certain = certainFlips(sum, threshold);
        // The worst flips are those of products that hold the sum on its side.
        const std::int32_t holding = sum >= threshold ? 1 : -1;
        BitLayer faulty = layer;
        std::int64_t flips = 0;
        bool changes = false;
        for (std::int64_t k = 0; k < operands && !changes; ++k) {
            std::int32_t& weight = faulty.weights[placeOf(k)];
            const bool plus = image[static_cast<std::size_t>(k)] >= 0;
            if ((plus ? weight : -weight) != holding) continue;
            weight = -weight;
            ++flips;
            changes = faulty.signsOf(image)[static_cast<std::size_t>(row)] !=
                      signs[static_cast<std::size_t>(row)];
            ASSERT_EQ(changes, flips > certain)
                << "sum " << sum << ", threshold " << threshold << ", flips " << flips;
        }
        ++(changes ? changed : never);
    }
    EXPECT_GT(changed, 100);
    EXPECT_GT(never, 10);
}

/// A layer without ties, so that inverting factors and summands inverts every output.
BitLayer layerWithoutTies(std::mt19937& random, bool conv) {
    BitLayer layer;
    do {
        layer = randomBitLayer(random);
    } while (layer.matrix == conv || layer.groups > 1 || layer.batchNorm ||
             layer.pool == BitLayer::Pool::kBetween || layer.pool == BitLayer::Pool::kBehind ||
             layer.sign == BitLayer::Sign::kSign || layer.outPerGroup < 3);
    const float unit = layer.weightScale * layer.activationScale;
    for (std::size_t row = 0; row < layer.factors.size(); ++row) {
        layer.factors[row] = layer.factors[row] < 0 ? -1.0F : 1.0F;
        layer.summands[row] = unit * (static_cast<float>(random() % 7) - 2.5F);
    }
    return layer;
}

std::size_t classOf(const std::vector<float>& scores) {
    return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) -
                                    scores.begin());
}

TEST(Tolerance, ImportanceIsTheAccuracyLostWhenANeuronIsInverted) {
    std::mt19937 random(2);
    for (int i = 0; i < 12; ++i) {
        const BitLayer layer = layerWithoutTies(random, i % 2 == 0);
        constexpr std::size_t kImages = 40;
        Dataset::Content content;
        content.name = content.place = "made";
        content.shape = layer.matrix ? Shape{layer.channels()}
                                     : Shape{layer.channels(), layer.height, layer.width};
        std::vector<std::vector<float>> images;
        for (std::size_t n = 0; n < kImages; ++n) {
            images.push_back(randomBitImage(layer, random));
            content.floats.insert(content.floats.end(), images.back().begin(), images.back().end());
            // Right more often than not, so that there is something to lose.
            content.labels.push_back(
                random() % 3 == 0 ? static_cast<std::int32_t>(random() % 3)
                                  : static_cast<std::int32_t>(classOf(layer.run(images[n]))));
        }
        const auto rightOf = [&](const BitLayer& one) {
            double right = 0;
            for (std::size_t n = 0; n < kImages; ++n) {
                right += static_cast<std::int32_t>(classOf(one.run(images[n]))) == content.labels[n]
                             ? 1
                             : 0;
            }
            return right / kImages;
        };
        const EncodedNetwork network(layer.network(), numberFormat("file"), StoreScope::kWeights);
        ToleranceSettings settings;
        settings.threads = 2;
        const NetworkTolerance found = measureTolerance(network, Dataset(content), settings);
        ASSERT_EQ(found.layers.size(), 2U);
        EXPECT_NEAR(found.cleanError, 1 - rightOf(layer), 1e-12);
        const std::vector<double>& importances = found.layers[0].importances;
        ASSERT_EQ(importances.size(), layer.factors.size());
        double mean = 0;
        for (std::size_t row = 0; row < importances.size(); ++row) {
            BitLayer inverted = layer;
            inverted.factors[row] = -inverted.factors[row];
            inverted.summands[row] = -inverted.summands[row];
            const double lost = rightOf(layer) - rightOf(inverted);
            EXPECT_NEAR(importances[row], lost, 1e-12) << i << ", " << row;
            mean += importances[row] / static_cast<double>(importances.size());
        }
        EXPECT_NEAR(found.layers[0].importanceMean, mean, 1e-12);
    }
}

TEST(Tolerance, RankCorrelationIsSpearmans) {
    // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) gives 0.8207826816681233.
    const auto found = rankCorrelation({1, 2, 3, 4, 5}, {5, 6, 7, 8, 7});
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->rho, 0.8207826816681233, 1e-12);
    ASSERT_TRUE(found->ci95);
    EXPECT_LT(found->ci95->low, 0.3);
    EXPECT_GT(found->ci95->high, 0.95);
    EXPECT_FALSE(rankCorrelation({1, 2}, {2, 1}));
    EXPECT_FALSE(rankCorrelation({1, 1, 1}, {1, 2, 3}));
    const auto perfect = rankCorrelation({1, 2, 3, 4, 5, 6}, {2, 4, 6, 8, 10, 12});
    ASSERT_TRUE(perfect && perfect->ci95);
    EXPECT_DOUBLE_EQ(perfect->rho, 1);
    EXPECT_GT(perfect->ci95->low, 0);
}

TEST(Tolerance, LargerMarginsPredictAHigherTolerance) {
    // Scores alone: ten images of two classes, the right one ahead by a gap.
    const auto predicted = [](std::int32_t gap) {
        LayerSums scores;
        scores.layer.rows = 2;
        scores.layer.operands = 1000;
        for (int image = 0; image < 10; ++image) {
            scores.sums.push_back(gap);
            scores.sums.push_back(0);
        }
        return predictedTolerance({scores}, std::vector<std::int32_t>(10, 0), 0.01);
    };
    EXPECT_LT(predicted(20), predicted(60));
    EXPECT_LT(predicted(60), predicted(200));
    // The share e of wrong operands at which the gap is 2.326 standard deviations:
    // (1 - 2 e) 60.5 = 2.326 sqrt(8000 e (1 - e)), e = 0.0678.
    EXPECT_NEAR(predicted(60), 0.0678, 0.0002);
}

}  // namespace
}  // namespace brownout
