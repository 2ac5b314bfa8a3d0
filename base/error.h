#pragma once

#include <stdexcept>
#include <string>

namespace brownout {

/// Exit statuses of the program, one a kind of failure.
enum class ExitStatus : int { kSuccess = 0, kBadInput = 1, kBadCommandLine = 2, kMismatch = 3 };

/// A problem that the user can mend. `what()` is one line, "PLACE: what was found and what was
/// expected", where PLACE names a file and the spot in it ("chip.h5:/cells/threshold", "model.onnx:
/// node 'conv1' (Conv)"); overlong words in it are cut. Errors are caught once, in `main`, which
/// prints the line and exits with `status()`.
class Error : public std::runtime_error {
 public:
    /// Makes the line from the place, which may be empty, and the problem.
    Error(const std::string& place, const std::string& problem,
          ExitStatus status = ExitStatus::kBadInput);

    /// Returns the status with which the program exits.
    ExitStatus status() const { return status_; }

 private:
    ExitStatus status_;
};

/// A command line that asks for something that doesn't exist or doesn't fit together (exit status
/// 2).
class UsageError : public Error {
 public:
    UsageError(const std::string& option, const std::string& problem)
        : Error(option, problem, ExitStatus::kBadCommandLine) {}
};

/// A difference that a verification found, which ran to its end (exit status 3).
class MismatchError : public Error {
 public:
    MismatchError(const std::string& place, const std::string& problem)
        : Error(place, problem, ExitStatus::kMismatch) {}
};

/// Returns the Error "PATH: VERB: reason of errno" of a failed system call, for example
/// ioError(path, "cannot be written", errno).
Error ioError(const std::string& path, const std::string& verb, int errorNumber);

}  // namespace brownout
