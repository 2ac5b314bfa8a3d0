#include <gtest/gtest.h>

#include <cstdlib>

#include "base/atomic_file.h"
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

// The limit on processes counts threads, and does not hold for root: the program is run by somebody
// who has no threads left but the first, as in a full container.
TEST(Threads, ThatCannotBeStartedChangeNoResult) {
    const TemporaryFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    std::string command = std::system("test $(id -u) = 0") == 0
                              ? "prlimit --nproc=1 setpriv --reuid 65534 --clear-groups "
                              : "prlimit --nproc=1 ";
    command += BROWNOUT_PROGRAM;
    for (const std::string& argument : sweepOn("8")) command += " " + argument;
    command += " > " + (folder / "out") + " 2> " + (folder / "err");
    const int status = std::system(command.c_str());
    ASSERT_EQ(WEXITSTATUS(status), 0) << readFile(folder / "err");
    EXPECT_EQ(readFile(folder / "err"), "warning: 7 of the 8 threads could not be started\n");
    EXPECT_EQ(readFile(folder / "out"), run(sweepOn("1")).out);
}

}  // namespace
}  // namespace brownout::test
