#include "base/fingerprint.h"

#include <openssl/evp.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace brownout {
namespace {

void require(bool done) {
    if (!done) throw Error("SHA-1", "is not to be had from OpenSSL");
}

}  // namespace

struct Fingerprinter::State {
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Fingerprinter::Fingerprinter() : state_(std::make_unique<State>()) {
    require(state_->context && EVP_DigestInit_ex(state_->context.get(), EVP_sha1(), nullptr) == 1);
}

Fingerprinter::~Fingerprinter() = default;

void Fingerprinter::add(const void* bytes, std::size_t count) {
    require(EVP_DigestUpdate(state_->context.get(), bytes, count) == 1);
}

void Fingerprinter::addText(const std::string& text) {
    addNumber(static_cast<double>(text.size()));
    add(text.data(), text.size());
}

void Fingerprinter::addNumber(double number) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    unsigned char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(bits >> (8 * i));
    add(bytes, sizeof bytes);
}

std::string Fingerprinter::finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    require(EVP_DigestFinal_ex(state_->context.get(), digest, &length) == 1);
    std::string text;
    for (unsigned int i = 0; i < length; ++i) {
        char hex[3];
        std::snprintf(hex, sizeof hex, "%02x", digest[i]);
        text += hex;
    }
    return text;
}

std::string fingerprint(std::string_view bytes) {
    Fingerprinter hash;
    hash.add(bytes.data(), bytes.size());
    return hash.finish();
}

std::string fingerprintOfFile(const std::filesystem::path& path, long offset) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                               &std::fclose);
    if (!file || std::fseek(file.get(), offset, SEEK_SET) != 0) {
        throw ioError(path.string(), "cannot be read", errno);
    }
    Fingerprinter hash;
    char buffer[1 << 16];
    for (;;) {
        const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get());
        if (got > 0) hash.add(buffer, got);
        if (got < sizeof buffer) break;
    }
    if (std::ferror(file.get())) throw ioError(path.string(), "cannot be read", errno);
    return hash.finish();
}

}  // namespace brownout
