#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace brownout {

/// Bytes read once from beginning to end: a file, a part of one, or memory in tests and fuzzers.
class Input {
 public:
    /// Makes an input that errors call `name`.
    explicit Input(std::string name) : name_(std::move(name)) {}
    virtual ~Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    const std::string& name() const { return name_; }

    /// Reads up to `most` bytes, fewer only at the end: 0 is the end. Throws Error naming the
    /// input.
    std::size_t read(char* to, std::size_t most);

    /// Skips the byte order mark that a text may begin with; before the first read only.
    void skipByteOrderMark();

    /// Returns the bytes read so far.
    std::uint64_t offset() const { return offset_; }

    /// Sets a function that is called with the number of bytes after each read, and with 0 after a
    /// signal; an exception of the function ends the reading.
    void watch(std::function<void(std::size_t bytes)> watcher) { watcher_ = std::move(watcher); }

    /// Returns an Error at a line (from 1) of the input.
    Error errorAtLine(std::uint64_t line, const std::string& problem) const;
    /// Returns an Error at a byte (from 0) of the input.
    Error errorAtByte(std::uint64_t byte, const std::string& problem) const;
    Error error(const std::string& problem) const { return Error(name_, problem); }

 protected:
    /// Calls the watcher, which may end the reading, after a signal that came in while waiting for
    /// bytes.
    void interrupted() const {
        if (watcher_) watcher_(0);
    }

 private:
    virtual std::size_t readSome(char* to, std::size_t most) = 0;

    /// Reads as read() does, and behind what skipByteOrderMark looked at.
    std::size_t readBytes(char* to, std::size_t most);

    std::string name_;
    std::string ahead_;  ///< bytes that skipByteOrderMark looked at and found to be text
    std::uint64_t offset_ = 0;
    std::function<void(std::size_t)> watcher_;
};

/// Opens a file, a pipe or a device. Throws Error if it is missing, a folder or unreadable.
std::unique_ptr<Input> openInput(const std::string& path);

/// Returns an input of the bytes of `content`, which it keeps.
std::unique_ptr<Input> memoryInput(std::string name, std::string content);

/// The lines of a text, without their "\n" or "\r\n" and without a byte order mark.
class LineReader {
 public:
    /// Most bytes of a line; longer lines are an error: a text file has none, binary data may.
    static constexpr std::size_t kLongestLine = std::size_t{1} << 22;

    explicit LineReader(Input& input, std::size_t longestLine = kLongestLine);

    /// Reads the next line into `line`; returns false at the end. Throws Error at a line that is
    /// too long or that holds a zero byte.
    bool next(std::string& line);
    /// Returns the number of the line that next() gave last, from 1.
    std::uint64_t line() const { return line_; }
    Error error(const std::string& problem) const { return input_.errorAtLine(line_, problem); }

 private:
    bool fill();

    Input& input_;
    std::size_t longest_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t line_ = 0;
    bool begun_ = false;
};

/// Returns `text` for an error message: printable, quoted, and shortened if it is long.
std::string quoted(const std::string& text);

}  // namespace brownout
