#include "base/numbers.h"

#include <gmock/gmock.h>

namespace brownout {
namespace {

using testing::ElementsAre;

TEST(Noise, IsWhatArithmeticLeaves) {
    double v = 0.5;
    for (int i = 0; i < 5; ++i) v += 0.02;
    EXPECT_NE(v, 0.6);
    EXPECT_TRUE(sameButForNoise(v, 0.6));
    EXPECT_EQ(roundTo12Digits(v), 0.6);
    EXPECT_FALSE(sameButForNoise(0.6, 0.600000001));
    EXPECT_FALSE(sameButForNoise(0.917, 22.0 / 24));
    for (const double exact : {0.58, 1e-30, 123456.789, 0.1, 1.05}) {
        EXPECT_EQ(roundTo12Digits(exact), exact);
    }
}

TEST(Noise, GroupsHoldWhatIsTheSameAsTheirFirstNumber) {
    const double step = 0.6 * 0.7e-9;  // the third is the same as the second, not as the first
    EXPECT_THAT(endsOfNoiseGroups({0.5, 0.6, 0.6 + step, 0.6 + 2 * step, 0.7}),
                ElementsAre(1, 3, 4, 5));
    EXPECT_THAT(endsOfNoiseGroups({}), ElementsAre());
}

TEST(Noise, OfAGroupTheNumberThatIsShortestToWriteIsKept) {
    EXPECT_THAT(withoutNoise({0.5800000000000001, 0.6, 0.6000000000000001}),
                ElementsAre(0.5800000000000001, 0.6));
    EXPECT_THAT(withoutNoise({0.5999999999999999, 0.6}), ElementsAre(0.6));
}

}  // namespace
}  // namespace brownout
