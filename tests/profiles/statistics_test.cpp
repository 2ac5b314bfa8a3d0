#include "profiles/statistics/statistics.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/temporary_files.h"
#include "profiles/profile_writer.h"
#include "test_profiles.h"

namespace brownout {
namespace {

TEST(Statistics, CountWhatCanBeCountedByHand) {
    const TemporaryFolder folder;
    ProfileHeader header = headerOf(smallPreset());
    header.device.geometry = {1, 10, 10, 1};
    header.referenceVoltages = {0.75, 0.85};
    const std::vector<std::vector<FaultyCell>> cells{
        {{0, 0.9F, 1, 0}, {1, 0.8F, 0, 1}, {2, 0.8F, 0.5F, 0.25F}}, {{50, 0.9F, 1, 1}}};
    const auto chip = [&](std::uint32_t i) { return Chip(header.device.geometry, cells[i], 0.75); };
    writeThresholdProfile(folder / "chip.h5", header, {2, 0.75, 1}, chip);

    const auto statistics = describeProfile(Profile::open(folder / "chip.h5"));
    ASSERT_EQ(statistics.size(), 2U);
    const VoltageStatistics& low = statistics[0];
    EXPECT_EQ(low.supply, 0.75);
    EXPECT_FALSE(low.expectedRate);
    EXPECT_EQ(low.chips, 2U);
    EXPECT_EQ(low.meanCells, 2);  // 3 and 1
    EXPECT_NEAR(low.stdCells, std::sqrt(2.0), 1e-12);
    EXPECT_NEAR(low.meanRate, 0.02, 1e-15);
    EXPECT_NEAR(low.stdRate, std::sqrt(2.0) / 100, 1e-12);
    EXPECT_NEAR(low.bitErrorRate, (0.5 + 0.5 + 0.375 + 1) / 200, 1e-12);
    EXPECT_EQ(low.only01, 0.25);
    EXPECT_EQ(low.only10, 0.25);
    EXPECT_EQ(low.both, 0.5);
    EXPECT_EQ(low.persistent, 0.75);
    EXPECT_EQ(statistics[1].meanCells, 1);
    EXPECT_EQ(statistics[1].stdCells, 0);
    EXPECT_EQ(statistics[1].only10, 0);
}

TEST(Statistics, OfTheShippedProfileShowWhatItIsCalibratedTo) {
    const Profile profile = Profile::open(shippedProfile());
    const auto statistics = describeProfile(profile, {0.875, 1.0}, 16);
    ASSERT_EQ(statistics.size(), 2U);
    EXPECT_EQ(statistics[0].chips, 16U);
    EXPECT_EQ(statistics[0].expectedRate, 0.00129);
    const double mean = 0.00129 * (1 << 20);  // of a chip; spread over chips is Poisson's
    EXPECT_NEAR(statistics[0].meanCells, mean, 4 * std::sqrt(mean / 16));
    EXPECT_NEAR(statistics[0].stdCells, std::sqrt(mean), 0.75 * std::sqrt(mean));
    EXPECT_EQ(statistics[0].bitErrorRate, statistics[0].meanRate);
    EXPECT_EQ(statistics[0].both, 1);
    EXPECT_EQ(statistics[0].persistent, 1);
    EXPECT_EQ(statistics[1].meanCells, 0);
    EXPECT_EQ(statistics[1].both, 0);
}

TEST(Statistics, OutsideTheProfileAreRefused) {
    const Profile profile = Profile::open(shippedProfile());
    EXPECT_THAT(errorOf([&] { describeProfile(profile, {0.7}); }),
                testing::HasSubstr("outside the profile"));
    EXPECT_TRUE(describeProfile(profile, {}).empty());
}

}  // namespace
}  // namespace brownout
