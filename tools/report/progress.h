#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <mutex>
#include <string>

namespace brownout {

/// The way in which progress is shown.
enum class ProgressStyle {
    kBar,    ///< one line, redrawn in place: for terminals
    kLines,  ///< a line every 10 s or 10 %, whichever comes later: for logs
    kSilent  ///< nothing
};

/// Returns the bar if `fileDescriptor` is a terminal, lines otherwise; silent if `quiet`.
ProgressStyle progressStyleFor(int fileDescriptor, bool quiet);

/// Writes a duration as "1 h 02 min", "3 min 20 s" or "12 s".
std::string humanDuration(double seconds);

/// The display of how far a campaign (or an import) is, how fast it goes and how long it will take.
/// Trials that an earlier run finished count as done but not towards the rate. May be called from
/// several threads.
class ProgressDisplay {
 public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// Shows a count of `unit` ("trials", "MB") from `resumed` to `total`, drawn on `out` (stderr)
    /// in lines of `width` columns.
    ProgressDisplay(std::ostream& out, ProgressStyle style, const std::string& unit,
                    std::uint64_t total, std::uint64_t resumed = 0, unsigned width = 79,
                    Clock clock = std::chrono::steady_clock::now);
    ~ProgressDisplay();
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;

    /// Tells the display that the total is an upper bound. It then shows the count and the time
    /// that have passed, and neither a share nor the time left, which can't be known.
    void totalIsABound();

    /// Counts `trials` more as done. Draws at most ten times a second.
    void advance(std::uint64_t trials = 1);

    /// Prints a line of its own (a warning, say) above the bar. Printed in the silent style too.
    void message(const std::string& line);

    /// Clears the bar, or prints a last line with the total. The destructor calls it if nothing
    /// else has.
    void finish();

 private:
    std::string counted() const;
    std::string status() const;
    std::string bar() const;
    void clear();

    std::ostream& out_;
    const ProgressStyle style_;
    const std::uint64_t total_;
    const std::uint64_t resumed_;
    const unsigned width_;
    const Clock clock_;
    const std::string unit_;
    const std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point lastDrawn_;
    std::uint64_t lastDrawnDone_;
    std::uint64_t done_;
    bool isBound_ = false;
    bool drawn_ = false;
    bool finished_ = false;
    std::mutex mutex_;
};

}  // namespace brownout
