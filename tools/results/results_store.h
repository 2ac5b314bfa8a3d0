#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulation/campaign_spec.h"
#include "emulation/shard.h"
#include "emulation/trial_counts.h"

namespace brownout {

/// The finished trials of one campaign, kept in an SQLite file, `results.sqlite` in the output
/// folder.
///
/// A recorded trial is on the disk when record() returns: neither kill -9 nor a power cut takes it
/// back (write-ahead log, synchronous = FULL: one fsync a trial). A store belongs to one campaign
/// and says so when asked to take another; only one process writes to it at a time, while others
/// may read. Every row carries a checksum, so a damaged file is an Error and never a wrong figure.
///
/// All functions may be called from several threads. All throw Error, one line that names the file,
/// when it can't be opened, read or written, is damaged, or was written by a newer Brownout.
class ResultsStore {
 public:
    static constexpr const char* kFileName = "results.sqlite";

    /// Makes `folder` and a store for `campaign` in it, or opens the one that is there to go on
    /// with. Throws Error if it holds another campaign (naming the first difference) or another
    /// shard of it, or another running process writes to it.
    static ResultsStore createOrResume(const std::filesystem::path& folder,
                                       const CampaignSpec& campaign, const Shard& shard = {});

    /// Opens the store in `folder` for reading, also while a campaign is running or after one was
    /// killed; record() and setNote() throw then. Throws Error if there is none.
    static ResultsStore openReadOnly(const std::filesystem::path& folder);

    ResultsStore(ResultsStore&&) noexcept;
    ResultsStore& operator=(ResultsStore&&) noexcept;
    ~ResultsStore();

    /// Returns the path of the file.
    const std::filesystem::path& path() const;
    /// Returns the campaign that the trials are of.
    const CampaignSpec& campaign() const;

    /// Returns the part of the campaign that the store was made for. It is not part of the
    /// campaign's identity.
    Shard shard() const;

    /// Commits one finished trial. Recording the same counts for a key again changes nothing; other
    /// counts for the same key, a key outside the campaign or more wrong images than images throw
    /// Error. If it throws, the store is as it was.
    void record(const TrialResult& trial);

    /// Records many trials in one transaction: all of them, or none if any is refused as record()
    /// refuses it.
    void recordAll(const std::vector<TrialResult>& trials);

    /// Tells whether the trial is finished.
    bool contains(const TrialKey& key) const;

    /// Returns how many trials are finished.
    std::uint64_t size() const;

    /// Returns the keys of all finished trials, ascending.
    std::vector<TrialKey> finishedKeys() const;

    /// Returns all finished trials, by ascending key.
    std::vector<TrialResult> all() const;

    /// Keeps a remark beside the results, such as the command that made them. It is not part of the
    /// campaign's identity nor of any export.
    void setNote(const std::string& name, const std::string& text);

    /// Returns the remark of that name, or nothing if there is none.
    std::optional<std::string> note(const std::string& name) const;

 private:
    struct Impl;
    explicit ResultsStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace brownout
