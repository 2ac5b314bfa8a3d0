#include "base/threads.h"

#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace brownout {

unsigned onThreads(unsigned count, std::atomic<bool>& stop,
                   const std::function<void(unsigned worker)>& work) {
    std::mutex mutex;
    std::exception_ptr failure;
    const auto guarded = [&](unsigned worker) {
        try {
            work(worker);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex);
            if (!failure) failure = std::current_exception();
            stop = true;
        }
    };
    std::vector<std::thread> others;
    others.reserve(count);
    try {
        while (others.size() + 1 < count) {
            others.emplace_back(guarded, static_cast<unsigned>(others.size() + 1));
        }
    } catch (const std::system_error&) {
        // The threads that there are do the work.
    }
    guarded(0);
    for (std::thread& thread : others) thread.join();
    if (failure) std::rethrow_exception(failure);
    return static_cast<unsigned>(others.size() + 1);
}

}  // namespace brownout
