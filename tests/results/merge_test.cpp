#include "tools/results/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/results/sample_campaign.h"
#include "tools/results/export.h"

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Merge : public testing::Test {
 protected:
    std::filesystem::path folder(const std::string& name) const { return temporary_.path() / name; }

    /// Records the trials of a shard in a folder of its own, all but the first `left` of them.
    std::filesystem::path makeShard(const Shard& shard, std::uint64_t left = 0) const {
        const auto path = folder("shard-" + std::to_string(shard.index));
        auto store = ResultsStore::createOrResume(path, campaign_, shard);
        for (const auto& [key, counts, strata] : sampleTrials(campaign_)) {
            if (shardOf(campaign_, key, shard.count) != shard) continue;
            if (left > 0) {
                --left;
            } else {
                store.record({key, counts});
            }
        }
        return path;
    }
    std::vector<std::filesystem::path> makeShards(std::uint32_t count) const {
        std::vector<std::filesystem::path> folders;
        for (std::uint32_t i = 0; i < count; ++i) folders.push_back(makeShard({i, count}));
        return folders;
    }

    CampaignSpec campaign_ = sampleCampaign();
    TemporaryFolder temporary_;
};

TEST_F(Merge, OfShardsInAnyOrderGivesTheTrialsOfOneRun) {
    auto folders = makeShards(5);
    std::reverse(folders.begin(), folders.end());
    const auto merged = mergeStores(folders, folder("out"));
    EXPECT_EQ(merged.all(), sampleTrials(campaign_));
    EXPECT_EQ(trialsCsv(merged.campaign(), merged.all()),
              trialsCsv(campaign_, sampleTrials(campaign_)));
    EXPECT_EQ(describeMissing(campaign_, merged.all(), folders), "");
    EXPECT_TRUE(merged.shard().isWhole());
}

TEST_F(Merge, TakesWhatWasMergedBeforeAndTrialsThatAreThereTwice) {
    const auto folders = makeShards(3);
    mergeStores({folders[0], folders[1]}, folder("out"));
    EXPECT_EQ(mergeStores({folders[1], folders[2], folders[1]}, folder("out")).all(),
              sampleTrials(campaign_));
}

TEST_F(Merge, NamesTheShardsWhoseTrialsAreMissing) {
    const std::vector<std::filesystem::path> folders = {makeShard({0, 3}), makeShard({1, 3}, 2)};
    const auto merged = mergeStores(folders, folder("out"));
    EXPECT_EQ(merged.size(), 14U);
    EXPECT_EQ(describeMissing(campaign_, merged.all(), folders),
              "10 of 24 trials are missing: 2 of shard 1/3, 8 of shard 2/3");
    EXPECT_EQ(describeMissing(campaign_, merged.all(), {folder("out")}),
              "10 of 24 trials are missing");
}

TEST_F(Merge, RefusesAnotherCampaignAndNamesTheFirstDifference) {
    const auto first = makeShard({0, 2});
    campaign_.seed = 7;
    const auto second = makeShard({1, 2});
    EXPECT_EQ(errorOf([&] {
                  mergeStores({first, second}, folder("out"));
              }),
              (second / "results.sqlite").string() + ": is not of the campaign in " +
                  first.string() + ": seed is 18446744073709551615 there and 7 here");
    EXPECT_FALSE(std::filesystem::exists(folder("out")));
}

TEST_F(Merge, RefusesTheSameTrialWithOtherCountsAndNamesBothFolders) {
    const auto first = makeShard({0, 2});
    const auto second = folder("other");
    {
        auto store = ResultsStore::createOrResume(second, campaign_, {1, 2});
        const TrialKey key{0, 0, 0, 0};
        auto counts = sampleCounts(campaign_, key);
        ++*counts.bitsWrong;
        store.record({key, counts});
    }
    EXPECT_EQ(errorOf([&] {
                  mergeStores({first, second}, folder("out"));
              }),
              (second / "results.sqlite").string() +
                  ": the trial (network 0, point 0, chip 0, offset 0) has other counts than in " +
                  first.string() + "; the same trial must give the same counts");
    EXPECT_FALSE(std::filesystem::exists(folder("out")));
}

TEST_F(Merge, RefusesItsOwnFolderAndFoldersWithoutResults) {
    const auto folders = makeShards(2);
    EXPECT_THAT(errorOf([&] { mergeStores(folders, folders[1]); }),
                StartsWith(folders[1].string() + ": is one of the folders to merge"));
    EXPECT_THAT(errorOf([&] {
                    mergeStores({folders[0], folder("none")}, folder("out"));
                }),
                HasSubstr("holds no results"));
    EXPECT_FALSE(std::filesystem::exists(folder("out")));
}

TEST_F(Merge, IntoAShardsFolderIsRefused) {
    const auto folders = makeShards(3);
    EXPECT_THAT(errorOf([&] {
                    mergeStores({folders[0], folders[1]}, folders[2]);
                }),
                HasSubstr("holds the trials of shard 2/3, and this run is for the whole campaign"));
}

TEST_F(Merge, LeavesTheShardsAsTheyWere) {
    const auto folders = makeShards(2);
    const auto before = ResultsStore::openReadOnly(folders[0]).all();
    mergeStores(folders, folder("out"));
    EXPECT_EQ(ResultsStore::openReadOnly(folders[0]).all(), before);
    EXPECT_EQ(ResultsStore::openReadOnly(folders[0]).shard(), (Shard{0, 2}));
}

TEST_F(Merge, AShardGoesOnInItsOwnFolderOnly) {
    const auto path = makeShard({0, 3});
    EXPECT_NO_THROW(ResultsStore::createOrResume(path, campaign_, {0, 3}));
    EXPECT_THAT(errorOf([&] {
                    ResultsStore::createOrResume(path, campaign_, {1, 3});
                }),
                HasSubstr("holds the trials of shard 0/3, and this run is for shard 1/3"));
    EXPECT_THAT(errorOf([&] { ResultsStore::createOrResume(path, campaign_); }),
                HasSubstr("for the whole campaign; choose another folder"));
}

}  // namespace
}  // namespace brownout
