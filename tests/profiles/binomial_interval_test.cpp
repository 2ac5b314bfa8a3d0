#include "profiles/statistics/binomial_interval.h"

#include <gtest/gtest.h>

#include <cmath>

namespace brownout {
namespace {

TEST(BinomialInterval, IsClopperAndPearsons) {
    // 0 of 10: (0, 1 - 0.025^(1/10)); 5 of 10: published tables have (0.187, 0.813).
    EXPECT_EQ(binomialInterval(0, 10).low, 0);
    EXPECT_NEAR(binomialInterval(0, 10).high, 1 - std::pow(0.025, 0.1), 1e-12);
    EXPECT_NEAR(binomialInterval(5, 10).low, 0.187, 5e-4);
    EXPECT_NEAR(binomialInterval(5, 10).high, 0.813, 5e-4);
    EXPECT_EQ(binomialInterval(10, 10).high, 1);
}

}  // namespace
}  // namespace brownout
