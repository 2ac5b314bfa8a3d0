#include "tools/results/results_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/strata.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/sqlite_handles.h"
#include "tools/results/trial_table.h"

namespace brownout {
namespace {

/// Keeps other writers out of a folder as long as it lives, also after kill -9, and leaves no file
/// behind: a lock on the folder itself.
class FolderLock {
 public:
    FolderLock(const std::filesystem::path& folder, const std::string& storePath)
        : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (fd_ < 0) throw ioError(folder.string(), "cannot be opened", errno);
        // Some network file systems can't lock folders; there we do without.
        if (::flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            ::close(fd_);
            throw Error(storePath,
                        "another running campaign writes to it; wait for that one to "
                        "end or choose another folder");
        }
    }
    ~FolderLock() { ::close(fd_); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

    /// Makes file names that were added to the folder survive a power cut.
    void flush() const { ::fsync(fd_); }

 private:
    int fd_;
};

/// Returns what is wrong with a trial of this campaign, or nothing.
std::optional<std::string> problemWith(const CampaignSpec& campaign, const TrialResult& trial) {
    if (!contains(campaign, trial.key)) return "is not part of the campaign";
    const bool all = !campaign.precision;
    const std::uint64_t images = all ? trial.counts.images : trial.counts.imagesInAll.value_or(0);
    const std::uint64_t expected =
        campaign.imagesPerTrial > 0 ? campaign.imagesPerTrial : campaign.images;
    if (images != expected) {
        return "has " + std::to_string(images) + " images; expected " + std::to_string(expected);
    }
    if (trial.strata.size() != (all ? 0 : kStrata)) {
        return "has " + std::to_string(trial.strata.size()) + " strata of images";
    }
    if (const auto problem = problemWith(trial.counts)) return problem;
    return problemWith(trial.strata, trial.counts);
}

/// Makes a whole new store under another name first so that no half of one is ever seen.
void createStore(const std::filesystem::path& path, const CampaignSpec& campaign,
                 const Shard& shard) {
    writeAtomically(path, [&](const std::filesystem::path& temporary) {
        const std::string doing = "cannot be made";
        const Connection db(temporary, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path.string());
        // Nobody else sees this file and it is flushed as a whole before it gets its name. Without
        // any journal there would be no other file either, but SQLite refuses that here.
        db.run("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; BEGIN", doing);
        db.run(kMetaTable, doing);
        db.run(TrialTable(campaign.precision.has_value()).create(), doing);
        markVersion(db, doing);
        {
            Statement insert(db, "INSERT INTO meta VALUES('campaign', ?), ('fingerprint', ?)",
                             doing);
            insert.bind(1, toJson(campaign));
            insert.bind(2, fingerprint(campaign));
            insert.step();
        }
        if (!shard.isWhole()) {
            Statement insert(db, "INSERT INTO meta VALUES('shard', ?)", doing);
            insert.bind(1, toString(shard));
            insert.step();
        }
        db.run("COMMIT", doing);
    });
}

/// Removes what a creation that was killed left behind.
void removeLeftovers(const std::filesystem::path& folder) {
    const std::string prefix = std::string(ResultsStore::kFileName) + ".";
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.compare(0, prefix.size(), prefix) == 0 && entry.path().extension() == ".part") {
            std::filesystem::remove(entry.path(), ignored);
        }
    }
}

/// Throws Error unless the file is one of ours, of a version we know, and sound.
TrialTable checkStore(const Connection& db) {
    checkVersion(db);
    Statement check(db, "PRAGMA quick_check(1)", "cannot be read");
    if (check.step() && check.text(0) != "ok") {
        throw Error(db.path(),
                    "is damaged (" + check.text(0) + "); move it away and run the campaign again");
    }
    return TrialTable(db);
}

std::optional<std::string> metaValue(const Connection& db, const std::string& name) {
    Statement select(db, "SELECT value FROM meta WHERE name = ?", "cannot be read");
    select.bind(1, name);
    if (!select.step()) return std::nullopt;
    return select.text(0);
}

