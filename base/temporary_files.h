#pragma once

#include <filesystem>
#include <string>

namespace brownout {

/// A fresh folder among the system's temporary files that disappears with its content at the end.
class TemporaryFolder {
 public:
    /// Throws Error if it can't be made.
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
    std::filesystem::path path_;
};

/// Opens a new file in `folder` for reading and writing that has no name, so that nothing is left
/// of it however the program ends. Gives its descriptor; throws Error naming the folder.
int openNamelessFile(const std::filesystem::path& folder);

}  // namespace brownout
