#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace brownout {

/// The remains of a program that has ended.
struct ProgramResult {
    int status = 0;      ///< exit status; 128 + signal if a signal ended it
    std::string output;  ///< stdout and stderr together
};

/// Runs a program found in PATH and waits for it; nothing it prints is shown. Returns nothing if
/// there is no such program. `folder` is where it runs.
std::optional<ProgramResult> runProgram(const std::vector<std::string>& arguments,
                                        const std::filesystem::path& folder = ".");

}  // namespace brownout
