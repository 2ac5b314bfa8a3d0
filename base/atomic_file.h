#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace brownout {

/// A file that is written under a temporary name in the folder of `path` and gets its own when it
/// is complete: readers see the old file or the whole new one, never a part. Without `commit`, the
/// temporary file is removed and `path` is as it was.
class AtomicFile {
 public:
    /// Creates nothing yet. Throws as checkCanWrite(path) does.
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    const std::filesystem::path& path() const { return path_; }
    const std::filesystem::path& temporary() const { return temporary_; }

    /// Flushes the temporary file to the disk and renames it. Throws Error naming `path`.
    void commit();

 private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    bool committed_ = false;
};

/// Calls `write` with the name of a temporary file in the folder of `path`, then flushes that file
/// to the disk and renames it to `path`: readers see the old file or the whole new one, never a
/// part, whatever happens in between. If anything throws, the temporary file is removed and `path`
/// is as it was. Throws Error naming `path`.
void writeAtomically(const std::filesystem::path& path,
                     const std::function<void(const std::filesystem::path& temporary)>& write);

/// The same for text that is already in memory.
void writeAtomically(const std::filesystem::path& path, std::string_view content);

/// Throws the Error that writeAtomically(path) would throw because of the path itself: for those
/// who would otherwise notice only after long work.
void checkCanWrite(const std::filesystem::path& path);

/// Makes `folder` and its parents, and checks that files can be made in it. Throws Error naming it.
void makeWritableFolder(const std::filesystem::path& folder);

/// The whole file as bytes. Throws Error naming `path` if it is missing, a folder, or unreadable.
std::string readFile(const std::filesystem::path& path);

}  // namespace brownout
