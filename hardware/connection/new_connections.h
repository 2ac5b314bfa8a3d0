#pragma once

#include <chrono>
#include <thread>

#include "hardware/connection/link_trouble.h"

namespace brownout {

/// Returns what `work` returns. Where the link gives trouble, calls `drop`, which ends the
/// connection and with it whatever is still under way on it, waits a little and calls `work` again,
/// which makes a new one; after `most` connections throws the LinkTrouble.
template <typename Drop, typename Work>
auto overNewConnections(unsigned most, const Drop& drop, const Work& work) {
    std::chrono::milliseconds pause(4);
    for (unsigned connection = 1;; ++connection) {
        try {
            return work();
        } catch (const LinkTrouble&) {
            drop();
            if (connection >= most) throw;
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

}  // namespace brownout
