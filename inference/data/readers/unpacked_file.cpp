#include "inference/data/readers/unpacked_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>

#include "base/error.h"

namespace brownout {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

}  // namespace

UnpackedFile::UnpackedFile(const std::filesystem::path& path) : path_(path.string()) {
    std::error_code code;
    if (std::filesystem::is_directory(path, code)) {
        throw Error(path_, "is a folder, expected a file");
    }
    errno = 0;
    file_ = gzopen(path_.c_str(), "rb");
    if (file_ == nullptr) throw ioError(path_, "cannot open", errno != 0 ? errno : ENOMEM);
}

UnpackedFile::~UnpackedFile() { gzclose(file_); }

std::vector<std::uint8_t> UnpackedFile::read(std::size_t count) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(count);
    while (bytes.size() < count) {
        const std::size_t before = bytes.size();
        const std::size_t chunk = std::min(kChunk, count - before);
        bytes.resize(before + chunk);
        const int got = gzread(file_, bytes.data() + before, static_cast<unsigned>(chunk));
        int status = Z_OK;
        const char* message = gzerror(file_, &status);
        if (got < 0 || (status != Z_OK && status != Z_STREAM_END)) {
            throw Error(path_, std::string("is truncated or corrupted (") + message + ")");
        }
        bytes.resize(before + static_cast<std::size_t>(got));
        if (got == 0) {
            bytes.shrink_to_fit();
            break;
        }
    }
    return bytes;
}

}  // namespace brownout
