// Does a store that somebody else changed give wrong figures, or take trials and lose them?

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/atomic_file.h"
#include "tests/results/sample_campaign.h"
#include "tools/results/export.h"
#include "tools/results/results_store.h"

namespace brownout {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class ForeignStore : public testing::Test {
 protected:
    /// Makes a store with the first half of the trials.
    void makeHalf() const {
        std::filesystem::remove_all(folder());
        auto store = ResultsStore::createOrResume(folder(), campaign_);
        const auto trials = sampleTrials(campaign_);
        for (std::size_t i = 0; i < trials.size() / 2; ++i) {
            store.record(trials[i]);
        }
    }
    void runSql(const std::string& sql) const {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db) << " in " << sql;
        sqlite3_close(db);
    }
    /// Replaces the table of trials by one that `create` makes of its old statement.
    void remakeTrials(const std::string& from, const std::string& to) const {
        auto create = createStatement();
        const auto at = create.find(from);
        ASSERT_NE(at, std::string::npos) << from << " in " << create;
        create.replace(at, from.size(), to);
        runSql("ALTER TABLE trial RENAME TO old; " + create + "; DROP TABLE old");
    }
    std::string createStatement() const {
        sqlite3* db = nullptr;
        sqlite3_open(path().c_str(), &db);
        std::string sql;
        const auto keep = [](void* to, int, char** values, char**) {
            *static_cast<std::string*>(to) = values[0];
            return 0;
        };
        sqlite3_exec(db, "SELECT sql FROM sqlite_schema WHERE name = 'trial'", keep, &sql, nullptr);
        sqlite3_close(db);
        return sql;
    }
    void expectRefused(const std::string& what) const {
        const auto refusal = AllOf(StartsWith(path() + ": "), HasSubstr(what));
        EXPECT_THAT(errorOf([&] { ResultsStore::createOrResume(folder(), campaign_); }), refusal);
        EXPECT_THAT(errorOf([&] { ResultsStore::openReadOnly(folder()); }), refusal);
    }

    std::filesystem::path folder() const { return temporary_.path() / "results"; }
    std::string path() const { return (folder() / ResultsStore::kFileName).string(); }

    CampaignSpec campaign_ = sampleCampaign();
    TemporaryFolder temporary_;
};

TEST_F(ForeignStore, WithATriggerAViewATableOrAnIndexMoreIsRefused) {
    for (const auto& [sql, what] : std::vector<std::pair<std::string, std::string>>{
             {"CREATE TRIGGER eat BEFORE INSERT ON trial BEGIN SELECT RAISE(IGNORE); END",
              "it has the trigger 'eat'"},
             {"CREATE TRIGGER undo AFTER INSERT ON trial BEGIN DELETE FROM trial; END",
              "it has the trigger 'undo'"},
             {"CREATE TRIGGER forge AFTER INSERT ON trial BEGIN UPDATE trial SET bits_wrong = 0; "
              "END",
              "it has the trigger 'forge'"},
             {"CREATE VIEW good AS SELECT * FROM trial", "it has the view 'good'"},
             {"CREATE TABLE more(x)", "it has the table 'more'"},
             {"CREATE INDEX fast ON trial(chip)", "it has the index 'fast'"},
             {"DROP TABLE trial", "it lacks a table"},
             {"DROP TABLE meta", "it lacks a table"}}) {
        makeHalf();
        runSql(sql);
        expectRefused(what);
    }
}

TEST_F(ForeignStore, WhoseTablesAreViewsIsRefused) {
    makeHalf();
    runSql(
        "ALTER TABLE trial RENAME TO real; CREATE VIEW trial AS SELECT * FROM real;"
        "CREATE TRIGGER eat INSTEAD OF INSERT ON trial BEGIN SELECT 1; END");
    expectRefused("is not as Brownout made it");
    makeHalf();
    runSql("ALTER TABLE meta RENAME TO real; CREATE VIEW meta AS SELECT * FROM real");
    expectRefused("is not as Brownout made it");
}

