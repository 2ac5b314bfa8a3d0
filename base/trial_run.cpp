#include "base/trial_run.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <string>
#include <system_error>

#include "base/child_process.h"
#include "base/error.h"

#if defined(__SANITIZE_ADDRESS__)
#define BROWNOUT_ADDRESS_SANITIZER 1
#else
#define BROWNOUT_ADDRESS_SANITIZER 0
#endif

namespace brownout {
namespace {

constexpr rlim_t kMostMemoryBytes = rlim_t{8} << 30;

/// How a trial run ended. `kStuck` says nothing about the file, nor does `kLooped` where the
/// program has other threads: the child is made without them, and what they had locked stays locked
/// in it. The C library unlocks what is its own; a sanitizer's or another allocator may sleep or
/// spin.
enum class Outcome { kEnded, kCrashed, kLooped, kStuck };
// A lock is free again the next time: of the address sanitizer's, one in twenty is found locked
// where four threads do nothing but read chips.
constexpr int kMostStuck = 5;
constexpr int kMostLoops = 3;

constexpr int kExitStuck = 3;
constexpr int kExitLooped = 4;

// Of the child, for its watchdog.
unsigned ticksLeft = 0;
long lastTick = 0;  // in ms of processor time

/// Once a second in the child, which otherwise may be inside any function of any library: ends it
/// if it has done nothing for a second.
void watch(int /*signal*/) {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    const long tick = now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
    if (tick == lastTick) ::_exit(kExitStuck);
    if (--ticksLeft == 0) ::_exit(kExitLooped);
    lastTick = tick;
}

void startWatching(unsigned ticks) {
    ticksLeft = ticks;
    struct sigaction action {};
    action.sa_handler = watch;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGALRM, &action, nullptr);
    const itimerval everySecond{{1, 0}, {1, 0}};
    ::setitimer(ITIMER_REAL, &everySecond, nullptr);
}

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
    for (const int signal : {SIGXCPU, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) {
        std::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    lower(RLIMIT_CPU, seconds);
    startWatching(60 + 20 * seconds);
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

Outcome runOnce(const Trial& trial, const std::function<void()>& action) {
    const pid_t child = ::fork();
    if (child < 0) throw ioError(trial.subject, "can't be tried in a child process", errno);
    if (child == 0) runAsChild(trial.seconds, action);
    // The child ends itself: by its watchdog at the latest.
    const int status = ChildProcess(child).wait(std::chrono::hours(24)).value_or(0);
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) == SIGXCPU ? Outcome::kLooped : Outcome::kCrashed;
    }
    switch (WEXITSTATUS(status)) {
        case 0:
            return Outcome::kEnded;
        case kExitStuck:
            return Outcome::kStuck;
        case kExitLooped:
            return Outcome::kLooped;
        default:
            return Outcome::kCrashed;
    }
}

}  // namespace

void tryInChild(const Trial& trial, const std::function<void()>& action) {
    int stuck = 0;
    int loops = 0;
    const int mostLoops = __libc_single_threaded != 0 ? 1 : kMostLoops;
    while (stuck < kMostStuck && loops < mostLoops) {
        switch (runOnce(trial, action)) {
            case Outcome::kEnded:
                return;
            case Outcome::kCrashed:
                throw Error(trial.subject, "is damaged: it makes " + trial.library + " crash");
            case Outcome::kLooped:
                ++loops;
                break;
            case Outcome::kStuck:
                ++stuck;
                break;
        }
    }
    if (loops == mostLoops) {
        throw Error(trial.subject,
                    "is damaged: " + trial.library + " doesn't come to an end with it");
    }
    throw Error(trial.subject,
                "can't be checked: the child process that reads it makes no headway");
}

}  // namespace brownout
