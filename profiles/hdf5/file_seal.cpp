#include "profiles/hdf5/file_seal.h"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/fingerprint.h"

namespace brownout {
namespace {

using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

const std::string kMagic = "brownout-seal 1\n";

std::string textOfSeal(std::uintmax_t length, const std::string& digest) {
    return kMagic + "length " + std::to_string(length) + "\nsha1 " + digest + "\n";
}

std::string firstBlock(const std::filesystem::path& path) {
    const Stream file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) throw ioError(path.string(), "cannot be read", errno);
    std::string block(kSealBytes, '\0');
    const std::size_t got = std::fread(block.data(), 1, block.size(), file.get());
    if (std::ferror(file.get()) != 0) throw ioError(path.string(), "cannot be read", errno);
    block.resize(got);
    return block;
}

}  // namespace

void sealFile(const std::filesystem::path& path, const std::string& name) {
    const std::uintmax_t length = std::filesystem::file_size(path) - kSealBytes;
    const std::string seal = textOfSeal(length, fingerprintOfFile(path, kSealBytes));
    std::FILE* file = std::fopen(path.c_str(), "r+b");
    if (file == nullptr) throw ioError(name, "cannot be written", errno);
    const bool written = std::fwrite(seal.data(), 1, seal.size(), file) == seal.size();
    const int reason = errno;
    if (std::fclose(file) != 0 || !written) {
        throw ioError(name, "cannot be written", written ? errno : reason);
    }
}

bool hasSeal(const std::filesystem::path& path) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem)) return false;
    try {
        return firstBlock(path).compare(0, kMagic.size(), kMagic) == 0;
    } catch (const Error&) {
        return false;
    }
}

bool checkSeal(const std::filesystem::path& path) {
    const std::string block = firstBlock(path);
    if (block.compare(0, kMagic.size(), kMagic) != 0) return false;
    const std::uintmax_t size = std::filesystem::file_size(path);
    const std::string lengthText = block.substr(kMagic.size(), 32);
    const std::uintmax_t sealedLength = lengthText.compare(0, 7, "length ") == 0
                                            ? std::strtoumax(lengthText.c_str() + 7, nullptr, 10)
                                            : 0;
    if (size != sealedLength + kSealBytes) {
        throw Error(path.string(), "has " + std::to_string(size) + " bytes where its seal says " +
                                       std::to_string(sealedLength + kSealBytes) +
                                       ": it is damaged or was changed");
    }
    const std::string expected = textOfSeal(sealedLength, fingerprintOfFile(path, kSealBytes));
    if (block.compare(0, expected.size(), expected) != 0) {
        throw Error(path.string(),
                    "its content doesn't match the SHA-1 of its seal: it is damaged or was changed "
                    "(after a wanted change, remove the seal as FORMAT.md tells)");
    }
    return true;
}

}  // namespace brownout
