#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/temporary_files.h"

namespace brownout::test {

/// Under the sanitizers the program is about ten times slower: tests that repeat long runs then use
/// fewer images.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// What a finished run of the program left.
struct RunResult {
    int status = -1;  ///< exit status; 128 + signal if a signal ended it
    std::string out;
    std::string err;
};

/// Runs brownout with these arguments in `folder` and waits. `environment` is added ("NAME=value").
RunResult run(const std::vector<std::string>& arguments, const std::filesystem::path& folder = ".",
              const std::vector<std::string>& environment = {});

/// Starts it with its output thrown away, and doesn't wait.
pid_t start(const std::vector<std::string>& arguments);

/// Its files are arguments of the program: strings.
class TemporaryFolder : public brownout::TemporaryFolder {
 public:
    std::string operator/(const std::string& name) const { return (path() / name).string(); }
};

/// A file of the source tree.
std::string source(const std::string& path);

/// A network of the zoo, "rquant" for inference/zoo/fashion-rquant.onnx.
std::string zoo(const std::string& name);

}  // namespace brownout::test
