#include "emulation/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "base/error.h"
#include "tests/results/sample_campaign.h"

namespace brownout {
namespace {

TEST(Shard, NumbersOfTrialsComeBack) {
    const auto campaign = sampleCampaign();
    std::set<TrialKey> keys;
    for (std::uint64_t i = 0; i < trialCount(campaign); ++i) {
        const auto key = trialAt(campaign, i);
        EXPECT_EQ(indexOf(campaign, key), i);
        EXPECT_TRUE(contains(campaign, key));
        keys.insert(key);
    }
    EXPECT_EQ(keys.size(), 24U);
}

// Counted trial by trial, for every number of shards up to more than there are trials.
TEST(Shard, ShardsShareOutEveryTrialOnceAndEvenly) {
    const auto campaign = sampleCampaign();
    for (std::uint32_t count = 1; count <= 30; ++count) {
        std::vector<std::uint64_t> sizes(count);
        std::uint32_t before = 0;
        for (std::uint64_t i = 0; i < 24; ++i) {
            const auto shard = shardOf(campaign, trialAt(campaign, i), count);
            ASSERT_LT(shard.index, count);
            EXPECT_GE(shard.index, before) << "a shard is a run of consecutive trials";
            before = shard.index;
            ++sizes[shard.index];
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            EXPECT_EQ(sizes[i], trialCount(campaign, Shard{i, count})) << i << "/" << count;
            EXPECT_GE(sizes[i], 24 / count);
            EXPECT_LE(sizes[i], (24 + count - 1) / count);
        }
    }
}

TEST(Shard, ChipsStayTogetherWhereTheyCan) {
    const auto campaign = sampleCampaign();  // three chips
    for (std::uint64_t i = 0; i < 24; ++i) {
        const auto key = trialAt(campaign, i);
        EXPECT_EQ(shardOf(campaign, key, 3).index, key.chip);
    }
}

TEST(Shard, CampaignsOfAnySizeAreDivided) {
    auto campaign = sampleCampaign();
    campaign.chips = std::numeric_limits<std::uint32_t>::max();
    campaign.points.resize(1000, campaign.points[0]);
    const std::uint32_t many = 4000000000U;
    const auto trials = trialCount(campaign);
    EXPECT_EQ(shardOf(campaign, trialAt(campaign, trials - 1), many).index, many - 1);
    EXPECT_EQ(shardOf(campaign, trialAt(campaign, 0), many).index, 0U);
}

TEST(Shard, IsReadAsItIsWritten) {
    EXPECT_EQ(shardFromString("--shard", "2/30"), (Shard{2, 30}));
    EXPECT_EQ(toString(Shard{2, 30}), "2/30");
    for (const char* wrong : {"", "/", "1", "1/", "/3", "3/3", "4/3", "0/0", "-1/3", "+1/3", " 0/3",
                              "0/3 ", "1.0/3", "0/99999999999", "0/3/4", "a/b"}) {
        EXPECT_THROW(shardFromString("--shard", wrong), UsageError) << wrong;
    }
}

}  // namespace
}  // namespace brownout
