#pragma once

#include <cstdint>
#include <vector>

#include "emulation/injection.h"
#include "emulation/memories.h"
#include "emulation/task.h"
#include "emulation/trial_counts.h"
#include "inference/data/dataset.h"
#include "inference/engines/engine.h"
#include "inference/formats/encoded_network.h"

namespace brownout {

/// Returns how images [first, first + count) fare under a task, with whatever weights the engine
/// has at the moment.
std::vector<Outcome> classify(Engine& engine, const Task& task, const Dataset& data,
                              std::size_t first, std::size_t count);

/// A network in its memory, as all its trials share it.
struct NetworkUnderTest {
    StoredNetwork stored;
    std::vector<Outcome> clean;  ///< outcomes without faults, one an image of the campaign
};

/// Images that are classified with the weights of one load.
struct ImageRange {
    std::size_t first = 0;
    std::size_t count = 0;
};

/// Runs one load of a trial, or all of it: a chip at a supply in one layout. Injects, classifies
/// `images`, restores. A load whose faults change no code has the clean result and costs no
/// inference.
TrialCounts runTrial(const NetworkUnderTest& network, const Task& task, const CodedOverlay& faults,
                     const MemoryMap& map, const Dataset& data, const ImageRange& images,
                     Engine& engine);

/// Runs a load with the words read through a memory, see injectThrough; puts the chip of `load`
/// into the memory's socket before, if there is one.
TrialCounts runTrialThrough(const CampaignMemory& memory, const LoadId& load,
                            const OperatingPoint& at, const NetworkUnderTest& network,
                            const Task& task, const MemoryMap& map, const Dataset& data,
                            const ImageRange& images, Engine& engine);

}  // namespace brownout