CampaignSpec readCampaign(const Connection& db) {
    auto campaign =
        campaignFromJson(metaValue(db, "campaign").value_or(""), db.path() + ":meta/campaign");
    if (metaValue(db, "fingerprint") != fingerprint(campaign)) {
        throw Error(db.path() + ":meta/campaign", "is damaged: its fingerprint doesn't match");
    }
    return campaign;
}

Shard readShard(const Connection& db) {
    const auto text = metaValue(db, "shard");
    if (!text) return {};
    try {
        return shardFromString(db.path() + ":meta/shard", *text);
    } catch (const UsageError& error) {
        throw Error(db.path(), "is damaged: " + std::string(error.what()));
    }
}

std::string describe(const Shard& shard) {
    return shard.isWhole() ? "the whole campaign" : "shard " + toString(shard);
}

}  // namespace

struct ResultsStore::Impl {
    Impl(std::filesystem::path storePath, int flags, std::unique_ptr<FolderLock> folderLock)
        : path(std::move(storePath)),
          lock(std::move(folderLock)),
          db(path, flags, path.string()),
          table(checkStore(db)),
          campaign(readCampaign(db)),
          shard(readShard(db)) {}
    ~Impl() {
        if (!lock) return;
        // Fold the write-ahead log into the file, which then can be copied or read from a read-only
        // disk alone. A reader may prevent it; nothing is lost then.
        sqlite3_busy_timeout(db.get(), 0);
        sqlite3_exec(db.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// Returns the trial in the present row, checked against its checksum and for what can be.
    TrialResult readTrial(const Statement& select) const {
        const auto place = path.string() + ":trial";
        const auto trial = table.read(select, place);
        if (const auto problem = problemWith(campaign, trial)) {
            throw Error(place, describe(trial.key) + " " + *problem);
        }
        return trial;
    }

    std::optional<TrialResult> find(const TrialKey& key) const {
        Statement select(db,
                         "SELECT " + table.columns() +
                             " FROM trial WHERE network=? AND point=? AND chip=? AND \"offset\"=?",
                         "cannot be read");
        select.bind(1, key.network);
        select.bind(2, key.point);
        select.bind(3, key.chip);
        select.bind(4, key.offset);
        if (!select.step()) return std::nullopt;
        return readTrial(select);
    }

    /// Inserts a trial after checking it; false if it is there already.
    bool insert(const TrialResult& trial) const {
        const auto place = path.string();
        if (const auto problem = problemWith(campaign, trial)) {
            throw Error(place, describe(trial.key) + " can't be recorded: it " + *problem);
        }
        if (const auto stored = find(trial.key)) {
            if (*stored == trial) return false;
            throw Error(place, describe(trial.key) +
                                   " is there with other counts; the same trial must "
                                   "give the same counts");
        }
        Statement insert(
            db, "INSERT INTO trial(" + table.columns() + ") VALUES(" + table.placeholders() + ")",
            "cannot record a trial");
        table.bind(insert, trial, place);
        insert.step();
        return true;
    }

    /// Throws Error unless a trial that was committed is in the file as written: another program
    /// may have put a trigger into the file since it was opened.
    void expectKept(const TrialResult& trial) const {
        const auto kept = find(trial.key);
        if (kept && *kept == trial) return;
        throw Error(path.string(), describe(trial.key) +
                                       " was written but is not there: something else changes "
                                       "this file; move it away and run the campaign again");
    }

    std::filesystem::path path;
    std::unique_ptr<FolderLock> lock;  // absent when read-only; released after the file is closed
    Connection db;
    TrialTable table;
    CampaignSpec campaign;
    Shard shard;
    std::mutex mutex;
};

ResultsStore::ResultsStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResultsStore::ResultsStore(ResultsStore&&) noexcept = default;
ResultsStore& ResultsStore::operator=(ResultsStore&&) noexcept = default;
ResultsStore::~ResultsStore() = default;

ResultsStore ResultsStore::createOrResume(const std::filesystem::path& folder,
                                          const CampaignSpec& campaign, const Shard& shard) {
    validate(campaign);
    const auto path = folder / kFileName;
    makeWritableFolder(folder);
    auto lock = std::make_unique<FolderLock>(folder, path.string());
    removeLeftovers(folder);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        createStore(path, campaign, shard);
        lock->flush();
    }
    auto impl = std::make_unique<Impl>(path, SQLITE_OPEN_READWRITE, std::move(lock));
    if (const auto difference = firstDifference(impl->campaign, campaign)) {
        throw Error(path.string(),
                    "holds another campaign: " + *difference + "; choose another folder");
    }
    if (impl->shard != shard) {
        throw Error(path.string(), "holds the trials of " + describe(impl->shard) +
                                       ", and this run is for " + describe(shard) +
                                       "; choose another folder");
    }
    // EXTRA is FULL in a write-ahead log; where a file system can't have one, SQLite keeps its
    // rollback journal and EXTRA makes that as durable.
    impl->db.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=EXTRA", "cannot be written");
    return ResultsStore(std::move(impl));
}

ResultsStore ResultsStore::openReadOnly(const std::filesystem::path& folder) {
    const auto path = folder / kFileName;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        throw Error(folder.string(), std::string("holds no results: there is no ") + kFileName);
    }
    // Not SQLITE_OPEN_READONLY: what a killed campaign left unfinished in the file can be put right
    // only by a connection that may write. Where the file can't be written, SQLite makes it
    // read-only by itself.
    auto impl = std::make_unique<Impl>(path, SQLITE_OPEN_READWRITE, nullptr);
    impl->db.run("PRAGMA query_only=ON", "cannot be read");
    return ResultsStore(std::move(impl));
}

