#include "base/child_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/error.h"
#include "base/temporary_files.h"

namespace brownout {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A file without a name, gone when closed. Files rather than pipes: neither side ever waits.
class ScratchFile {
 public:
    ScratchFile() : descriptor_(openNamelessFile(std::filesystem::temp_directory_path())) {}
    ~ScratchFile() { ::close(descriptor_); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    int descriptor() const { return descriptor_; }

    void fill(const std::string& content) const {
        for (std::size_t done = 0; done < content.size();) {
            const auto written = ::write(descriptor_, content.data() + done, content.size() - done);
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) throw ioError("temporary file", "cannot be written", errno);
            done += static_cast<std::size_t>(written);
        }
        ::lseek(descriptor_, 0, SEEK_SET);
    }
    std::string content() const {
        ::lseek(descriptor_, 0, SEEK_SET);
        std::string all;
        std::array<char, 1 << 14> buffer{};
        for (;;) {
            const auto got = ::read(descriptor_, buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) throw ioError("temporary file", "cannot be read", errno);
            if (got == 0) return all;
            all.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

 private:
    int descriptor_;
};

/// Starts a program in a folder with the three files as its standard streams.
pid_t spawn(const std::vector<std::string>& words, const std::filesystem::path& folder,
            const ScratchFile& in, const ScratchFile& out, const ScratchFile& err) {
    posix_spawn_file_actions_t streams;
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_adddup2(&streams, in.descriptor(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&streams, out.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&streams, err.descriptor(), STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&streams, folder.c_str());
    std::vector<std::string> copies = words;
    std::vector<char*> arguments;
    for (auto& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int problem =
        ::posix_spawnp(&child, words.front().c_str(), &streams, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&streams);
    if (problem != 0) {
        throw Error(words.front(),
                    "cannot be started (" + std::generic_category().message(problem) + ")");
    }
    return child;
}

}  // namespace

ChildProcess::~ChildProcess() {
    if (status_) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
}

std::optional<int> ChildProcess::wait(milliseconds limit) {
    const auto end = steady_clock::now() + limit;
    for (milliseconds pause(1); !status_; pause = std::min(2 * pause, milliseconds(20))) {
        int status = 0;
        const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
        if (ended == pid_) {
            status_ = status;
        } else if (ended < 0 && errno != EINTR) {
            throw ioError("child process", "cannot be waited for", errno);
        } else if (steady_clock::now() >= end) {
            break;
        } else {
            std::this_thread::sleep_for(pause);
        }
    }
    return status_;
}

ProgramResult runProgram(const std::vector<std::string>& words, const std::string& input,
                         milliseconds limit, const std::filesystem::path& folder) {
    const ScratchFile in;
    const ScratchFile out;
    const ScratchFile err;
    in.fill(input);
    ProgramResult result;
    {
        ChildProcess child(spawn(words, folder, in, out, err));
        result.status = child.wait(limit);
    }
    result.out = out.content();
    result.err = err.content();
    return result;
}

bool programExists(const std::string& name) {
    if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0;
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "/bin:/usr/bin" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        const auto program = std::filesystem::path(folder.empty() ? "." : folder) / name;
        std::error_code ignored;
        if (std::filesystem::is_regular_file(program, ignored) &&
            ::access(program.c_str(), X_OK) == 0) {
            return true;
        }
    }
    return false;
}

}  // namespace brownout
