#include "emulation/trial_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"

namespace brownout {
namespace {

using testing::HasSubstr;

/// Counts whose members are 1, 2, 3, ... in the order of the table.
TrialCounts numbered(std::uint64_t first = 1) {
    TrialCounts counts;
    for (const Counter& counter : kCounters) counter.set(counts, first++);
    return counts;
}

TEST(TrialCounts, HaveOneCounterEachUnderItsOwnName) {
    std::set<std::string> names;
    for (const Counter& counter : kCounters) names.insert(counter.name());
    EXPECT_EQ(names.size(), kCounters.size());
    // Counters that shared a member would overwrite each other.
    const auto counts = numbered();
    for (std::size_t i = 0; i < kCounters.size(); ++i) EXPECT_EQ(kCounters[i].of(counts), i + 1);
}

TEST(TrialCounts, DifferWhereAnySingleCountDiffers) {
    for (const Counter& counter : kCounters) {
        auto other = numbered();
        counter.set(other, 1000);
        EXPECT_NE(other, numbered()) << counter.name();
        EXPECT_EQ(other == numbered(), false) << counter.name();
    }
    auto absent = numbered();
    absent.bitsWrong.reset();
    auto zero = numbered();
    zero.bitsWrong = 0;
    EXPECT_NE(absent, zero) << "absent is not zero";
}

TEST(TrialCounts, AddUpMemberByMember) {
    auto sum = numbered();
    sum += numbered(100);
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
        EXPECT_EQ(kCounters[i].of(sum), 101 + 2 * i) << kCounters[i].name();
    }
}

TEST(TrialCounts, OfPartsThatLackACountLackItInAnyOrder) {
    auto unknown = numbered();
    unknown.failingCells.reset();
    TrialCounts first;
    first += unknown;
    EXPECT_EQ(first, unknown);
    first += numbered();
    TrialCounts second;
    second += numbered();
    second += unknown;
    EXPECT_EQ(first, second);
    EXPECT_EQ(first.failingCells, std::nullopt);
    EXPECT_EQ(first.bitsWrong, 2 * *numbered().bitsWrong);
}

TEST(TrialCounts, ThatEveryTrialHasCannotBeMadeAbsent) {
    TrialCounts counts;
    EXPECT_THROW(kCounters[0].set(counts, std::nullopt), Error);
}

TEST(TrialCounts, ThatCannotBeAreNamed) {
    TrialCounts good;
    good.images = 10;
    good.wrongClean = 2;
    good.wrongPerturbed = 3;
    good.wrongEither = 4;
    good.bitsRead = 640;
    good.bitsWrong = 5;
    good.wordsRead = 10;
    EXPECT_EQ(problemWith(good), std::nullopt);
    auto bad = good;
    bad.wrongEither = 11;
    EXPECT_THAT(problemWith(bad).value(), HasSubstr("wrong_either 11; expected at most 10"));
    bad = good;
    bad.wrongEither = 6;
    EXPECT_THAT(problemWith(bad).value(), HasSubstr("contradict"));
    bad = good;
    bad.bitsWrong = 641;
    EXPECT_THAT(problemWith(bad).value(), HasSubstr("bits_wrong 641"));
    bad.bitsWrong.reset();
    EXPECT_EQ(problemWith(bad), std::nullopt);
}

}  // namespace
}  // namespace brownout
