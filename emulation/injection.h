#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulation/fault_selection.h"
#include "emulation/placement.h"
#include "inference/engines/engine.h"
#include "model/chip_socket.h"
#include "model/coded_overlay.h"
#include "model/memory_map.h"
#include "model/weight_memory.h"

namespace brownout {

/// A code of a network that isn't what the number format made of the weight.
struct ChangedCode {
    std::uint32_t tensor = 0;   ///< index into storedTensors()
    std::uint64_t element = 0;  ///< number within the tensor
    Code code = 0;
};

/// A network in a memory: its codes packed into words as they are stored, and the protection they
/// are stored under.
struct StoredNetwork {
    std::vector<Word> image;
    std::shared_ptr<const Protection> protection;
    /// The source of the code of zero that stands for a code detected as wrong; null: the codes
    /// stay as the memory returns them.
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

/// Counts of one reading of a network, or of the cells that may fail. Cells are data and check bits
/// alike; words are compared as
/// they are decoded, before detected ones are substituted. A count that can't be known, as with a
/// memory that shows its port only, is absent.
struct InjectionCounts {
    std::uint64_t bitsRead = 0;
    std::optional<std::uint64_t> bitsWrong = 0;
    std::optional<std::uint64_t> failingCells = 0;
    std::uint64_t wordsRead = 0;
    std::uint64_t wordsCorrected = 0;
    std::uint64_t wordsDetected = 0;
    std::uint64_t wordsMiscorrected = 0;
    std::uint64_t wordsSilent = 0;
    std::uint64_t codesChanged = 0;
    /// Sum of the supplies that were measured while the words were read, µV, and how many they are;
    /// absent where the supply is what was asked for.
    std::optional<std::uint64_t> supplyMicrovolts = {};
    std::optional<std::uint64_t> supplyReadings = {};
};

/// Patches the weights of the engine, which must have the prepared codes, to those that a memory
/// with these faults returns for the network, touching only faulty coded words. `restore()` of the
/// engine undoes it. `faults` are over the geometry of the map, which is the data geometry of a
/// CheckPlacement. With a selection only its cells fail, the others read as they were stored, and
/// bits are counted among its cells. Cost: proportional to the faulty words.
InjectionCounts inject(const CodedOverlay& faults, const MemoryMap& map,
                       const StoredNetwork& network, Engine& engine,
                       const FaultSelection* selection = nullptr);

/// Injects through a memory: writes the network, sets the supply, reads every word back and patches
/// the codes that differ. Words and statuses are the memory's. Cells, which no port shows, are
/// counted if the memory has a socket (`cells`, null if not); the wrong ones among them also where
/// nothing stands between cells and port. A network larger than the memory goes through it in
/// turns, as in an accelerator that reuses it. Words of the memory that hold nothing of the network
/// are neither written nor read. The memory is released in the end. Throws Error if the memory
/// isn't as large as the map says.
///
/// memories.h puts memories under a campaign.
InjectionCounts injectThrough(WeightMemory& memory, const ChipSocket* cells,
                              const OperatingPoint& at, const MemoryMap& map,
                              const StoredNetwork& network, Engine& engine);

}  // namespace brownout
