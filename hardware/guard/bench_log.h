#pragma once

#include <string>

namespace brownout {

/// A file to which what happens on a bench is added, a line each with the time in UTC. Lines are
/// whole on the disk before a call returns, and the log goes on where it ended.
class BenchLog {
 public:
    /// Opens or makes the file; an empty path is a log that keeps nothing. Throws Error naming it.
    explicit BenchLog(const std::string& path);
    ~BenchLog();
    BenchLog(const BenchLog&) = delete;
    BenchLog& operator=(const BenchLog&) = delete;

    void add(const std::string& line);

 private:
    int file_ = -1;
};

}  // namespace brownout
