#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace brownout {

/// A child of this process, which ends with it: it is killed and waited for at the latest when this
/// object goes.
class ChildProcess {
 public:
    /// Takes over a child that was started with fork or posix_spawn.
    explicit ChildProcess(pid_t pid) : pid_(pid) {}
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Waits until the child ends, but no longer than `limit`. Returns its status as waitpid gives
    /// it, or nothing if it is still running.
    std::optional<int> wait(std::chrono::milliseconds limit);

 private:
    pid_t pid_;
    std::optional<int> status_;
};

/// The remains of a program that ran.
struct ProgramResult {
    std::optional<int> status;  ///< status as waitpid gives it; absent if killed after the limit
    std::string out;            ///< standard output of the program
    std::string err;            ///< standard error of the program

    bool succeeded() const { return status == 0; }
};

/// Runs a program, found as a shell would find it but without a shell: `words` are its name and its
/// arguments, `input` is its standard input. Waits for its end, or kills it after `limit`. The
/// program runs in `folder`. Throws Error naming the program if it can't be started.
ProgramResult runProgram(const std::vector<std::string>& words, const std::string& input,
                         std::chrono::milliseconds limit,
                         const std::filesystem::path& folder = ".");

/// Tells whether runProgram would find a program of that name.
bool programExists(const std::string& name);

}  // namespace brownout
