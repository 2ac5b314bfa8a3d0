#include "model/field/poisson_table.h"

#include <gtest/gtest.h>

#include "model/random.h"
#include "tests/model/poisson_oracle.h"

namespace brownout {
namespace {

// The table and the oracle differ by about 1e-12, so that one draw in 10^10 may differ by one; none
// of the 14,000 of this seed does.
TEST(PoissonTable, InvertsTheDistribution) {
    for (const double mean : {0.01, 0.5, 4.0, 16.1, 256.0, 3000.7, 45426.09}) {
        const PoissonTable table(mean);
        RandomStream random(8, RandomDomain::kTraffic, 0, static_cast<std::uint32_t>(mean));
        for (int i = 0; i < 2000; ++i) {
            const std::uint64_t bits = random.next();
            const double u = static_cast<double>(bits >> 11) * 0x1p-53;
            ASSERT_EQ(table.count(bits), poissonQuantile(mean, u)) << "mean " << mean;
        }
    }
}

TEST(PoissonTable, MeanAndVarianceAreTheMeanAskedFor) {
    // Over 2^16 evenly spaced u the sums are integrals, not random: what is missing is in the
    // tails.
    for (const double mean : {0.5, 4.0, 64.0, 11357.0}) {
        const PoissonTable table(mean);
        double sum = 0;
        double squares = 0;
        constexpr int kSteps = 1 << 16;
        for (std::uint64_t i = 0; i < kSteps; ++i) {
            const double count = table.count((2 * i + 1) << 47);
            sum += count;
            squares += (count - mean) * (count - mean);
        }
        EXPECT_NEAR(sum / kSteps, mean, 1e-3 * std::sqrt(mean));
        EXPECT_NEAR(squares / kSteps, mean, 1e-3 * mean);
    }
}

TEST(PoissonTable, TheExtremeDrawsAreRareCountsAndNoMore) {
    // u = 0 and u = 1 - 2^-53 are 8.2 standard deviations of a Gaussian from the middle.
    const PoissonTable table(45426.09);
    const double sigma = std::sqrt(45426.09);
    EXPECT_NEAR(table.count(0), 45426.09 - 8.2 * sigma, 0.5 * sigma);
    EXPECT_NEAR(table.count(~std::uint64_t{0}), 45426.09 + 8.2 * sigma, 0.5 * sigma);
    EXPECT_EQ(PoissonTable(0.01).count(0), 0U);
}

}  // namespace
}  // namespace brownout
