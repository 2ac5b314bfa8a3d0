#include "tests/brownout/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/atomic_file.h"

namespace brownout::test {
namespace {

/// In the child: becomes the program. Never returns.
[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& folder,
                         const std::vector<std::string>& environment, const std::string& out,
                         const std::string& err) {
    std::vector<char*> argv;
    std::string program = BROWNOUT_PROGRAM;
    argv.push_back(program.data());
    std::vector<std::string> copy = arguments;
    for (std::string& argument : copy) argv.push_back(argument.data());
    argv.push_back(nullptr);
    for (std::string variable : environment) {
        const auto equals = variable.find('=');
        ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
    }
    const int in = ::open("/dev/null", O_RDONLY);
    const int outFile = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int errFile = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(in, 0);
    ::dup2(outFile, 1);
    ::dup2(errFile, 2);
    if (::chdir(folder.c_str()) == 0) ::execv(program.c_str(), argv.data());
    ::_exit(127);
}

}  // namespace

RunResult run(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
              const std::vector<std::string>& environment) {
    const TemporaryFolder output;
    const std::string out = output / "out";
    const std::string err = output / "err";
    const pid_t child = ::fork();
    if (child == 0) become(arguments, folder.string(), environment, out, err);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    RunResult result;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = readFile(out);
    result.err = readFile(err);
    return result;
}

pid_t start(const std::vector<std::string>& arguments) {
    const pid_t child = ::fork();
    if (child == 0) become(arguments, ".", {}, "/dev/null", "/dev/null");
    return child;
}

std::string source(const std::string& path) {
    return std::string(BROWNOUT_SOURCE_DIR) + "/" + path;
}

std::string zoo(const std::string& name) {
    return source("inference/zoo/fashion-" + name + ".onnx");
}

}  // namespace brownout::test
