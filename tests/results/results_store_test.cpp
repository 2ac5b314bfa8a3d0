// Does the store keep what it was given, and refuse what it must?

#include "tools/results/results_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <thread>

#include "base/atomic_file.h"
#include "tests/results/sample_campaign.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/export.h"

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Store : public testing::Test {
 protected:
    std::filesystem::path folder() const { return temporary_.path() / "results"; }
    std::string path() const { return (folder() / ResultsStore::kFileName).string(); }
    ResultsStore open() const { return ResultsStore::createOrResume(folder(), campaign_); }
    void recordAll() const {
        auto store = open();
        for (const auto& trial : sampleTrials(campaign_)) store.record(trial);
    }
    void runSql(const char* sql) const {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db);
        sqlite3_close(db);
    }
    std::vector<std::string> filesInFolder() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder())) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }

    CampaignSpec campaign_ = sampleCampaign();
    TemporaryFolder temporary_;
};

TEST_F(Store, GivesBackWhatWasRecordedSortedByKey) {
    auto trials = sampleTrials(campaign_);
    auto shuffled = trials;
    std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(3));
    {
        auto store = open();
        for (const auto& [key, counts, strata] : shuffled) {
            EXPECT_FALSE(store.contains(key));
            store.record({key, counts});
            EXPECT_TRUE(store.contains(key));
        }
        EXPECT_EQ(store.all(), trials);
        EXPECT_EQ(store.size(), trials.size());
    }
    const auto store = ResultsStore::openReadOnly(folder());
    EXPECT_EQ(store.all(), trials);
    EXPECT_EQ(store.finishedKeys().size(), trials.size());
    EXPECT_EQ(toJson(store.campaign()), toJson(campaign_));
}

TEST_F(Store, IsOneFileOnceItIsClosed) {
    recordAll();
    EXPECT_EQ(filesInFolder(), std::vector<std::string>{ResultsStore::kFileName});
}

TEST_F(Store, ExportsTheSameBytesWhateverTheOrderOfRecording) {
    auto trials = sampleTrials(campaign_);
    const auto csv = trialsCsv(campaign_, trials);
    const auto json = trialsJson(campaign_, trials);
    std::mt19937 random(5);
    for (int round = 0; round < 3; ++round) {
        std::shuffle(trials.begin(), trials.end(), random);
        const TemporaryFolder other;
        auto store = ResultsStore::createOrResume(other.path(), campaign_);
        for (const auto& trial : trials) store.record(trial);
        EXPECT_EQ(trialsCsv(campaign_, store.all()), csv);
        EXPECT_EQ(trialsJson(campaign_, store.all()), json);
        EXPECT_EQ(trialsCsv(campaign_, trials), csv);
    }
}

TEST_F(Store, ResumesWhereItStopped) {
    const auto trials = sampleTrials(campaign_);
    for (const auto& trial : trials) open().record(trial);
    EXPECT_EQ(open().all(), trials);
}

TEST_F(Store, TakesRecordsFromSeveralThreads) {
    const auto trials = sampleTrials(campaign_);
    auto store = open();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = t; i < trials.size(); i += 4) {
                store.record(trials[i]);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(store.all(), trials);
}

TEST_F(Store, TakesTheSameTrialTwiceButNotWithOtherCounts) {
    auto store = open();
    const TrialKey key{1, 1, 2, 1};
    auto counts = sampleCounts(campaign_, key);
    store.record({key, counts});
    store.record({key, counts});
    EXPECT_EQ(store.size(), 1U);
    ++*counts.bitsWrong;
    EXPECT_THAT(errorOf([&] { store.record({key, counts}); }), HasSubstr("with other counts"));
    EXPECT_EQ(store.all()[0].counts, sampleCounts(campaign_, key));
}

