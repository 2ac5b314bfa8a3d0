// Does the store keep the strata of trials that took some of the images, and refuse what can't be?

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "emulation/strata.h"
#include "emulation/summary.h"
#include "tests/results/sample_campaign.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/export.h"
#include "tools/results/results_store.h"

namespace brownout {
namespace {

using testing::HasSubstr;

class AdaptiveStore : public testing::Test {
 protected:
    AdaptiveStore() {
        campaign_.offsets = {0};
        campaign_.images = 5 * kStrata;
        campaign_.precision = Precision{Precision::Kind::kRelative, 3};
    }

    ResultsStore open() const { return ResultsStore::createOrResume(folder(), campaign_); }
    std::filesystem::path folder() const { return temporary_.path() / "results"; }

    /// A trial on 2 of the 5 images of each stratum, of which as many are wrong as `wrong` says.
    static TrialResult trial(std::uint32_t chip, std::uint32_t wrong) {
        TrialResult trial{{1, 0, chip, 0}, {}, StratumCounts(kStrata, {5, 2, 0})};
        for (StratumCount& count : trial.strata) {
            count.wrong = std::min(wrong, 2U);
            wrong -= count.wrong;
            trial.counts.wrongPerturbed = trial.counts.wrongPerturbed.value_or(0) + count.wrong;
        }
        trial.counts.images = 2 * kStrata;
        trial.counts.wrongClean = 2 * kWrongStrata;
        trial.counts.wrongEither = *trial.counts.wrongPerturbed + 2 * kWrongStrata;
        trial.counts.bitsRead = 1000;
        addEstimates(trial.strata, trial.counts);
        return trial;
    }

    void runSql(const char* sql) const {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open((folder() / ResultsStore::kFileName).c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db);
        sqlite3_close(db);
    }

    CampaignSpec campaign_ = sampleCampaign();
    TemporaryFolder temporary_;
};

TEST_F(AdaptiveStore, KeepsStrataAndCountsAsTheyWere) {
    const std::vector<TrialResult> trials = {trial(0, 7), trial(1, 0), trial(2, 30)};
    {
        auto store = open();
        for (const auto& one : trials) store.record(one);
    }
    EXPECT_EQ(open().all(), trials);
    const auto store = ResultsStore::openReadOnly(folder());
    EXPECT_EQ(store.all(), trials);
    EXPECT_EQ(toString(*store.campaign().precision), "3%");
    const std::string csv = trialsCsv(campaign_, trials);
    EXPECT_THAT(csv, HasSubstr(",images_in_all,wrong_clean_in_all,wrong_estimate,"));
}

// 7 wrong ones of those drawn, each of which stands for 2.5 images: 17.5 of all.
TEST_F(AdaptiveStore, SummariesAreOfTheEstimates) {
    const auto summary = summarize(campaign_, {trial(0, 7), trial(1, 7), trial(2, 7)});
    const auto& value = summary.row(1, 0).main();
    const double images = 5.0 * kStrata;
    const double clean = 5.0 * kWrongStrata;
    EXPECT_DOUBLE_EQ(value.faulty->mean, 17.5 / images);
    EXPECT_DOUBLE_EQ(value.clean.value(), clean / images);
    EXPECT_DOUBLE_EQ(summary.row(1, 0).values[1].faulty->mean, (17.5 + clean) / images);
    EXPECT_FALSE(summary.complete());
}

TEST_F(AdaptiveStore, RefusesWhatCannotBe) {
    auto store = open();
    const auto refusal = [&](auto&& change) {
        TrialResult wrong = trial(0, 7);
        change(wrong);
        return errorOf([&] { store.record(wrong); });
    };
    EXPECT_THAT(refusal([](TrialResult& t) { t.strata.pop_back(); }), HasSubstr("strata"));
    EXPECT_THAT(refusal([](TrialResult& t) { t.strata.clear(); }), HasSubstr("strata"));
    EXPECT_THAT(refusal([](TrialResult& t) { t.strata[3].wrong = 3; }), HasSubstr("stratum"));
    EXPECT_THAT(refusal([](TrialResult& t) { ++t.strata[3].drawn; }), HasSubstr("add up"));
    EXPECT_THAT(refusal([](TrialResult& t) { t.counts.imagesInAll = 99; }), HasSubstr("99 images"));
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(AdaptiveStore, NoticesStrataThatWereChanged) {
    open().record(trial(0, 7));
    runSql("UPDATE trial SET strata = replace(strata, '5:2:2', '5:2:1')");
    EXPECT_THAT(errorOf([&] { open().all(); }), HasSubstr("damaged"));
    runSql("UPDATE trial SET strata = 'nonsense'");
    EXPECT_THAT(errorOf([&] { open().all(); }), HasSubstr("damaged"));
}

TEST_F(AdaptiveStore, IsOfAnotherCampaignThanOneWithoutPrecision) {
    { open(); }
    campaign_.precision.reset();
    EXPECT_THAT(errorOf([&] { open(); }), HasSubstr("precision is"));
    campaign_.precision = Precision{Precision::Kind::kPoints, 3};
    EXPECT_THAT(errorOf([&] { open(); }), HasSubstr("precision.half_width is \"3%\" there"));
}

}  // namespace
}  // namespace brownout
