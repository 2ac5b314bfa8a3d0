#include "base/threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace brownout {
namespace {

TEST(OnThreads, GivesEachWorkerANumberOfItsOwn) {
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::set<unsigned> workers;
    EXPECT_EQ(onThreads(5, stop,
                        [&](unsigned worker) {
                            const std::lock_guard<std::mutex> lock(mutex);
                            EXPECT_TRUE(workers.insert(worker).second);
                        }),
              5U);
    EXPECT_EQ(workers, (std::set<unsigned>{0, 1, 2, 3, 4}));
    EXPECT_EQ(onThreads(0, stop, [](unsigned worker) { EXPECT_EQ(worker, 0U); }), 1U);
}

TEST(OnThreads, ThrowsTheFirstExceptionAfterAllHaveStopped) {
    std::atomic<bool> stop{false};
    std::atomic<int> ended{0};
    EXPECT_THROW(onThreads(3, stop,
                           [&](unsigned worker) {
                               if (worker == 1) throw std::runtime_error("one");
                               while (!stop) std::this_thread::yield();
                               ++ended;
                           }),
                 std::runtime_error);
    EXPECT_EQ(ended, 2);
}

// The limit on processes does not hold for root, who becomes somebody else first.
TEST(OnThreads, GoOnWithThoseThatCanBeStarted) {
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit none{1, 1};
        if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(10);
        if (::setrlimit(RLIMIT_NPROC, &none) != 0) ::_exit(11);
        std::atomic<bool> stop{false};
        std::atomic<int> next{0};
        std::atomic<int> done{0};
        const unsigned threads = onThreads(8, stop, [&](unsigned) {
            while (next++ < 1000) ++done;
        });
        ::_exit(done == 1000 && threads == 1 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace brownout
