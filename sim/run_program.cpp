#include "sim/run_program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace brownout {
namespace {

constexpr int kNoSuchProgram = 127;

}  // namespace

std::optional<ProgramResult> runProgram(const std::vector<std::string>& arguments,
                                        const std::filesystem::path& folder) {
    // All memory is taken before fork: the child may only make system calls.
    std::vector<std::string> copy = arguments;
    std::vector<char*> argv;
    for (std::string& argument : copy) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::string where = folder.string();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw ioError(arguments[0], "cannot run", errno);
    const pid_t child = ::fork();
    if (child == 0) {
        const int in = ::open("/dev/null", O_RDONLY);
        ::dup2(in, 0);
        ::dup2(ends[1], 1);
        ::dup2(ends[1], 2);
        if (::chdir(where.c_str()) == 0) ::execvp(argv[0], argv.data());
        ::_exit(kNoSuchProgram);
    }
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        throw ioError(arguments[0], "cannot run", errno);
    }
    ProgramResult result;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) != 0;) {
        if (got > 0) {
            result.output.append(buffer, static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            break;
        }
    }
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (result.status == kNoSuchProgram && result.output.empty()) return std::nullopt;
    return result;
}

}  // namespace brownout