TEST_F(ForeignStore, WithOtherColumnsOrTypesIsRefused) {
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {" STRICT, WITHOUT ROWID", ""},
             {"STRICT, ", ""},
             {"images INTEGER", "images TEXT"},
             {"images INTEGER", "images ANY"},
             {"images INTEGER NOT NULL", "images INTEGER"},
             {"images INTEGER NOT NULL, ", ""},
             {"images INTEGER NOT NULL", "images INTEGER NOT NULL DEFAULT 7"},
             {"images INTEGER NOT NULL", "images INTEGER NOT NULL CHECK(images > 1000)"},
             {"images INTEGER NOT NULL", "images INTEGER NOT NULL AS (100)"},
             {"bits_wrong INTEGER", "bits_wrong INTEGER AS (0) STORED"},
             {"checksum INTEGER NOT NULL", "checksum INTEGER NOT NULL, more INTEGER"},
             {"wrong_clean INTEGER, wrong_perturbed", "wrong_perturbed INTEGER, wrong_clean"},
             {"\"offset\"))", "\"offset\") ON CONFLICT IGNORE)"},
             {"\"offset\"))", "\"offset\") ON CONFLICT REPLACE)"},
             {"point, chip, \"offset\"))", "point, chip))"}}) {
        makeHalf();
        remakeTrials(from, to);
        expectRefused("is not as Brownout made it: it");
    }
}

TEST_F(ForeignStore, WhoseTablesShareAPageIsRefused) {
    makeHalf();
    runSql(
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = "
        "(SELECT rootpage FROM sqlite_schema WHERE name='meta') WHERE name='trial'");
    expectRefused("");
}

TEST_F(ForeignStore, ThatWasAnalyzedAndVacuumedIsStillOurs) {
    makeHalf();
    runSql("ANALYZE; VACUUM");
    EXPECT_EQ(ResultsStore::openReadOnly(folder()).size(), 12U);
}

TEST_F(ForeignStore, ThatGetsATriggerWhileItIsOpenSaysThatTheTrialIsNotThere) {
    for (const char* body : {"BEFORE INSERT ON trial BEGIN SELECT RAISE(IGNORE); END",
                             "AFTER INSERT ON trial BEGIN DELETE FROM trial; END"}) {
        makeHalf();
        auto store = ResultsStore::createOrResume(folder(), campaign_);
        runSql(std::string("CREATE TRIGGER eat ") + body);
        const auto last = sampleTrials(campaign_).back();
        EXPECT_THAT(errorOf([&] { store.record(last); }),
                    AllOf(StartsWith(path() + ": the trial (network 1, point 1"),
                          HasSubstr("was written but is not there")));
    }
}

// The recording was made by version 0.1.0, which knew twelve counters and none that may be absent.
TEST_F(ForeignStore, OfVersion010IsReadAndTakesNoCountsThatItsTrialsDidNotHave) {
    const auto recorded =
        std::filesystem::path(BROWNOUT_SOURCE_DIR) / "tests/results/recordings/store-0.1.0";
    std::filesystem::create_directories(folder());
    runSql("PRAGMA application_id=" + std::to_string(0x42524f57) + "; PRAGMA user_version=1;" +
           readFile(recorded.string() + ".sql"));
    const auto store = ResultsStore::openReadOnly(folder());
    EXPECT_EQ(trialsCsv(store.campaign(), store.all()), readFile(recorded.string() + ".csv"));

    auto again = ResultsStore::createOrResume(folder(), store.campaign());
    auto trial = store.all().front();
    again.record(trial);
    runSql("DELETE FROM trial WHERE network=0 AND point=0 AND chip=0");
    trial.counts.bitsWrong.reset();
    EXPECT_THAT(errorOf([&] { again.record(trial); }),
                HasSubstr("older Brownout, whose trials always have bits_wrong"));
}

TEST_F(ForeignStore, KeepsCountsThatATrialLacksAbsent) {
    auto trials = sampleTrials(campaign_);
    for (auto& trial : trials) {
        trial.counts.failingCells.reset();
        if (trial.key.chip == 1) trial.counts.bitsWrong.reset();
    }
    auto store = ResultsStore::createOrResume(folder(), campaign_);
    for (const auto& trial : trials) store.record(trial);
    EXPECT_EQ(store.all(), trials);
    const auto csv = trialsCsv(campaign_, store.all());
    EXPECT_THAT(csv, StartsWith("network,point,chip,offset,images,wrong_clean,wrong_perturbed,"
                                "wrong_either,bits_read,bits_wrong,words_read,"));
    EXPECT_THAT(csv, HasSubstr("\nrobust8,0.917,1,0,100,4,9,10,44000000,,687500,"));
}

}  // namespace
}  // namespace brownout
