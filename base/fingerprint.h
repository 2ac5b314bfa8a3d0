#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace brownout {

/// Returns the SHA-1 of the bytes, 40 hex digits. It names the content of an input in a campaign so
/// that results of different inputs can't be mixed by mistake; it is no defence against forgery.
std::string fingerprint(std::string_view bytes);

/// A fingerprint of bytes that come piece by piece.
class Fingerprinter {
 public:
    Fingerprinter();
    ~Fingerprinter();
    Fingerprinter(const Fingerprinter&) = delete;
    Fingerprinter& operator=(const Fingerprinter&) = delete;

    void add(const void* bytes, std::size_t count);
    /// Adds a text and its length, so that ("ab", "c") and ("a", "bc") differ.
    void addText(const std::string& text);
    /// Adds a number in its full precision.
    void addNumber(double number);

    /// Returns the fingerprint of all that was added; nothing can be added any more.
    std::string finish();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Returns the fingerprint of a file's content from byte `offset` on, read in blocks. Throws Error
/// naming the file.
std::string fingerprintOfFile(const std::filesystem::path& path, long offset = 0);

}  // namespace brownout
