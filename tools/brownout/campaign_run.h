#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emulation/campaign.h"
#include "emulation/shard.h"
#include "tools/brownout/command_line.h"
#include "tools/results/results_store.h"

namespace brownout {

/// Adds the options that say where the results of a campaign go.
void addRunOptions(CommandLine& line);

/// Opens the store in the folder of --out, from which the same command goes on after an interrupt,
/// which then says so; nothing without --out. `command` and `arguments` are the command that the
/// page tells how to repeat. Throws Error if the folder holds another campaign.
std::optional<ResultsStore> openStore(const Campaign& campaign, const Shard& shard,
                                      const CommandLine& line, const std::string& command,
                                      const std::vector<std::string>& arguments);

/// The trials of a campaign, and what they amount to.
struct CampaignResults {
    std::vector<TrialResult> trials;
    Summary summary;
};

/// Runs the trials of the shard that `store` (if any) doesn't hold yet, with progress, and returns
/// all. Says what a user should know before trusting them.
CampaignResults runWithProgress(const Campaign& campaign, const Shard& shard,
                                const CommonOptions& common, ResultsStore* store);

/// Runs what is left of a campaign, with progress, and puts its results out as the options say:
/// printed, and kept in the store of openStore().
ExitStatus runAndPutOut(const Campaign& campaign, const Shard& shard, const CommandLine& line,
                        const std::string& command, const std::vector<std::string>& arguments);

}  // namespace brownout
