#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

const std::vector<std::string> kSweep{
    "sweep",   "-m", zoo("rquant"), "-d", "fashion-mnist", "--ber",  "0,0.01",
    "--chips", "6",  "--images",    "20", "--quiet",       "--json", "--threads"};

std::vector<std::string> sweepOn(const std::string& threads) {
    auto arguments = kSweep;
    arguments.push_back(threads);
    return arguments;
}

TEST(Threads, MayBeAskedForWithoutEnd) {
    const RunResult one = run(sweepOn("1"));
    const RunResult many = run(sweepOn("100000"));
    ASSERT_EQ(one.status, 0) << one.err;
    EXPECT_EQ(many.status, 0);
    EXPECT_EQ(many.err, "");
    EXPECT_EQ(many.out, one.out);
}

TEST(Threads, InferWritesTheSameForAnyNumber) {
    const TemporaryFolder folder;
    const auto infer = [&](const std::string& threads) {
        const RunResult result =
            run({"infer", "-m", zoo("rquant"), "-d", "fashion-mnist", "--images", "77", "--out",
                 folder / threads, "--quiet", "--json", "--threads", threads});
        EXPECT_EQ(result.status, 0) << result.err;
        return result.out + readFile(folder / threads);
    };
    const std::string one = infer("1");
    for (const char* threads : {"2", "3", "100000"}) EXPECT_TRUE(infer(threads) == one) << threads;
}

// The limit on processes counts threads, and does not hold for root: the program is run by somebody
// who has no threads left but the first, as in a full container.
TEST(Threads, ThatCannotBeStartedChangeNoResult) {
    const auto program = asOrdinaryUser();
    if (!program) GTEST_SKIP() << "only this user can run the program where it was built";
    // The leak sanitizer needs a thread of its own.
    std::string script = "ASAN_OPTIONS=detect_leaks=0 prlimit --nproc=1 " + *program;
    for (const std::string& argument : sweepOn("8")) script += " " + argument;
    const RunResult result = shell(script);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "warning: 7 of the 8 threads could not be started\n");
    EXPECT_EQ(result.out, run(sweepOn("1")).out);
}

}  // namespace
}  // namespace brownout::test
