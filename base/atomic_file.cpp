#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/error.h"

namespace brownout {
namespace {

/// A POSIX file descriptor that closes itself.
class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

 private:
    int fd_;
};

void flushToDisk(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 || ::fsync(file.get()) != 0) {
        throw ioError(path.string(), "cannot be flushed to the disk", errno);
    }
}

/// Writes `content` to the file `temporary`; errors name `path`, which the user asked for.
void writeAll(const std::filesystem::path& temporary, std::string_view content,
              const std::filesystem::path& path) {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.get() < 0) throw ioError(path.string(), "cannot be written", errno);
    while (!content.empty()) {
        const ssize_t written = ::write(file.get(), content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            throw ioError(path.string(), "cannot be written", errno);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

void checkCanWrite(const std::filesystem::path& path) {
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const auto refuse = [&](const std::string& reason) {
        throw Error(path.string(), "cannot be written: " + reason);
    };
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0 && errno != ENOENT && errno != ENOTDIR) {
        throw ioError(path.string(), "cannot be written", errno);
    }
    if (!S_ISDIR(status.st_mode)) refuse("there is no folder " + folder.string());
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        throw ioError(path.string(), "cannot be written", errno);
    }
    if (::stat(path.c_str(), &status) != 0) return;
    if (S_ISDIR(status.st_mode)) refuse("it is a folder");
    // It would get its name by taking the place of what is there.
    if (!S_ISREG(status.st_mode)) refuse("it is a device or a pipe; expected a file");
}

namespace {

/// Returns the name under which `path` is written. The process number keeps two runs that write the
/// same file apart.
std::filesystem::path temporaryNameOf(const std::filesystem::path& path) {
    checkCanWrite(path);
    std::filesystem::path name = path;
    name += "." + std::to_string(::getpid()) + ".part";
    return name;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(temporaryNameOf(path_)), known_(temporary_, path_) {}

AtomicFile::~AtomicFile() {
    std::error_code ignored;
    if (!committed_) std::filesystem::remove(temporary_, ignored);
}

void AtomicFile::commit() {
    flushToDisk(temporary_);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
        throw ioError(path_.string(), "cannot be written", errno);
    }
    committed_ = true;
}

void writeAtomically(const std::filesystem::path& path,
                     const std::function<void(const std::filesystem::path&)>& write) {
    AtomicFile file(path);
    write(file.temporary());
    file.commit();
}

void writeAtomically(const std::filesystem::path& path, std::string_view content) {
    writeAtomically(
        path, [&](const std::filesystem::path& temporary) { writeAll(temporary, content, path); });
}

void makeWritableFolder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw Error(folder.string(), "cannot be made: " + error.message());
    if (!std::filesystem::is_directory(folder, error)) {
        throw Error(folder.string(), "is not a folder");
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw ioError(folder.string(), "cannot be written", errno);
    }
}

std::string readFile(const std::filesystem::path& path, std::uint64_t mostBytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) throw ioError(path.string(), "cannot be read", errno);
    struct stat status {};
    if (::fstat(file.get(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) throw Error(path.string(), "is a folder; expected a file");
        if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
            throw Error(path.string(), "is a device; expected a file");
        }
    }
    std::string content;
    char buffer[1 << 16];
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw ioError(path.string(), "cannot be read", errno);
        }
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > mostBytes) {
            throw Error(path.string(), "has more than " + std::to_string(mostBytes) +
                                           " bytes, the most that a file of its kind may have");
        }
    }
}

}  // namespace brownout
