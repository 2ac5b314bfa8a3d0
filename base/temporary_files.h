#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/temporary_names.h"

namespace brownout {

/// A fresh folder among the system's temporary files that disappears with its content at the end;
/// `removeTemporaries` knows it.
class TemporaryFolder {
 public:
    /// Makes the folder. Throws Error if it can't be made.
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
    std::filesystem::path path_;
    std::optional<TemporaryName> known_;
};

/// Opens a new file in `folder` for reading and writing that has no name, so that nothing is left
/// of it however the program ends. Returns its descriptor; throws Error naming the folder.
int openNamelessFile(const std::filesystem::path& folder);

}  // namespace brownout
