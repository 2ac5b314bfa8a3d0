#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "emulation/placement.h"
#include "inference/executor.h"
#include "model/coded_overlay.h"
#include "model/faults_at_supply.h"
#include "model/memory_map.h"
#include "model/weight_memory.h"

namespace brownout {

/// A code of a network that isn't what the number format made of the weight.
struct ChangedCode {
    std::uint32_t tensor = 0;   ///< index into storedTensors()
    std::uint64_t element = 0;  ///< of the tensor
    Code code = 0;
};

/// A network in a memory: its codes packed into words as they are stored, and the protection they
/// are stored under.
struct StoredNetwork {
    std::vector<Word> image;
    std::shared_ptr<const Protection> protection;
    /// Knows the code of zero that stands for a code detected as wrong; null: the codes stay as the
    /// memory returns them.
    std::shared_ptr<const CodeValues> substitutes;
    /// Codes that the protection changed before they were stored. The network without faults has
    /// these, too.
    std::vector<ChangedCode> prepared;
};

/// Packs a network by the map and prepares it for the protection, which must be for the map's words
/// and blocks. With kZeroWeight the substitute of a tensor is the code whose weight is nearest to
/// 0, the lowest of equals. Throws Error if the protection doesn't fit the map.
StoredNetwork storeNetwork(const EncodedNetwork& network, const MemoryMap& map,
                           std::shared_ptr<const Protection> protection,
                           DetectedPolicy policy = DetectedPolicy::kZeroCode);

/// What reading a network back did. Cells are data and check bits alike; words are compared as they
/// are decoded, before detected ones are substituted.
struct InjectionCounts {
    std::uint64_t bitsRead = 0;
    std::uint64_t bitsWrong = 0;
    std::uint64_t failingCells = 0;
    std::uint64_t wordsRead = 0;
    std::uint64_t wordsCorrected = 0;
    std::uint64_t wordsDetected = 0;
    std::uint64_t wordsMiscorrected = 0;
    std::uint64_t wordsSilent = 0;
    std::uint64_t codesChanged = 0;
};

/// Patches the weights of the executor, which must have the prepared codes, to what a memory with
/// these faults returns for the network, touching only faulty coded words. `restore()` of the
/// executor undoes it. `faults` are over the geometry of the map, which is the data geometry of a
/// CheckPlacement. Cost: proportional to the faulty words.
InjectionCounts inject(const CodedOverlay& faults, const MemoryMap& map,
                       const StoredNetwork& network, Executor& executor);

/// The same through a memory: writes the network, sets the supply, reads every word back and
/// patches the codes that differ. The words and their statuses are the memory's; `faults` only
/// serve to count cells, which no port shows, so they must be those the memory has at that supply.
/// A network larger than the memory goes through it in turns, as in an accelerator that reuses it.
/// Words of the memory that hold nothing of the network are neither written nor read.
///
/// How a memory is put under a campaign: runner.h, MemoryFactory.
InjectionCounts injectThrough(WeightMemory& memory, double supply, const CodedOverlay& faults,
                              const MemoryMap& map, const StoredNetwork& network,
                              Executor& executor);

}  // namespace brownout
