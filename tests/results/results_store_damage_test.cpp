// Does the store survive kill -9, a full disk, and files that rot?

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <random>

#include "base/atomic_file.h"
#include "base/error.h"
#include "tests/results/sample_campaign.h"
#include "tools/results/export.h"
#include "tools/results/results_store.h"

namespace brownout {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A campaign long enough to be killed several times.
CampaignSpec longCampaign() {
    auto campaign = sampleCampaign();
    campaign.chips = 100;
    return campaign;
}

/// Runs `work` in a child process, which reports what it likes to the descriptor it is given.
class Child {
 public:
    explicit Child(const std::function<void(int report)>& work) {
        int ends[2];
        if (::pipe(ends) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::close(ends[0]);
            try {
                work(ends[1]);
            } catch (const std::exception& error) {
                const std::string message = error.what();
                if (::write(ends[1], message.data(), message.size()) < 0) ::_exit(4);
                ::_exit(3);
            }
            ::_exit(0);
        }
        ::close(ends[1]);
        report_ = ends[0];
    }
    ~Child() { ::close(report_); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void kill() const { ::kill(pid_, SIGKILL); }

    /// What the child reported until it ended; `status` receives what waitpid says.
    std::string report(int& status) const {
        std::string all;
        char buffer[4096];
        for (ssize_t got = 0; (got = ::read(report_, buffer, sizeof buffer)) > 0;) {
            all.append(buffer, static_cast<std::size_t>(got));
        }
        ::waitpid(pid_, &status, 0);
        return all;
    }

 private:
    pid_t pid_ = -1;
    int report_ = -1;
};

/// Records the trials that are missing in random order, and reports each one that was recorded by
/// its index into `trials`.
void recordMissing(const std::filesystem::path& folder, const CampaignSpec& campaign,
                   const std::vector<TrialResult>& trials, unsigned seed, int report) {
    auto store = ResultsStore::createOrResume(folder, campaign);
    std::vector<std::uint32_t> order(trials.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), std::mt19937(seed));
    for (const auto i : order) {
        if (store.contains(trials[i].key)) continue;
        store.record(trials[i]);
        if (::write(report, &i, sizeof i) != sizeof i) ::_exit(5);
    }
}

TEST(StoreAfterKill, KeepsEveryTrialItAcknowledgedAndEndsWithTheSameBytes) {
    const auto campaign = longCampaign();
    const auto trials = sampleTrials(campaign);
    const TemporaryFolder folder;
    std::mt19937 random(11);
    std::vector<bool> acknowledged(trials.size(), false);
    std::size_t acknowledgements = 0;
    int kills = 0;
    for (unsigned round = 0; kills < 20 && round < 200; ++round) {
        const Child child(
            [&](int report) { recordMissing(folder.path(), campaign, trials, round, report); });
        ::usleep(random() % 50000);
        child.kill();
        int status = 0;
        const auto report = child.report(status);
        if (!WIFSIGNALED(status)) {
            // A fast disk: it was done before the kill. Begin again.
            std::filesystem::remove_all(folder.path());
            acknowledged.assign(trials.size(), false);
            continue;
        }
        ++kills;
        for (std::size_t at = 0; at + sizeof(std::uint32_t) <= report.size();
             at += sizeof(std::uint32_t)) {
            std::uint32_t index = 0;
            std::copy_n(report.data() + at, sizeof index, reinterpret_cast<char*>(&index));
            acknowledged.at(index) = true;
            ++acknowledgements;
        }
        if (!std::filesystem::exists(folder.path() / ResultsStore::kFileName)) continue;
        const auto store = ResultsStore::openReadOnly(folder.path());
        for (std::size_t i = 0; i < trials.size(); ++i) {
            EXPECT_TRUE(!acknowledged[i] || store.contains(trials[i].key)) << i;
        }
    }
    EXPECT_EQ(kills, 20);
    EXPECT_GT(acknowledgements, 0U) << "every kill came before the first trial";
    {
        const Child child(
            [&](int report) { recordMissing(folder.path(), campaign, trials, 99, report); });
        int status = 0;
        child.report(status);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    const auto store = ResultsStore::openReadOnly(folder.path());
    EXPECT_EQ(trialsCsv(campaign, store.all()), trialsCsv(campaign, trials));
    EXPECT_EQ(trialsJson(campaign, store.all()), trialsJson(campaign, trials));
}

/// No file of this process may grow beyond `bytes`: what a full disk looks like to a program.
void limitFileSize(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(6);
}

TEST(StoreOnAFullDisk, IsNotMadeAtAll) {
    for (const rlim_t bytes : {0, 1000, 5000, 10000}) {
        const TemporaryFolder folder;
        const Child child([&](int) {
            limitFileSize(bytes);
            ResultsStore::createOrResume(folder.path(), sampleCampaign());
        });
        int status = 0;
        const auto message = child.report(status);
        EXPECT_EQ(WEXITSTATUS(status), 3) << bytes;
        EXPECT_THAT(message, StartsWith((folder.path() / ResultsStore::kFileName).string() + ": "));
        EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << bytes;
    }
}

TEST(StoreOnAFullDisk, SaysSoInOneLineAndGoesOnLaterWithWhatItHad) {
    const auto campaign = longCampaign();
    const auto trials = sampleTrials(campaign);
    const TemporaryFolder folder;
    { ResultsStore::createOrResume(folder.path(), campaign); }
    const Child child([&](int report) {
        limitFileSize(200000);
        recordMissing(folder.path(), campaign, trials, 1, report);
    });
    int status = 0;
    const auto report = child.report(status);
    ASSERT_EQ(WEXITSTATUS(status), 3) << "the disk was large enough";
    const auto message = report.substr(report.find(folder.path().string()));
    EXPECT_THAT(message, StartsWith((folder.path() / ResultsStore::kFileName).string() +
                                    ": cannot record a trial: "));
    const auto recorded = (report.size() - message.size()) / sizeof(std::uint32_t);
    EXPECT_GT(recorded, 0U);
    EXPECT_EQ(ResultsStore::openReadOnly(folder.path()).size(), recorded);

    auto store = ResultsStore::createOrResume(folder.path(), campaign);
    for (const auto& trial : trials) store.record(trial);
    EXPECT_EQ(store.all(), trials);
}

/// A damaged store may be refused or lack trials; it may never crash or show counts nobody
/// recorded.
class DamagedStore : public testing::Test {
 protected:
    void SetUp() override {
        {
            auto store = ResultsStore::createOrResume(folder_.path(), campaign_);
            for (const auto& trial : trials_) store.record(trial);
        }
        content_ = readFile(path());
    }
    std::filesystem::path path() const { return folder_.path() / ResultsStore::kFileName; }

    /// True if the damage was noticed.
    bool readsDamaged(const std::string& content) const {
        std::ofstream(path(), std::ios::binary | std::ios::trunc) << content;
        bool noticed = false;
        // Writing waits for the disk, so only some of the damaged files are opened for it.
        for (const bool readOnly : {true, ++opened_ % 8 != 0}) {
            try {
                const auto store = readOnly
                                       ? ResultsStore::openReadOnly(folder_.path())
                                       : ResultsStore::createOrResume(folder_.path(), campaign_);
                const auto found = store.all();
                EXPECT_TRUE(std::includes(trials_.begin(), trials_.end(), found.begin(),
                                          found.end(), [](const auto& a, const auto& b) {
                                              return std::tie(a.key) < std::tie(b.key);
                                          }));
                for (const auto& [key, counts, strata] : found) {
                    EXPECT_EQ(counts, sampleCounts(campaign_, key));
                }
                noticed = noticed || found.size() != trials_.size();
            } catch (const Error& error) {
                EXPECT_THAT(error.what(), StartsWith(path().string()));
                noticed = true;
            }
        }
        return noticed;
    }

    CampaignSpec campaign_ = sampleCampaign();
    std::vector<TrialResult> trials_ = sampleTrials(campaign_);
    TemporaryFolder folder_;
    std::string content_;
    mutable int opened_ = 0;
};

TEST_F(DamagedStore, CutOffIsRefused) {
    // The last page may be cut within the part that it doesn't use.
    const auto certain = content_.size() - 4096;
    for (std::size_t size = 0; size < content_.size(); size += size < 200 ? 9 : 512) {
        const bool noticed = readsDamaged(content_.substr(0, size));
        EXPECT_TRUE(noticed || size > certain) << size;
    }
}

TEST_F(DamagedStore, WithAFlippedBitIsRefusedOrRight) {
    std::mt19937 random(17);
    for (int round = 0; round < 400; ++round) {
        auto damaged = content_;
        damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
        readsDamaged(damaged);
    }
}

TEST_F(DamagedStore, WithABlockOfNoiseIsRefusedOrRight) {
    std::mt19937 random(19);
    for (int round = 0; round < 150; ++round) {
        auto damaged = content_;
        const auto begin = random() % damaged.size();
        const auto end = std::min(damaged.size(), begin + 1 + random() % 600);
        for (auto at = begin; at < end; ++at) damaged[at] = static_cast<char>(random());
        readsDamaged(damaged);
    }
}

TEST_F(DamagedStore, WithAChangedCountIsRefused) {
    // Another program changes a count without knowing of the checksum: nothing but that tells.
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, "UPDATE trial SET bits_wrong = bits_wrong + 1 WHERE chip = 2",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    EXPECT_EQ(
        errorOf([&] { ResultsStore::openReadOnly(folder_.path()).all(); }),
        path().string() +
            ":trial: the trial (network 0, point 0, chip 2, offset 0) is damaged: its checksum "
            "doesn't match");
}

}  // namespace
}  // namespace brownout