const std::filesystem::path& ResultsStore::path() const { return impl_->path; }
const CampaignSpec& ResultsStore::campaign() const { return impl_->campaign; }
Shard ResultsStore::shard() const { return impl_->shard; }

void ResultsStore::record(const TrialResult& trial) {
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    // A statement outside BEGIN and COMMIT is a transaction of its own.
    if (impl_->insert(trial)) impl_->expectKept(trial);
}

void ResultsStore::recordAll(const std::vector<TrialResult>& trials) {
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    const std::string doing = "cannot record trials";
    impl_->db.run("BEGIN IMMEDIATE", doing);
    try {
        for (const auto& trial : trials) impl_->insert(trial);
        impl_->db.run("COMMIT", doing);
    } catch (...) {
        sqlite3_exec(impl_->db.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        throw;
    }
    for (const auto& trial : trials) impl_->expectKept(trial);
}

bool ResultsStore::contains(const TrialKey& key) const {
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    return impl_->find(key).has_value();
}

std::uint64_t ResultsStore::size() const {
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    Statement count(impl_->db, "SELECT count(*) FROM trial", "cannot be read");
    return count.step() ? static_cast<std::uint64_t>(count.integer(0)) : 0;
}

std::vector<TrialKey> ResultsStore::finishedKeys() const {
    std::vector<TrialKey> keys;
    for (const auto& trial : all()) keys.push_back(trial.key);
    return keys;
}

std::vector<TrialResult> ResultsStore::all() const {
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    Statement select(impl_->db,
                     "SELECT " + impl_->table.columns() +
                         " FROM trial ORDER BY network, point, chip, \"offset\"",
                     "cannot be read");
    std::vector<TrialResult> trials;
    while (select.step()) trials.push_back(impl_->readTrial(select));
    return trials;
}

void ResultsStore::setNote(const std::string& name, const std::string& text) {
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    Statement replace(impl_->db, "INSERT OR REPLACE INTO meta VALUES(?, ?)", "cannot be written");
    replace.bind(1, "note/" + name);
    replace.bind(2, text);
    replace.step();
}

std::optional<std::string> ResultsStore::note(const std::string& name) const {
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    return metaValue(impl_->db, "note/" + name);
}

}  // namespace brownout
