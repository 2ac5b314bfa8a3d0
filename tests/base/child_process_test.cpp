#include "base/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

namespace brownout {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
constexpr milliseconds kLong(60000);

TEST(ChildProcess, AProgramGetsItsInputAndGivesItsOutputErrorsAndStatus) {
    const auto result = runProgram({"sh", "-c", "cat; echo \"$1\" >&2; exit 7", "sh", "a  b"},
                                   std::string(100000, 'x'), kLong);
    EXPECT_EQ(result.out, std::string(100000, 'x'));
    EXPECT_EQ(result.err, "a  b\n");
    ASSERT_TRUE(result.status);
    EXPECT_EQ(WEXITSTATUS(*result.status), 7);
    EXPECT_FALSE(result.succeeded());
    EXPECT_TRUE(runProgram({"true"}, "", kLong).succeeded());
}

TEST(ChildProcess, AProgramThatHangsIsKilledAfterTheLimitAndLeavesWhatItWrote) {
    const auto begin = steady_clock::now();
    // exec: it is the sleep itself that must go.
    const auto result = runProgram({"sh", "-c", "echo $$; exec sleep 600"}, "", milliseconds(300));
    EXPECT_FALSE(result.status);
    EXPECT_FALSE(result.succeeded());
    EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(60));
    const pid_t pid = std::stoi(result.out);
    EXPECT_EQ(::kill(pid, 0), -1) << "it is still there";
}

TEST(ChildProcess, AProgramThatIsNotThereIsNamed) {
    EXPECT_TRUE(programExists("sh"));
    EXPECT_FALSE(programExists("no-such-program"));
    EXPECT_FALSE(programExists("/no/such/program"));
    try {
        runProgram({"no-such-program"}, "", kLong);
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "no-such-program: cannot be started (No such file or directory)");
    }
}

TEST(ChildProcess, AForkedChildEndsWithItsObject) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::pause();
        ::_exit(0);
    }
    {
        ChildProcess child(pid);
        EXPECT_FALSE(child.wait(milliseconds(10)));
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

}  // namespace
}  // namespace brownout
