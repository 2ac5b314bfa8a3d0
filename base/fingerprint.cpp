#include "base/fingerprint.h"

#include <boost/uuid/detail/sha1.hpp>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/error.h"

namespace brownout {
namespace {

std::string hexDigest(boost::uuids::detail::sha1& hash) {
    boost::uuids::detail::sha1::digest_type digest;
    hash.get_digest(digest);
    std::string text;
    for (const unsigned int part : digest) {
        char hex[9];
        std::snprintf(hex, sizeof hex, "%08x", part);
        text += hex;
    }
    return text;
}

}  // namespace

std::string fingerprint(std::string_view bytes) {
    boost::uuids::detail::sha1 hash;
    hash.process_bytes(bytes.data(), bytes.size());
    return hexDigest(hash);
}

std::string fingerprintOfFile(const std::filesystem::path& path, long offset) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                               &std::fclose);
    if (!file || std::fseek(file.get(), offset, SEEK_SET) != 0) {
        throw ioError(path.string(), "cannot be read", errno);
    }
    boost::uuids::detail::sha1 hash;
    char buffer[1 << 16];
    for (;;) {
        const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get());
        if (got > 0) hash.process_bytes(buffer, got);
        if (got < sizeof buffer) break;
    }
    if (std::ferror(file.get())) throw ioError(path.string(), "cannot be read", errno);
    return hexDigest(hash);
}

}  // namespace brownout
