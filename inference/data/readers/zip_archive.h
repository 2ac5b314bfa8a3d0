#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/input.h"
#include "base/span.h"

struct zip;

namespace brownout {

/// A zip archive and its members, which are unpacked while they are read.
class ZipArchive {
 public:
    /// Opens a file. Throws Error naming it.
    explicit ZipArchive(const std::filesystem::path& path);
    /// Opens the content of a file, which must outlive the archive. Throws Error naming `place`.
    ZipArchive(std::string place, Span<const std::uint8_t> content);
    ZipArchive(const ZipArchive&) = delete;
    ZipArchive& operator=(const ZipArchive&) = delete;
    ~ZipArchive();

    const std::string& place() const { return place_; }
    /// Returns the names of its members.
    std::vector<std::string> names() const;
    /// Opens a member for reading, which errors call "ARCHIVE:MEMBER". Throws Error naming it. The
    /// archive must outlive what it returns.
    std::unique_ptr<Input> open(const std::string& name) const;

 private:
    std::string place_;
    zip* archive_ = nullptr;
};

}  // namespace brownout
