#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace brownout {

/// Returns the SHA-1 of the bytes, 40 hex digits. It names the content of an input in a campaign so
/// that results of different inputs can't be mixed by mistake; it is no defence against forgery.
std::string fingerprint(std::string_view bytes);

/// Returns the fingerprint of a file's content from byte `offset` on, read in blocks. Throws Error
/// naming the file.
std::string fingerprintOfFile(const std::filesystem::path& path, long offset = 0);

}  // namespace brownout
