#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A command, and how its line goes on after "brownout: interrupted".
struct Interrupted {
    const char* name;
    std::vector<std::string> arguments;  ///< $ is the test's folder, % the source tree
    const char* line;
    const char* appears;  ///< ending of the file that is there when the signal comes
};

void PrintTo(const Interrupted& one, std::ostream* out) { *out << one.name; }

/// True as soon as there is a file of this ending in the folder; false after half a minute.
bool waitFor(const fs::path& folder, const std::string& ending) {
    for (int i = 0; i < 30000; ++i) {
        for (const auto& entry : fs::directory_iterator(folder)) {
            const std::string name = entry.path().filename().string();
            if (name.size() >= ending.size() &&
                name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
                return true;
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

class Interrupts : public testing::TestWithParam<Interrupted> {
 protected:
    TemporaryFolder folder_;
    TemporaryFolder logs_;
};

TEST_P(Interrupts, SayOneLineLeaveNothingHalfWrittenAndEndBySignal) {
    const std::vector<std::string> arguments = folder_.expand(GetParam().arguments);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const pid_t child = start(arguments, logs_ / "err");
        ASSERT_TRUE(waitFor(folder_.path(), GetParam().appears));
        ASSERT_EQ(::kill(child, signal), 0);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
        EXPECT_EQ(readFile(logs_ / "err"),
                  "brownout: interrupted; " + folder_.expand(GetParam().line) + "\n");
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
            EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr(".part")));
        }
        fs::remove_all(folder_.path());
        fs::create_directory(folder_.path());
    }
}

INSTANTIATE_TEST_SUITE_P(
    Commands, Interrupts,
    testing::Values(Interrupted{"Generate",
                                {"profile", "generate", "--chips", "4000", "--encoding",
                                 "threshold", "-o", "$/out.h5", "--quiet"},
                                "$/out.h5 was not written",
                                ".part"},
                    Interrupted{"Convert",
                                {"profile", "convert", "%/profiles/14nm.h5", "--to", "counts", "-o",
                                 "$/out.h5", "--quiet"},
                                "$/out.h5 was not written",
                                ".part"},
                    Interrupted{"Sweep",
                                {"sweep", "-m", "%/inference/zoo/fashion-rquant.onnx", "-d",
                                 "fashion-mnist", "--ber", "0.01", "--chips", "100000", "--out",
                                 "$/results", "--quiet"},
                                "$/results keeps what is finished, and the same command goes on "
                                "from there",
                                "results"}),
    [](const auto& one) { return std::string(one.param.name); });

// A reader that has gone ends the program without a word.
TEST(Interrupts, OfAReaderThatHasGoneAreSilent) {
    const RunResult result =
        shell("$BROWNOUT inspect " + zoo("rquant") + " | exec 0<&-; test ${PIPESTATUS[0]} = 141");
    EXPECT_EQ(result.err, "");
}

TEST(Interrupts, ThatAreIgnoredStayIgnored) {
    const RunResult result =
        shell("trap '' HUP; $BROWNOUT sweep --quiet -m " + zoo("rquant") +
              " -d fashion-mnist --ber 0.01 --chips 2 --images 500 & sleep 0.3; kill -HUP $!; "
              "wait $!");
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.out, HasSubstr("fashion-rquant"));
}

// A limit on file sizes is a full disk, not an interrupt: each command says which file.
TEST(FileSizeLimit, IsOneLineThatNamesTheFile) {
    const std::string network = " -m " + zoo("rquant") + " -d fashion-mnist";
    const std::vector<std::pair<std::string, std::string>> commands{
        {"profile generate --quiet --chips 200 --encoding threshold -o $FOLDER/out.h5", "out.h5"},
        {"profile convert --quiet " + source("profiles/14nm.h5") + " --to counts -o $FOLDER/out.h5",
         "out.h5"},
        {"infer --quiet --images 500 --out $FOLDER/out.h5" + network, "out.h5"},
        {"sweep --quiet --ber 0.01 --chips 2000 --images 1 --out $FOLDER/out" + network,
         "results.sqlite"},
        {"inspect --json " + zoo("rquant") + " > $FOLDER/out", "standard output"}};
    for (const auto& [command, named] : commands) {
        const TemporaryFolder folder;
        const RunResult result = shell("ulimit -f 4; $BROWNOUT " + command, folder.path());
        EXPECT_EQ(result.status, 1) << command << result.err;
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
        EXPECT_THAT(result.err, testing::StartsWith("brownout: ")) << command;
        EXPECT_THAT(result.err, HasSubstr(named)) << command;
        for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
            EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr(".part")));
        }
    }
}

}  // namespace
}  // namespace brownout::test
