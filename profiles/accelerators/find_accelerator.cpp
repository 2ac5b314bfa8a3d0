#include <filesystem>
#include <set>

#include "base/error.h"
#include "profiles/accelerators/accelerator_yaml.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

/// Returns the folder of the shipped descriptions: beside the program's other data where it is
/// installed, or in the source tree.
std::optional<fs::path> shippedFolder() {
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    for (const fs::path& folder :
         {program.parent_path().parent_path() / "share/brownout/profiles/accelerators",
          fs::path(BROWNOUT_SOURCE_DIR) / "profiles/accelerators"}) {
        if (fs::is_directory(folder, ignored)) return folder;
    }
    return std::nullopt;
}

}  // namespace

std::string findAccelerator(const std::string& name, const std::string& option) {
    std::error_code ignored;
    if (fs::exists(name, ignored)) return name;
    const auto folder = shippedFolder();
    std::set<std::string> shipped;
    if (folder) {
        for (const auto& entry : fs::directory_iterator(*folder, ignored)) {
            if (entry.path().extension() == ".yaml") shipped.insert(entry.path().stem().string());
        }
    }
    if (shipped.count(name) != 0) return (*folder / (name + ".yaml")).string();
    std::string names;
    for (const std::string& one : shipped) names += (names.empty() ? "" : ", ") + one;
    throw UsageError(option, "'" + name + "' is no file; expected one, or one of " + names);
}

}  // namespace brownout
