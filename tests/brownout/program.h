#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_files.h"
#include "tests/sanitized.h"

namespace brownout::test {

/// Exit status and output of a finished run of the program.
struct RunResult {
    int status = -1;  ///< exit status; 128 + signal if a signal ended it
    std::string out;
    std::string err;
};

/// Runs brownout with these arguments in `folder` and waits. `environment` is added ("NAME=value").
RunResult run(const std::vector<std::string>& arguments, const std::filesystem::path& folder = ".",
              const std::vector<std::string>& environment = {});

/// Runs a script of bash, in which $BROWNOUT is the program and $FOLDER is `folder`, and waits.
RunResult shell(const std::string& script, const std::filesystem::path& folder = ".");

/// Returns the words with which `shell` runs the program as somebody without root's rights; nothing
/// where nobody else may run it or read the shipped networks, because of where it was built.
std::optional<std::string> asOrdinaryUser();

/// Starts brownout with its output thrown away, or stderr in the file `err`, and doesn't wait.
pid_t start(const std::vector<std::string>& arguments, const std::string& err = "/dev/null");

/// A temporary folder whose files are strings: arguments of the program.
class TemporaryFolder : public brownout::TemporaryFolder {
 public:
    std::string operator/(const std::string& name) const { return (path() / name).string(); }

    /// Returns `text` with its first $ as the path of this folder and its first % as that of the
    /// source tree.
    std::string expand(std::string text) const;
    std::vector<std::string> expand(std::vector<std::string> texts) const;
};

/// Returns the full path of a file of the source tree.
std::string source(const std::string& path);

/// Returns the path of a network of the zoo, "rquant" for inference/zoo/fashion-rquant.onnx.
std::string zoo(const std::string& name);

}  // namespace brownout::test
