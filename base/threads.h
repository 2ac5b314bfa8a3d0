#pragma once

#include <atomic>
#include <functional>

namespace brownout {

/// Calls `work(worker)` on up to `count` threads (at least 1), the calling one among them, each
/// with a number of its own from 0 up. Returns how many threads there were: fewer than `count`
/// where the system starts no more, as in a container with a limit on processes; `work` must
/// therefore share its items among the workers that come for them. `work` is to return early once
/// `stop` is set, which happens when any of them throws; the first exception is thrown here after
/// all have ended.
unsigned onThreads(unsigned count, std::atomic<bool>& stop,
                   const std::function<void(unsigned worker)>& work);

}  // namespace brownout
