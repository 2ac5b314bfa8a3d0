#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emulation/request.h"
#include "emulation/trial.h"

namespace brownout {

/// A network in the weight memory of a scenario, with its images: all that chips and threads share.
struct ScenarioSubject {
    EncodedNetwork network;
    Dataset data;  ///< images in the layout of the network
    std::shared_ptr<const Task> task;
    std::shared_ptr<const Protection> protection;
    CheckPlacement placement;
    MemoryMap map;
    NetworkUnderTest tested;
    std::vector<std::string> notes;  ///< what a user should know before trusting the results

    std::size_t images() const { return tested.clean.size(); }
    /// Makes an engine for one thread, with the weights as the protection prepares them.
    std::unique_ptr<Engine> makeEngine() const;
    /// Returns the cells of a word with check bits, relative to those without.
    double accessCost() const;
};

/// Stores a network in its first format in arrays of this geometry under the first protection
/// of `memory`, and runs the images without faults. Throws Error where things don't fit together,
/// UsageError naming the member of the request.
ScenarioSubject scenarioSubject(NetworkRequest network, const Dataset& data,
                                const MemoryRequest& memory, const SramGeometry& geometry);

}  // namespace brownout
