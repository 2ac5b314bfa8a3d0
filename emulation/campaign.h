#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "emulation/campaign_spec.h"
#include "emulation/request.h"
#include "emulation/runner.h"
#include "emulation/summary.h"

namespace brownout {

/// A campaign made ready: every input read and checked, nothing run yet. Trials are pure functions
/// of their key, so a campaign may be run in parts, by several threads, and on several machines.
class Campaign {
 public:
    /// Resolves a request. Throws UsageError, its place the name of the wrong member as the command
    /// line spells it ("chips", "offsets", "ber", "protection"), and Error where a file is wrong or
    /// things don't fit together.
    explicit Campaign(CampaignRequest request);
    Campaign(Campaign&&) noexcept;
    Campaign& operator=(Campaign&&) noexcept;
    ~Campaign();

    /// Returns all that decides the results: what a results store keeps as the campaign's identity.
    const CampaignSpec& spec() const;
    /// Returns the profile of the chips; absent under uniform errors.
    const std::optional<Profile>& profile() const;
    /// Returns the source of the chips, to make memories of one's own with.
    const std::shared_ptr<ChipSource>& chips() const;
    /// Returns the arrays of every chip.
    const SramGeometry& geometry() const;
    /// Returns the protection of each row, that is of each network of spec().
    const std::vector<std::shared_ptr<const Protection>>& protections() const;
    /// Returns what a user should know before trusting the results, a line each.
    const std::vector<std::string>& warnings() const;
    /// Returns a warning for each network whose error without faults is that of guessing.
    std::vector<std::string> warningsAbout(const Summary& summary) const;

    /// Puts every word through memories of ours: "functional", "systemc", "rtl", or the address of
    /// an FPGA, whose campaign is the same wherever it is. Without this, trials patch faulty words
    /// directly, which gives the same results far faster. Throws as memoriesNamed does
    /// (memories.h).
    void putThrough(const std::string& name);
    /// Puts every word through memories that `factory` makes; `name` becomes part of the campaign.
    void putThrough(const std::string& name, MemoryFactory factory);

    /// Runs the trials of a campaign without a precision for which `isDone` is false, and returns
    /// how many threads the system would not start; see runCampaign.
    unsigned run(unsigned threads, const std::function<bool(const TrialKey&)>& isDone,
                 const TrialSink& sink) const;

    /// Runs a campaign with a precision from the trials that are finished to its end; see
    /// runAdaptive. Throws Error if the campaign has none.
    unsigned runAdaptive(unsigned threads, std::vector<TrialResult> finished,
                         const TrialSink& sink) const;

    /// Runs all trials on `threads` threads (0: as many as the machine has) and returns what they
    /// amount to.
    Summary run(unsigned threads = 0) const;

 private:
    CampaignInputs inputs() const;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace brownout
