#pragma once

#include <cstdint>
#include <vector>

#include "inference/dataset.h"
#include "inference/executor.h"
#include "inference/quantized_network.h"
#include "model/fault_overlay.h"
#include "model/memory_map.h"
#include "tools/campaign/counts.h"

namespace brownout {

/// Class that the network gives an image, or kNoClass if an output is not a number.
using Prediction = std::uint16_t;
constexpr Prediction kNoClass = 0xFFFF;

/// Predictions for images [first, first + count), with whatever weights the executor has at the
/// moment.
std::vector<Prediction> classify(Executor& executor, const Dataset& data, std::size_t first,
                                 std::size_t count);

/// How the codes of a network lie in a memory.
MemoryMap layOut(const QuantizedNetwork& network, const SramGeometry& geometry,
                 const LayoutSettings& layout);

/// The words that hold a network: its codes packed by the map.
std::vector<Word> weightImage(const QuantizedNetwork& network, const MemoryMap& map);

/// What injecting faults into a network did to the words read.
struct InjectionCounts {
    std::uint64_t bitsRead = 0;
    std::uint64_t bitsWrong = 0;
    std::uint64_t failingCells = 0;
    std::uint64_t wordsRead = 0;
    std::uint64_t codesChanged = 0;
};

/// Patches the weights of the executor to what the memory returns for `image`, touching only words
/// with faults. `restore()` of the executor undoes it. Cost: proportional to the faulty words.
InjectionCounts inject(const FaultOverlay& faults, const MemoryMap& map,
                       const std::vector<Word>& image, Executor& executor);

/// What all trials of a network share: the words that hold it, and what it says without faults.
struct NetworkUnderTest {
    const QuantizedNetwork& network;
    std::vector<Word> image;
    std::vector<Prediction> clean;  ///< one an image of the campaign
};

/// One trial: a chip at a supply in one layout. Injects, classifies all images of `network.clean`,
/// restores. A trial whose faults change no code has the clean result and costs no inference.
TrialCounts runTrial(const NetworkUnderTest& network, const FaultOverlay& faults,
                     const MemoryMap& map, const Dataset& data, Executor& executor);

}  // namespace brownout
