#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/atomic_file.h"
#include "base/child_process.h"
#include "base/error.h"
#include "base/temporary_files.h"
#include "hardware/connection/tcp_stream.h"

namespace brownout::test {

/// A program that runs beside a test, with its output in a file; it ends with the test.
class PeerProgram {
 public:
    explicit PeerProgram(std::vector<std::string> words) {
        const std::string path = (folder_ / "output").string();
        posix_spawn_file_actions_t streams;
        posix_spawn_file_actions_init(&streams);
        posix_spawn_file_actions_addopen(&streams, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&streams, 1, path.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                         0600);
        posix_spawn_file_actions_adddup2(&streams, 1, 2);
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int problem =
            ::posix_spawnp(&pid_, arguments[0], &streams, nullptr, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&streams);
        if (problem != 0) throw Error(words[0], "cannot be started");
        child_ = std::make_unique<ChildProcess>(pid_);
    }

    pid_t pid() const { return pid_; }
    std::string output() const {
        return std::filesystem::exists(folder_ / "output") ? readFile(folder_ / "output") : "";
    }
    std::optional<int> wait(std::chrono::milliseconds limit) { return child_->wait(limit); }
    void signal(int number) { ::kill(pid_, number); }

    /// Waits until the output has a line with `before`; returns the digits behind it, or "" after
    /// 10 s.
    std::string digitsAfter(const std::string& before) {
        const std::string word = wordAfter(before);
        return word.substr(0, word.find_first_not_of("0123456789"));
    }
    /// Waits likewise; returns all behind it up to the next blank.
    std::string wordAfter(const std::string& before) {
        const Deadline deadline = Deadline::in(std::chrono::seconds(10));
        while (!deadline.passed()) {
            const std::string text = output();
            const auto at = text.find(before);
            if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
                const auto begin = at + before.size();
                return text.substr(begin, text.find_first_of(" \n", begin) - begin);
            }
            if (child_->wait(std::chrono::milliseconds(5))) return "";
        }
        return "";
    }

 private:
    brownout::TemporaryFolder folder_;
    pid_t pid_ = 0;
    std::unique_ptr<ChildProcess> child_;
};

/// Returns a port that was free a moment ago, for programs that can't be asked to choose one.
inline std::uint16_t freePort() { return TcpListener({"127.0.0.1", 0}).address().port; }

}  // namespace brownout::test
