#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

struct gzFile_s;

namespace brownout {

/// A file as its unpacked bytes: gzip is unpacked while it is read, other files are as they are.
class UnpackedFile {
 public:
    /// Opens a file. Throws Error naming it.
    explicit UnpackedFile(const std::filesystem::path& path);
    UnpackedFile(const UnpackedFile&) = delete;
    UnpackedFile& operator=(const UnpackedFile&) = delete;
    ~UnpackedFile();

    /// Returns up to `count` bytes, fewer only at the end. Memory grows with what is really there.
    /// Throws Error naming the file.
    std::vector<std::uint8_t> read(std::size_t count);

    const std::string& path() const { return path_; }

 private:
    std::string path_;
    gzFile_s* file_ = nullptr;
};

}  // namespace brownout
