#include "tools/brownout/interrupts.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>

#include "base/temporary_names.h"
#include "base/text.h"

namespace brownout {
namespace {

constexpr std::array<int, 6> kSignals{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU};

pid_t program = 0;
bool onTerminal = false;
std::array<char, 4096> remark{};
std::atomic<bool> hasRemark{false};
std::atomic<bool> ending{false};

void write(const char* text) {
    std::size_t left = std::strlen(text);
    while (left > 0) {
        const ssize_t written = ::write(STDERR_FILENO, text, left);
        if (written <= 0) return;
        text += written;
        left -= static_cast<std::size_t>(written);
    }
}

void say(const char* unwritten) {
    if (onTerminal) {  // over what may be left of a progress bar
        write(
            "\r                                                                               \r");
    }
    write("brownout: interrupted");
    if (hasRemark) {
        write("; ");
        write(remark.data());
    } else if (unwritten != nullptr) {
        write("; ");
        write(unwritten);
        write(" was not written");
    }
    write("\n");
}

/// Runs in any thread. Calls async-signal-safe functions only.
void end(int number) {
    // In a child process that has not become another program yet, the files are the parent's.
    if (::getpid() == program) {
        if (ending.exchange(true)) {
            for (;;) ::pause();  // another thread is at it
        }
        const char* unwritten = removeTemporaries();
        // From here on a second signal ends the program at once: writing may block.
        for (const int other : kSignals) std::signal(other, SIG_DFL);
        if (number != SIGPIPE) say(unwritten);
    }
    std::signal(number, SIG_DFL);
    sigset_t mine;
    ::sigemptyset(&mine);
    ::sigaddset(&mine, number);
    ::pthread_sigmask(SIG_UNBLOCK, &mine, nullptr);
    std::raise(number);
}

}  // namespace

void handleInterrupts() {
    program = ::getpid();
    onTerminal = ::isatty(STDERR_FILENO) == 1;
    std::signal(SIGXFSZ, SIG_IGN);
    for (const int number : kSignals) {
        struct sigaction before {};
        if (::sigaction(number, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) continue;
        struct sigaction action {};
        action.sa_handler = end;
        ::sigaction(number, &action, nullptr);
    }
}

void sayIfInterrupted(const std::string& text) {
    hasRemark = false;
    std::string shown = printable(text);
    if (shown.empty()) return;
    shown.resize(std::min(shown.size(), remark.size() - 1));
    std::memcpy(remark.data(), shown.c_str(), shown.size() + 1);
    hasRemark = true;
}

}  // namespace brownout
