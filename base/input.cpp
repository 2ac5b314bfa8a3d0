#include "base/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace brownout {
namespace {

constexpr std::size_t kLineBuffer = std::size_t{1} << 16;

class FileInput : public Input {
 public:
    explicit FileInput(const std::string& path)
        : Input(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0) throw ioError(path, "cannot be read", errno);
        struct stat status {};
        if (::fstat(descriptor_, &status) == 0 && S_ISDIR(status.st_mode)) {
            ::close(descriptor_);
            throw Error(path, "is a folder; expected a file");
        }
    }
    ~FileInput() override { ::close(descriptor_); }

 private:
    std::size_t readSome(char* to, std::size_t most) override {
        for (;;) {
            const ssize_t got = ::read(descriptor_, to, most);
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR) throw ioError(name(), "cannot be read", errno);
            interrupted();
        }
    }

    int descriptor_;
};

class MemoryInput : public Input {
 public:
    MemoryInput(std::string name, std::string content)
        : Input(std::move(name)), content_(std::move(content)) {}

 private:
    std::size_t readSome(char* to, std::size_t most) override {
        const std::size_t count = std::min(most, content_.size() - at_);
        std::memcpy(to, content_.data() + at_, count);
        at_ += count;
        return count;
    }

    std::string content_;
    std::size_t at_ = 0;
};

}  // namespace

void Input::skipByteOrderMark() {
    std::string start(kByteOrderMark.size(), ' ');
    start.resize(readBytes(start.data(), start.size()));
    ahead_ = withoutByteOrderMark(start);
    if (ahead_.empty()) offset_ += start.size();
}

std::size_t Input::read(char* to, std::size_t most) {
    const std::size_t known = std::min(most, ahead_.size());
    std::memcpy(to, ahead_.data(), known);
    ahead_.erase(0, known);
    const std::size_t got = known + readBytes(to + known, most - known);
    offset_ += got;
    return got;
}

std::size_t Input::readBytes(char* to, std::size_t most) {
    std::size_t done = 0;
    while (done < most) {
        const std::size_t got = readSome(to + done, most - done);
        if (got == 0) break;
        done += got;
        if (watcher_) watcher_(got);
    }
    return done;
}

Error Input::errorAtLine(std::uint64_t line, const std::string& problem) const {
    return Error(name_ + ":" + std::to_string(line), problem);
}

Error Input::errorAtByte(std::uint64_t byte, const std::string& problem) const {
    return Error(name_ + ": byte " + std::to_string(byte), problem);
}

std::unique_ptr<Input> openInput(const std::string& path) {
    return std::make_unique<FileInput>(path);
}

std::unique_ptr<Input> memoryInput(std::string name, std::string content) {
    return std::make_unique<MemoryInput>(std::move(name), std::move(content));
}

LineReader::LineReader(Input& input, std::size_t longestLine)
    : input_(input), longest_(longestLine), buffer_(kLineBuffer) {}

bool LineReader::fill() {
    if (!begun_) input_.skipByteOrderMark();
    begun_ = true;
    begin_ = 0;
    end_ = input_.read(buffer_.data(), buffer_.size());
    return end_ > 0;
}

bool LineReader::next(std::string& line) {
    line.clear();
    if (begin_ == end_ && !fill()) return false;
    ++line_;
    for (;;) {
        const char* from = buffer_.data() + begin_;
        const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - begin_));
        const std::size_t count =
            newline != nullptr ? static_cast<std::size_t>(newline - from) : end_ - begin_;
        if (line.size() + count > longest_) {
            throw error("the line is longer than " + std::to_string(longest_) +
                        " bytes; expected text");
        }
        line.append(from, count);
        begin_ += count;
        if (newline != nullptr) {
            ++begin_;
            break;
        }
        if (!fill()) break;
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.find('\0') != std::string::npos) {
        throw error("holds a zero byte; expected text");
    }
    return true;
}

std::string quoted(const std::string& text) {
    constexpr std::size_t kMost = 40;
    static const char kDigits[] = "0123456789abcdef";
    std::string shown = "'";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == kMost) return shown + "...'";
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte < 0x7F) {
            shown += text[i];
        } else {
            shown += std::string("\\x") + kDigits[byte >> 4] + kDigits[byte & 15];
        }
    }
    return shown + "'";
}

}  // namespace brownout
