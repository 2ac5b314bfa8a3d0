#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "emulation/faulty_values.h"
#include "emulation/injection.h"
#include "emulation/memories.h"
#include "emulation/task.h"
#include "emulation/trial_counts.h"
#include "inference/data/dataset.h"
#include "inference/engines/engine.h"
#include "inference/formats/encoded_network.h"

namespace brownout {

/// Images that are run with the weights of one load: `count` of them from `first` on, or those that
/// are chosen, if any are.
struct ImageRange {
    std::size_t first = 0;
    std::size_t count = 0;
    Span<const std::uint32_t> chosen = {};

    ImageRange(std::size_t firstImage, std::size_t images) : first(firstImage), count(images) {}
    explicit ImageRange(Span<const std::uint32_t> images) : count(images.size()), chosen(images) {}

    /// Returns the number of the i-th image.
    std::size_t at(std::size_t i) const { return chosen.empty() ? first + i : chosen[i]; }
};

/// Returns the scores of images under a task, with whatever weights the engine has at the moment.
/// Where `kept` has the activations of the images without faults, what comes before the first patch
/// isn't computed again; scores are the same.
std::vector<double> scoresOf(Engine& engine, const Task& task, const Dataset& data,
                             const ImageRange& images, const Prefixes* kept = nullptr);

/// Returns the scores of images without faults, keeps their activations in `keep`, if given, and
/// adds to `margins` the margin of each (Task::margin).
std::vector<double> cleanScoresOf(Engine& engine, const Task& task, const Dataset& data,
                                  const ImageRange& images, Prefixes* keep,
                                  std::vector<double>& margins);

/// A network in its memory, as all its trials share it.
struct NetworkUnderTest {
    std::shared_ptr<const StoredNetwork> stored;  ///< shared by the parts of a network
    std::vector<double> clean;  ///< scores without faults, one an image of the campaign
    /// Activations without faults, kept for runs that begin behind them; null for none.
    std::shared_ptr<Prefixes> prefixes = {};
    std::shared_ptr<const FaultSelection> selection = {};  ///< cells that may fail; null: all
    bool weightsFail = true;
};

/// The result of one load of a trial.
struct LoadResult {
    TrialCounts counts;          ///< counts of images, words and bits; the task's are absent
    std::vector<double> scores;  ///< scores with faults, one an image of the load
};

/// Runs one load of a trial, or all of it: a chip at a supply in one layout. Injects, runs
/// `images` with `values` read back as they fail (null: as they were written), restores. A load in
/// which no code of a weight changes and no value can fail has the clean scores and costs no
/// inference.
/// The task counts the scores when it has those of all loads.
LoadResult runLoad(const NetworkUnderTest& network, const Task& task, const CodedOverlay& faults,
                   const MemoryMap& map, const Dataset& data, const ImageRange& images,
                   Engine& engine, FaultyRowValues* values = nullptr);

/// Runs a load with the words read through a memory, see injectThrough; puts the chip of `load`
/// into the memory's socket before, if there is one. Throws Error if only some cells may fail.
LoadResult runLoadThrough(const CampaignMemory& memory, const LoadId& load,
                          const OperatingPoint& at, const NetworkUnderTest& network,
                          const Task& task, const MemoryMap& map, const Dataset& data,
                          const ImageRange& images, Engine& engine);

}  // namespace brownout
