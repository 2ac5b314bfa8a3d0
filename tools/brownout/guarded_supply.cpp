#include "tools/brownout/guarded_supply.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "hardware/guard/supply_away.h"

namespace brownout {
namespace {

void writeLine(const std::string& line) {
    const std::string text = "brownout: " + line + "\n";
    (void)!::write(STDERR_FILENO, text.data(), text.size());
}

/// Runs in the new process until the program is done or gone.
[[noreturn]] void standGuard(int socket, const GuardSettings& settings, pid_t program) {
    // Nothing that ends the program may end its guardian, too.
    ::setsid();
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU}) {
        std::signal(number, SIG_IGN);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    const int null = ::open("/dev/null", O_RDWR);
    if (null >= 0) {
        // A reader of the program's results must not wait for the guardian.
        ::dup2(null, STDIN_FILENO);
        ::dup2(null, STDOUT_FILENO);
    }
    bool good = false;
    try {
        MessageChannel channel(socket);
        const auto endProgram = [program] {
            if (::getppid() == program) ::kill(program, SIGKILL);
        };
        good = GuardDuty(channel, settings, endProgram, writeLine).run();
    } catch (const std::exception& error) {
        writeLine(std::string("guardian: ") + error.what());
    }
    ::_exit(static_cast<int>(good ? ExitStatus::kSuccess : kSupplyAway));
}

}  // namespace

std::unique_ptr<Guardian> startGuardian(const GuardSettings& settings) {
    const MessageChannel::Ends ends = MessageChannel::make("guardian");
    const pid_t program = ::getpid();
    // A signal that comes before the guardian ignores it would end it.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends.program);
        standGuard(ends.child, settings, program);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::close(ends.child);
    auto channel = std::make_unique<MessageChannel>(ends.program);
    if (child < 0) throw ioError("guardian", "can't be started", errno);
    return std::make_unique<Guardian>(std::move(channel));
}

}  // namespace brownout
