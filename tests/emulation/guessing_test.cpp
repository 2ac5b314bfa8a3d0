#include "emulation/guessing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace brownout {
namespace {

// The smallest k with P(right <= k) >= 0.995, worked out in whole numbers with Python's fractions.
TEST(Guessing, GetsAsManyRightAsTheBinomialDistributionSays) {
    EXPECT_EQ(mostRightByGuessing(100, 10), 18U);
    EXPECT_EQ(mostRightByGuessing(400, 1000), 3U);
    EXPECT_EQ(mostRightByGuessing(50, 2), 34U);
    EXPECT_EQ(mostRightByGuessing(1000, 10), 125U);
    EXPECT_EQ(mostRightByGuessing(64, 100), 3U);
}

TEST(Guessing, IsSuspectedOfNetworksThatAreNoBetter) {
    EXPECT_FALSE(guessingWarning("net.onnx", 100 - 19, 100, 10));
    EXPECT_TRUE(guessingWarning("net.onnx", 100 - 18, 100, 10));
    EXPECT_THAT(*guessingWarning("net.onnx", 100, 100, 10),
                testing::AllOf(testing::StartsWith("net.onnx: without faults 100.00 % of 100"),
                               testing::HasSubstr("guessing among 10 classes"),
                               testing::HasSubstr("--scale"), testing::HasSubstr("--bgr"),
                               testing::HasSubstr("--labels-offset"),
                               testing::Not(testing::HasSubstr("\n"))));
    // Too few images, or nothing to guess among.
    EXPECT_FALSE(guessingWarning("net.onnx", 49, 49, 10));
    EXPECT_TRUE(guessingWarning("net.onnx", 50, 50, 10));
    EXPECT_FALSE(guessingWarning("net.onnx", 100, 100, 1));
}

}  // namespace
}  // namespace brownout
