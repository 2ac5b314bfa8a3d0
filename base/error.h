#pragma once

#include <stdexcept>
#include <string>

namespace brownout {

/// Exit statuses of the program, one a kind of failure.
enum class ExitStatus : int { kSuccess = 0, kBadInput = 1, kBadCommandLine = 2, kMismatch = 3 };

/// Something the user can mend. `what()` is one line, "PLACE: what was found and what was
/// expected", where PLACE names a file and the spot in it ("chip.h5:/cells/threshold", "model.onnx:
/// node 'conv1' (Conv)"). Caught once, in `main`, which prints the line and exits with `status()`.
class Error : public std::runtime_error {
 public:
    Error(const std::string& place, const std::string& problem,
          ExitStatus status = ExitStatus::kBadInput);

    ExitStatus status() const { return status_; }

 private:
    ExitStatus status_;
};

/// The command line asks for something that doesn't exist or doesn't fit together (exit status 2).
class UsageError : public Error {
 public:
    UsageError(const std::string& option, const std::string& problem)
        : Error(option, problem, ExitStatus::kBadCommandLine) {}
};

/// A verification ran to its end and found a difference (exit status 3).
class MismatchError : public Error {
 public:
    MismatchError(const std::string& place, const std::string& problem)
        : Error(place, problem, ExitStatus::kMismatch) {}
};

/// "PLACE: VERB: reason of errno", for failed system calls, for example ioError(path, "cannot
/// write").
Error ioError(const std::string& path, const std::string& verb, int errorNumber);

}  // namespace brownout
