#include "base/fingerprint.h"

#include <openssl/evp.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/error.h"

namespace brownout {
namespace {

/// A SHA-1 in the making.
class Sha1 {
 public:
    Sha1() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha1(), nullptr) == 1);
    }
    void add(const void* bytes, std::size_t count) {
        require(EVP_DigestUpdate(context_.get(), bytes, count) == 1);
    }
    std::string hexDigest() {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int length = 0;
        require(EVP_DigestFinal_ex(context_.get(), digest, &length) == 1);
        std::string text;
        for (unsigned int i = 0; i < length; ++i) {
            char hex[3];
            std::snprintf(hex, sizeof hex, "%02x", digest[i]);
            text += hex;
        }
        return text;
    }

 private:
    static void require(bool done) {
        if (!done) throw Error("SHA-1", "is not to be had from OpenSSL");
    }

    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string fingerprint(std::string_view bytes) {
    Sha1 hash;
    hash.add(bytes.data(), bytes.size());
    return hash.hexDigest();
}

std::string fingerprintOfFile(const std::filesystem::path& path, long offset) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                               &std::fclose);
    if (!file || std::fseek(file.get(), offset, SEEK_SET) != 0) {
        throw ioError(path.string(), "cannot be read", errno);
    }
    Sha1 hash;
    char buffer[1 << 16];
    for (;;) {
        const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get());
        if (got > 0) hash.add(buffer, got);
        if (got < sizeof buffer) break;
    }
    if (std::ferror(file.get())) throw ioError(path.string(), "cannot be read", errno);
    return hash.hexDigest();
}

}  // namespace brownout
