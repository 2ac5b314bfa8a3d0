#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/temporary_names.h"

namespace brownout {

/// A file that is written under a temporary name in the folder of `path` and gets its own when it
/// is complete: readers see the old file or the whole new one, never a part. Without `commit`, the
/// temporary file is removed and `path` is as it was; `removeTemporaries` knows it.
class AtomicFile {
 public:
    /// Chooses the temporary name for `path` and creates nothing yet. Throws as checkCanWrite(path)
    /// does.
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Returns the name that the file gets in the end.
    const std::filesystem::path& path() const { return path_; }
    /// Returns the name under which to write.
    const std::filesystem::path& temporary() const { return temporary_; }

    /// Flushes the temporary file to the disk and renames it. Throws Error naming `path`.
    void commit();

 private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    TemporaryName known_;
    bool committed_ = false;
};

/// Calls `write` with the name of a temporary file in the folder of `path`, then flushes that file
/// to the disk and renames it to `path`: readers see the old file or the whole new one, never a
/// part, whatever happens in between. If anything throws, the temporary file is removed and `path`
/// is as it was. Throws Error naming `path`.
void writeAtomically(const std::filesystem::path& path,
                     const std::function<void(const std::filesystem::path& temporary)>& write);

/// Writes `content` to `path` under a temporary name first, as the function above does: readers see
/// the old file or the whole new one. Throws Error naming `path`.
void writeAtomically(const std::filesystem::path& path, std::string_view content);

/// Checks that `path` can be written. Throws the Error that writeAtomically(path) would throw
/// because of the path itself (no such folder, or one that can't be written; something there that
/// is no file), which callers would otherwise notice only after long work.
void checkCanWrite(const std::filesystem::path& path);

/// Makes `folder` and its parents, and checks that files can be made in it. Throws Error naming it.
void makeWritableFolder(const std::filesystem::path& folder);

/// Most bytes that readFile takes by default: 2 GiB.
constexpr std::uint64_t kMostFileBytes = std::uint64_t{2} << 30;

/// Returns the bytes of the whole file. Throws Error naming `path` if it is missing, a folder,
/// a device, unreadable, or has more than `mostBytes`.
std::string readFile(const std::filesystem::path& path, std::uint64_t mostBytes = kMostFileBytes);

}  // namespace brownout
