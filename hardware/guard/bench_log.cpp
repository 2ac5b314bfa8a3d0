#include "hardware/guard/bench_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base/error.h"
#include "base/text.h"

namespace brownout {
namespace {

/// Returns the time as "2026-11-29T07:44:14.123Z".
std::string timeNow() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    const auto seconds = static_cast<std::time_t>(ms / 1000);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(ms % 1000));
    return std::string(text.data()) + fraction.data();
}

}  // namespace

BenchLog::BenchLog(const std::string& path) {
    if (path.empty()) return;
    file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file_ < 0) throw ioError(path, "cannot be written", errno);
}

BenchLog::~BenchLog() {
    if (file_ >= 0) ::close(file_);
}

void BenchLog::add(const std::string& line) {
    if (file_ < 0) return;
    const std::string text = timeNow() + " " + printable(line) + "\n";
    // A log that can't be written must not keep the guardian from its work.
    (void)!::write(file_, text.data(), text.size());
}

}  // namespace brownout
