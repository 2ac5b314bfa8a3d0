#include "profiles/hdf5/trial_run.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>

#include "base/error.h"

#if defined(__SANITIZE_ADDRESS__)
#define BROWNOUT_ADDRESS_SANITIZER 1
#else
#define BROWNOUT_ADDRESS_SANITIZER 0
#endif

namespace brownout {
namespace {

// A trial run that takes longer has run into a loop; one second more a megabyte.
constexpr unsigned kTrialSeconds = 2;
constexpr rlim_t kMostMemoryBytes = rlim_t{8} << 30;

/// Address space in use, from /proc; zero if that can't be read.
rlim_t addressSpaceBytes() {
    unsigned long pages = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%lu", &pages) != 1) pages = 0;
        std::fclose(file);
    }
    return static_cast<rlim_t>(pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void lower(int resource, rlim_t limit) {
    rlimit now{};
    if (::getrlimit(resource, &now) != 0 || now.rlim_cur <= limit) return;
    now.rlim_cur = limit;
    ::setrlimit(resource, &now);
}

[[noreturn]] void runAsChild(unsigned seconds, const std::function<void()>& action) {
    // No core, no report of a sanitizer or the C library, no handler of the program, an end to it.
    lower(RLIMIT_CORE, 0);
    const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere >= 0) {
        ::dup2(nowhere, STDOUT_FILENO);
        ::dup2(nowhere, STDERR_FILENO);
    }
    for (const int signal : {SIGXCPU, SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) {
        std::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    lower(RLIMIT_CPU, seconds);
    ::alarm(60 + 20 * seconds);  // should it sleep instead of loop
    // The address sanitizer reserves terabytes that it never uses.
    if (BROWNOUT_ADDRESS_SANITIZER == 0) {
        lower(RLIMIT_AS, addressSpaceBytes() + kMostMemoryBytes);
    }
    try {
        action();
    } catch (...) {  // NOLINT(bugprone-empty-catch): it will be thrown, and told, in the parent
    }
    ::_exit(0);
}

}  // namespace

void trialRun(const std::filesystem::path& file, const std::function<void()>& action) {
    const std::string name = file.string();
    std::error_code unknown;
    const std::uintmax_t bytes = std::filesystem::file_size(file, unknown);
    const unsigned seconds = kTrialSeconds + (unknown ? 0U : static_cast<unsigned>(bytes >> 20));
    const pid_t child = ::fork();
    if (child < 0) throw ioError(name, "can't be tried in a child process", errno);
    if (child == 0) runAsChild(seconds, action);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return;  // somebody else reaped it; nothing is known
    }
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGALRM)) {
        throw Error(name, "is damaged: the HDF5 library doesn't come to an end with it");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw Error(name, "is damaged: it makes the HDF5 library crash");
    }
}

}  // namespace brownout
