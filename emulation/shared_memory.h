#pragma once

#include <memory>
#include <mutex>

#include "emulation/memories.h"

namespace brownout {

/// A memory that all threads of a campaign use in turn, and its socket.
struct Bench {
    std::unique_ptr<WeightMemory> memory;
    ChipSocket* socket = nullptr;  ///< the memory's own
    std::mutex mutex;
    const void* user = nullptr;  ///< memory of the thread whose chip is in the socket
};

/// Returns a memory of one thread's own, as far as the thread can tell: it keeps what was written,
/// and puts it into the memory of `bench` when it is read. For hardware of which there is one, or
/// that does one thing at a time, so that nothing is lost by sharing.
CampaignMemory shareOf(std::shared_ptr<Bench> bench);

}  // namespace brownout
