#include "tools/report/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "base/numbers.h"

namespace brownout {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kRedrawS = 0.1;
constexpr double kLineS = 10;
constexpr double kLineShare = 0.1;

std::string twoDigits(std::uint64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

ProgressStyle progressStyleFor(int fileDescriptor, bool quiet) {
    if (quiet) return ProgressStyle::kSilent;
    return ::isatty(fileDescriptor) == 1 ? ProgressStyle::kBar : ProgressStyle::kLines;
}

std::string humanDuration(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::ceil(std::clamp(seconds, 0.0, 1e9)));
    if (whole < 60) return std::to_string(whole) + " s";
    if (whole < 3600) {
        return std::to_string(whole / 60) + " min " + twoDigits(whole % 60) + " s";
    }
    return std::to_string(whole / 3600) + " h " + twoDigits(whole % 3600 / 60) + " min";
}

ProgressDisplay::ProgressDisplay(std::ostream& out, ProgressStyle style, const std::string& unit,
                                 std::uint64_t total, std::uint64_t resumed, unsigned width,
                                 Clock clock)
    : out_(out),
      style_(style),
      total_(total),
      resumed_(resumed),
      width_(width),
      clock_(std::move(clock)),
      unit_(unit),
      start_(clock_()),
      lastDrawn_(start_),
      lastDrawnDone_(resumed),
      done_(resumed) {
    if (style_ == ProgressStyle::kLines && resumed_ > 0) {
        out_ << "resumed: " << resumed_ << " of " << total_ << " " << unit_
             << " were finished before\n"
             << std::flush;
    }
}

ProgressDisplay::~ProgressDisplay() { finish(); }

void ProgressDisplay::totalIsABound() {
    const std::lock_guard<std::mutex> guard(mutex_);
    isBound_ = true;
}

void ProgressDisplay::advance(std::uint64_t trials) {
    const std::lock_guard<std::mutex> guard(mutex_);
    done_ += trials;
    if (style_ == ProgressStyle::kSilent || finished_) return;
    const auto now = clock_();
    const double sinceDrawn = Seconds(now - lastDrawn_).count();
    if (style_ == ProgressStyle::kBar) {
        if (drawn_ && sinceDrawn < kRedrawS) return;
        out_ << '\r' << bar() << std::flush;
        drawn_ = true;
    } else {
        const double share =
            static_cast<double>(done_ - lastDrawnDone_) / static_cast<double>(total_);
        if (sinceDrawn < kLineS || (share < kLineShare && sinceDrawn < 6 * kLineS)) return;
        out_ << status() << '\n' << std::flush;
    }
    lastDrawn_ = now;
    lastDrawnDone_ = done_;
}

void ProgressDisplay::message(const std::string& line) {
    const std::lock_guard<std::mutex> guard(mutex_);
    clear();
    out_ << line << '\n' << std::flush;
}

void ProgressDisplay::finish() {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (finished_) return;
    finished_ = true;
    clear();
    if (style_ != ProgressStyle::kLines) return;
    out_ << counted() << ", " << done_ - resumed_ << " of them in "
         << humanDuration(Seconds(clock_() - start_).count()) << '\n'
         << std::flush;
}

void ProgressDisplay::clear() {
    if (!drawn_) return;
    out_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
    drawn_ = false;
}

/// "120 of 500 trials", or "120 trials, at most 500".
std::string ProgressDisplay::counted() const {
    const std::string done = std::to_string(done_);
    const std::string total = std::to_string(total_);
    return isBound_ ? done + " " + unit_ + ", at most " + total
                    : done + " of " + total + " " + unit_;
}

/// "120 of 500 trials (20 resumed), 3.4/s, 2 min 05 s left".
std::string ProgressDisplay::status() const {
    std::string text = counted();
    if (resumed_ > 0) text += " (" + std::to_string(resumed_) + " resumed)";
    const double elapsed = Seconds(clock_() - start_).count();
    const auto here = static_cast<double>(done_ - resumed_);
    if (elapsed > 0 && here > 0) {
        const double rate = here / elapsed;
        const auto left = static_cast<double>(total_ - std::min(done_, total_));
        text += ", " + humanNumber(rate, 3) + "/s, ";
        text += isBound_ ? "for " + humanDuration(elapsed) : humanDuration(left / rate) + " left";
    }
    return text;
}

std::string ProgressDisplay::bar() const {
    constexpr std::size_t kLength = 20;
    const double share =
        total_ == 0 ? 1 : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    const auto filled = static_cast<std::size_t>(share * kLength);
    std::string text;
    if (!isBound_) {
        text = "[" + std::string(filled, '#') + std::string(kLength - filled, '.') + "] " +
               percent(share, 0) + " %  ";
    }
    text += status();
    text.resize(width_, ' ');
    return text;
}

}  // namespace brownout