TEST_F(Store, RefusesCountsThatCannotBe) {
    auto store = open();
    const TrialKey key{0, 0, 0, 0};
    const auto good = sampleCounts(campaign_, key);
    const auto refused = [&](const TrialKey& k, const TrialCounts& c) {
        const auto message = errorOf([&] { store.record({k, c}); });
        EXPECT_THAT(message, StartsWith(path() + ": the trial (network ")) << message;
    };
    for (const TrialKey outside :
         {TrialKey{2, 0, 0, 0}, TrialKey{0, 2, 0, 0}, TrialKey{0, 0, 3, 0}, TrialKey{0, 0, 0, 2}}) {
        refused(outside, good);
    }
    auto bad = good;
    bad.images = 99;
    refused(key, bad);
    bad = good;
    bad.wrongPerturbed = 101;
    refused(key, bad);
    bad = good;
    bad.wrongEither = *bad.wrongPerturbed - 1;
    refused(key, bad);
    bad = good;
    bad.bitsWrong = bad.bitsRead + 1;
    refused(key, bad);
    bad = good;
    bad.wordsSilent = std::uint64_t{1} << 63;
    refused(key, bad);
    bad = good;
    bad.wordsDetected = bad.wordsRead / 2 + 1;
    bad.wordsCorrected = bad.wordsRead / 2 + 1;
    refused(key, bad);
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(Store, RefusesAnotherCampaignAndSaysWhatDiffers) {
    recordAll();
    campaign_.chips = 50;
    EXPECT_EQ(errorOf([&] { open(); }), path() +
                                            ": holds another campaign: chips is 3 there and 50 in "
                                            "this run; choose another folder");
    campaign_ = sampleCampaign();
    EXPECT_EQ(open().all(), sampleTrials(campaign_));
}

TEST_F(Store, RefusesASecondWriterButLetsOthersRead) {
    auto writer = open();
    const TrialKey key{0, 1, 2, 0};
    writer.record({key, sampleCounts(campaign_, key)});
    EXPECT_THAT(errorOf([&] { open(); }), StartsWith(path() + ": another running campaign"));
    const auto reader = ResultsStore::openReadOnly(folder());
    EXPECT_EQ(reader.size(), 1U);
    const TrialKey second{0, 1, 2, 1};
    writer.record({second, sampleCounts(campaign_, second)});
    EXPECT_EQ(reader.size(), 2U);
}

TEST_F(Store, OpenForReadingTakesNothing) {
    { open(); }
    auto store = ResultsStore::openReadOnly(folder());
    const TrialKey key{0, 0, 0, 0};
    EXPECT_THAT(errorOf([&] {
                    store.record({key, sampleCounts(campaign_, key)});
                }),
                StartsWith(path() + ": cannot record a trial: "));
    EXPECT_NE(errorOf([&] { store.setNote("command", "x"); }), "");
    EXPECT_EQ(store.size(), 0U);
}

TEST_F(Store, CanBeReadAfterAKillThatLeftItsRollbackJournal) {
    recordAll();
    // A page of the file is half overwritten and its old content is in the journal: what a kill in
    // the middle of a change of journal mode leaves. Only a connection that may write can mend it.
    const auto good = readFile(path());
    const auto saved = temporary_.path() / "saved";
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db,
                           "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN;"
                           "UPDATE trial SET bits_wrong=0; CREATE TABLE big(x);"
                           "INSERT INTO big SELECT zeroblob(4000) FROM trial",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    std::filesystem::create_directories(saved);
    for (const auto& name : filesInFolder()) {
        std::filesystem::copy_file(folder() / name, saved / name);
    }
    sqlite3_close(db);
    ASSERT_TRUE(std::filesystem::exists(saved / "results.sqlite-journal"));
    ASSERT_NE(readFile(saved / ResultsStore::kFileName), good);
    EXPECT_EQ(ResultsStore::openReadOnly(saved).all(), sampleTrials(campaign_));
}

TEST_F(Store, SaysSoWhenAnotherProgramHoldsTheFile) {
    recordAll();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_EQ(errorOf([&] { ResultsStore::openReadOnly(folder()); }),
              path() + ": is in use by another running process");
    sqlite3_close(other);
}

TEST_F(Store, KeepsNotesApartFromTheResults) {
    recordAll();
    const auto before = trialsJson(campaign_, ResultsStore::openReadOnly(folder()).all());
    {
        auto store = open();
        EXPECT_EQ(store.note("command"), std::nullopt);
        store.setNote("command", "brownout sweep --threads 2");
        store.setNote("command", "brownout sweep --threads 1");
    }
    const auto store = ResultsStore::openReadOnly(folder());
    EXPECT_EQ(store.note("command"), "brownout sweep --threads 1");
    EXPECT_EQ(trialsJson(campaign_, store.all()), before);
}

TEST_F(Store, OfANewerVersionIsRefused) {
    recordAll();
    runSql("PRAGMA user_version=3");
    EXPECT_EQ(errorOf([&] { open(); }),
              path() + ": has store version 3; this Brownout knows versions 1 to 2");
    EXPECT_NE(errorOf([&] { ResultsStore::openReadOnly(folder()); }), "");
}

TEST_F(Store, ThatIsSomethingElseIsRefusedAndLeftAlone) {
    std::filesystem::create_directories(folder());
    for (const std::string& content : {std::string(), std::string("not a database"),
                                       std::string(100000, 'x'), std::string(4096, '\0')}) {
        writeAtomically(path(), content);
        EXPECT_THAT(errorOf([&] { open(); }), StartsWith(path() + ": is not a store"));
        EXPECT_EQ(readFile(path()), content);
    }
    std::filesystem::remove(path());
    runSql("CREATE TABLE trial(a); PRAGMA user_version=1");
    const auto foreign = readFile(path());
    EXPECT_EQ(errorOf([&] { open(); }), path() + ": is not a store of Brownout results");
    EXPECT_EQ(readFile(path()), foreign);
}

TEST_F(Store, ThatIsNotThereCannotBeRead) {
    EXPECT_THAT(errorOf([&] { ResultsStore::openReadOnly(folder()); }),
                StartsWith(folder().string() + ": holds no results"));
    EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(Store, CannotBeMadeWhereNoFolderCanBe) {
    const auto file = temporary_.path() / "file";
    writeAtomically(file, "x");
    for (const auto& impossible :
         {file, file / "results", std::filesystem::path("/proc/results")}) {
        EXPECT_THAT(errorOf([&] { ResultsStore::createOrResume(impossible, campaign_); }),
                    StartsWith(impossible.string() + ": "));
    }
}

TEST_F(Store, LeavesNoHalfFileWhereItCannotBeWritten) {
    // A folder in the place of the file: even root can't write that.
    std::filesystem::create_directories(folder() / ResultsStore::kFileName);
    EXPECT_THAT(errorOf([&] { open(); }), StartsWith(path() + ": "));
    EXPECT_EQ(filesInFolder().size(), 1U);
}

TEST_F(Store, ClearsAwayWhatAKilledCreationLeft) {
    std::filesystem::create_directories(folder());
    writeAtomically(folder() / "results.sqlite.4711.part", "half");
    writeAtomically(folder() / "mine.part", "kept");
    recordAll();
    EXPECT_THAT(filesInFolder(),
                testing::UnorderedElementsAre("mine.part", std::string(ResultsStore::kFileName)));
}

TEST_F(Store, OfAnInvalidCampaignIsNotMade) {
    campaign_.images = 0;
    EXPECT_NE(errorOf([&] { open(); }), "");
    EXPECT_FALSE(std::filesystem::exists(folder()));
}

}  // namespace
}  // namespace brownout
