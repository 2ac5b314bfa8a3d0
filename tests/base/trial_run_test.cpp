// Trial runs in a child process, and what other threads have locked when it is made.

#include "base/trial_run.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/error.h"

namespace brownout {
namespace {

const Trial kChip{"chip.h5", "the HDF5 library", 2};

/// Returns what() of the Error that `action` throws, or "" without one.
std::string errorOf(const std::function<void()>& action) {
    try {
        action();
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

/// A number that child processes count up and this one reads.
class SharedCount {
 public:
    SharedCount()
        : memory_(::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
          count_(memory_ == MAP_FAILED ? throw std::bad_alloc()
                                       : new (memory_) std::atomic<int>(0)) {}
    ~SharedCount() { ::munmap(memory_, sizeof(std::atomic<int>)); }
    SharedCount(const SharedCount&) = delete;
    SharedCount& operator=(const SharedCount&) = delete;

    void up() const { ++*count_; }
    int get() const { return *count_; }

 private:
    void* memory_;
    std::atomic<int>* count_;
};

/// `child` in trial runs while another thread holds `lock`, for good or until the first child has
/// begun; the error or "", how many children were made, and how long it took.
struct Tried {
    std::string error;
    int children = 0;
    std::chrono::duration<double> time{};
};

Tried tryBesideAThread(bool letsGo, const std::function<void(std::mutex&)>& child) {
    const SharedCount begun;
    std::mutex lock;
    std::atomic<bool> held{false};
    std::atomic<bool> done{false};
    std::thread other([&] {
        const std::lock_guard<std::mutex> guard(lock);
        held = true;
        while (!done && !(letsGo && begun.get() > 0)) std::this_thread::yield();
    });
    while (!held) std::this_thread::yield();
    Tried tried;
    const auto start = std::chrono::steady_clock::now();
    try {
        tryInChild(kChip, [&] {
            begun.up();
            child(lock);
        });
    } catch (const Error& error) {
        tried.error = error.what();
    }
    tried.time = std::chrono::steady_clock::now() - start;
    done = true;
    other.join();
    tried.children = begun.get();
    return tried;
}

void sleepOn(std::mutex& lock) { const std::lock_guard<std::mutex> guard(lock); }

void spinOn(std::mutex& lock) {
    while (!lock.try_lock()) {
    }
    lock.unlock();
}

TEST(TrialRun, PassesWhatEndsWhetherItThrowsOrNot) {
    const SharedCount runs;
    tryInChild(kChip, [&] { runs.up(); });
    tryInChild(kChip, [&] {
        runs.up();
        throw std::runtime_error("told in the parent");
    });
    EXPECT_EQ(runs.get(), 2);
}

TEST(TrialRun, NamesTheFileThatCrashesOrLoops) {
    EXPECT_EQ(errorOf([] { tryInChild(kChip, [] { std::raise(SIGSEGV); }); }),
              "chip.h5: is damaged: it makes the HDF5 library crash");
    volatile bool forever = true;
    EXPECT_EQ(errorOf([&] {
                  tryInChild(kChip, [&] {
                      while (forever) {
                      }
                  });
              }),
              "chip.h5: is damaged: the HDF5 library doesn't come to an end with it");
}

TEST(TrialRun, TriesAgainWhereAThreadHeldALockThatTheChildSleepsOn) {
    const Tried tried = tryBesideAThread(true, sleepOn);
    EXPECT_EQ(tried.error, "");
    EXPECT_LT(tried.time.count(), 20);  // instead of the minute after which nothing is waited for
    EXPECT_GE(tried.children, 2);       // more where the machine stands still for a second
}

TEST(TrialRun, TriesAgainWhereAThreadHeldALockThatTheChildSpinsOn) {
    const Tried tried = tryBesideAThread(true, spinOn);
    EXPECT_EQ(tried.error, "");
    EXPECT_GE(tried.children, 2);  // more where the machine stands still for a second
}

TEST(TrialRun, ALockThatIsNeverFreeIsNoDamage) {
    const Tried tried = tryBesideAThread(false, sleepOn);
    EXPECT_EQ(tried.error,
              "chip.h5: can't be checked: the child process that reads it makes no headway");
    EXPECT_EQ(tried.children, 5);
}

}  // namespace
}  // namespace brownout
