#include "tools/results/results_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <mutex>

#include "base/atomic_file.h"
#include "base/error.h"
#include "tools/results/campaign_identity.h"
#include "tools/results/sqlite_handles.h"

namespace brownout {
namespace {

constexpr int kApplicationId = 0x42524f57;  // "BROW": tells our files from other SQLite files
constexpr int kSchemaVersion = 1;

constexpr const char* kSchema = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE trial(
    network INTEGER NOT NULL, point INTEGER NOT NULL, chip INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    images INTEGER NOT NULL, wrong_clean INTEGER NOT NULL, wrong_perturbed INTEGER NOT NULL,
    wrong_either INTEGER NOT NULL, bits_read INTEGER NOT NULL, bits_wrong INTEGER NOT NULL,
    failing_cells INTEGER NOT NULL, words_read INTEGER NOT NULL, words_corrected INTEGER NOT NULL,
    words_detected INTEGER NOT NULL, words_miscorrected INTEGER NOT NULL,
    words_silent INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY(network, point, chip, "offset")) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kTrialColumns =
    "network, point, chip, \"offset\", images, wrong_clean, wrong_perturbed, wrong_either, "
    "bits_read, bits_wrong, failing_cells, words_read, words_corrected, words_detected, "
    "words_miscorrected, words_silent, checksum";
constexpr int kNumbersPerTrial = 16;  // without the checksum
using Row = std::array<std::int64_t, kNumbersPerTrial>;

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

std::int64_t checksum(const Row& row) {
    uLong crc = ::crc32(0, nullptr, 0);
    for (const auto number : row) {
        std::array<Bytef, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<Bytef>(static_cast<std::uint64_t>(number) >> (8 * i));
        }
        crc = ::crc32(crc, bytes.data(), bytes.size());
    }
    return static_cast<std::int64_t>(crc);
}

Row toRow(const TrialKey& key, const TrialCounts& counts) {
    const auto keyPart = std::apply(
        [](auto... field) { return std::array{static_cast<std::int64_t>(field)...}; }, fields(key));
    const auto countPart =
        std::apply([](auto... field) { return std::array{static_cast<std::int64_t>(field)...}; },
                   fields(counts));
    Row row{};
    static_assert(keyPart.size() + countPart.size() == kNumbersPerTrial);
    std::copy(countPart.begin(), countPart.end(),
              std::copy(keyPart.begin(), keyPart.end(), row.begin()));
    return row;
}

TrialResult fromRow(const Row& row) {
    const auto count = [&](int i) { return static_cast<std::uint64_t>(row[i]); };
    const auto index = [&](int i) { return static_cast<std::uint32_t>(row[i]); };
    return {{index(0), index(1), index(2), index(3)},
            {count(4), count(5), count(6), count(7), count(8), count(9), count(10), count(11),
             count(12), count(13), count(14), count(15)}};
}

std::string describe(const TrialKey& key) {
    return "the trial (network " + std::to_string(key.network) + ", point " +
           std::to_string(key.point) + ", chip " + std::to_string(key.chip) + ", offset " +
           std::to_string(key.offset) + ")";
}

/// What is wrong with a trial in this campaign, or nothing.
std::optional<std::string> problemWith(const CampaignSpec& campaign, const TrialKey& key,
                                       const TrialCounts& c) {
    if (key.network >= campaign.networks.size() || key.point >= campaign.points.size() ||
        key.chip >= campaign.chips || key.offset >= campaign.offsets.size()) {
        return "is not part of the campaign";
    }
    if (c.images != campaign.images) {
        return "has " + std::to_string(c.images) + " images; expected " +
               std::to_string(campaign.images);
    }
    if (std::max({c.wrongClean, c.wrongPerturbed, c.wrongEither}) > c.images) {
        return "has more wrong images than images";
    }
    if (c.wrongEither < std::max(c.wrongClean, c.wrongPerturbed) ||
        c.wrongEither > c.wrongClean + c.wrongPerturbed) {
        return "has counts of wrong images that contradict each other";
    }
    if (c.bitsWrong > c.bitsRead) return "has more wrong bits than bits read";
    if (c.wordsCorrected + c.wordsDetected + c.wordsMiscorrected + c.wordsSilent > c.wordsRead) {
        return "has more words with errors than words read";
    }
    const auto row = toRow(key, c);
    if (std::any_of(row.begin(), row.end(), [](std::int64_t n) { return n < 0; })) {
        return "has a count of 2^63 or more";
    }
    return std::nullopt;
}

/// A whole new store, made under another name first so that no half of one is ever seen.
void createStore(const std::filesystem::path& path, const CampaignSpec& campaign) {
    writeAtomically(path, [&](const std::filesystem::path& temporary) {
        const std::string doing = "cannot be made";
        const Connection db(temporary, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path.string());
        // Nobody else sees this file and it is flushed as a whole before it gets its name.
        db.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN", doing);
        db.run(kSchema, doing);
        db.run("PRAGMA application_id=" + std::to_string(kApplicationId) +
                   "; PRAGMA user_version=" + std::to_string(kSchemaVersion),
               doing);
        {
            Statement insert(db, "INSERT INTO meta VALUES('campaign', ?), ('fingerprint', ?)",
                             doing);
            insert.bind(1, toJson(campaign));
            insert.bind(2, fingerprint(campaign));
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

std::int64_t pragma(const Connection& db, const std::string& name) {
    Statement statement(db, "PRAGMA " + name, "cannot be read");
    return statement.step() ? statement.integer(0) : 0;
}

/// Throws Error unless the file is one of ours, of a version we know, and sound.
void checkStore(const Connection& db) {
    if (pragma(db, "application_id") != kApplicationId) {
        throw Error(db.path(), "is not a store of Brownout results");
    }
    const auto version = pragma(db, "user_version");
    if (version != kSchemaVersion) {
        throw Error(db.path(), "has store version " + std::to_string(version) +
                                   "; this Brownout knows version " +
                                   std::to_string(kSchemaVersion));
    }
    Statement check(db, "PRAGMA quick_check(1)", "cannot be read");
    if (check.step() && check.text(0) != "ok") {
        throw Error(db.path(),
                    "is damaged (" + check.text(0) + "); move it away and run the campaign again");
    }
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

}  // namespace

struct ResultsStore::Impl {
    Impl(std::filesystem::path storePath, int flags, std::unique_ptr<FolderLock> folderLock)
        : path(std::move(storePath)), lock(std::move(folderLock)), db(path, flags, path.string()) {
        checkStore(db);
        campaign = readCampaign(db);
    }
    ~Impl() {
        if (!lock) return;
        // Fold the write-ahead log into the file, which then can be copied or read from a read-only
        // disk alone. A reader may prevent it; nothing is lost then.
        sqlite3_busy_timeout(db.get(), 0);
        sqlite3_exec(db.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// A trial as it is in the store, checked against its checksum.
    TrialResult readTrial(const Statement& select) const {
        Row row{};
        for (int i = 0; i < kNumbersPerTrial; ++i) row[i] = select.integer(i);
        const auto trial = fromRow(row);
        if (select.integer(kNumbersPerTrial) != checksum(row)) {
            throw Error(path.string() + ":trial",
                        describe(trial.key) + " is damaged: its checksum doesn't match");
        }
        if (const auto problem = problemWith(campaign, trial.key, trial.counts)) {
            throw Error(path.string() + ":trial", describe(trial.key) + " " + *problem);
        }
        return trial;
    }

    std::optional<TrialResult> find(const TrialKey& key) const {
        Statement select(db,
                         std::string("SELECT ") + kTrialColumns +
                             " FROM trial WHERE network=? AND point=? AND chip=? AND \"offset\"=?",
                         "cannot be read");
        select.bind(1, key.network);
        select.bind(2, key.point);
        select.bind(3, key.chip);
        select.bind(4, key.offset);
        if (!select.step()) return std::nullopt;
        return readTrial(select);
    }

    std::filesystem::path path;
    std::unique_ptr<FolderLock> lock;  // absent when read-only; released after the file is closed
    Connection db;
    CampaignSpec campaign;
    std::mutex mutex;
};

ResultsStore::ResultsStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResultsStore::ResultsStore(ResultsStore&&) noexcept = default;
ResultsStore& ResultsStore::operator=(ResultsStore&&) noexcept = default;
ResultsStore::~ResultsStore() = default;

ResultsStore ResultsStore::createOrResume(const std::filesystem::path& folder,
                                          const CampaignSpec& campaign) {
    validate(campaign);
    const auto path = folder / kFileName;
    makeWritableFolder(folder);
    auto lock = std::make_unique<FolderLock>(folder, path.string());
    removeLeftovers(folder);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        createStore(path, campaign);
        lock->flush();
    }
    auto impl = std::make_unique<Impl>(path, SQLITE_OPEN_READWRITE, std::move(lock));
    if (const auto difference = firstDifference(impl->campaign, campaign)) {
        throw Error(path.string(),
                    "holds another campaign: " + *difference + "; choose another folder");
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

void ResultsStore::record(const TrialKey& key, const TrialCounts& counts) {
    const auto place = impl_->path.string();
    if (const auto problem = problemWith(impl_->campaign, key, counts)) {
        throw Error(place, describe(key) + " can't be recorded: it " + *problem);
    }
    const std::lock_guard<std::mutex> guard(impl_->mutex);
    if (const auto stored = impl_->find(key)) {
        if (stored->counts == counts) return;
        throw Error(place, describe(key) +
                               " is there with other counts; the same trial must "
                               "give the same counts");
    }
    // A statement outside BEGIN and COMMIT is a transaction of its own.
    Statement insert(impl_->db,
                     std::string("INSERT INTO trial(") + kTrialColumns +
                         ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                     "cannot record a trial");
    const auto row = toRow(key, counts);
    for (int i = 0; i < kNumbersPerTrial; ++i) insert.bind(i + 1, row[i]);
    insert.bind(kNumbersPerTrial + 1, checksum(row));
    insert.step();
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
                     std::string("SELECT ") + kTrialColumns +
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
