#include "tools/report/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <thread>
#include <vector>

namespace brownout {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A display whose clock stands still until told otherwise.
class Progress : public testing::Test {
 protected:
    ProgressDisplay::Clock clock() {
        return [this] { return std::chrono::steady_clock::time_point(now_); };
    }
    void pass(double seconds) {
        now_ += std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>(seconds));
    }
    std::string shown() const { return out_.str(); }
    std::size_t count(char c) const {
        const auto text = shown();
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
    }

    std::chrono::nanoseconds now_{1};
    std::ostringstream out_;
};

TEST_F(Progress, BarShowsShareRateAndTimeLeft) {
    ProgressDisplay display(out_, ProgressStyle::kBar, "trials", 100, 0, 79, clock());
    pass(10);
    display.advance(25);
    EXPECT_THAT(shown(),
                HasSubstr("[#####...............] 25 %  25 of 100 trials, 2.5/s, 30 s left"));
}

TEST_F(Progress, CountsResumedTrialsAsDoneButNotTowardsTheRate) {
    ProgressDisplay display(out_, ProgressStyle::kBar, "trials", 100, 50, 79, clock());
    pass(10);
    display.advance(10);
    EXPECT_THAT(shown(), HasSubstr("60 of 100 trials (50 resumed), 1/s, 40 s left"));
}

TEST_F(Progress, BarIsDrawnAtMostTenTimesASecond) {
    ProgressDisplay display(out_, ProgressStyle::kBar, "trials", 100000, 0, 79, clock());
    for (int i = 0; i < 10000; ++i) {
        pass(0.001);
        display.advance();
    }
    EXPECT_LE(count('\r'), 101U);
    EXPECT_GE(count('\r'), 90U);
    EXPECT_EQ(count('\n'), 0U);
}

TEST_F(Progress, BarIsGoneAtTheEnd) {
    {
        ProgressDisplay display(out_, ProgressStyle::kBar, "trials", 10, 0, 40, clock());
        display.advance();
    }
    EXPECT_THAT(shown(), EndsWith("\r" + std::string(40, ' ') + "\r"));
}

TEST_F(Progress, BarMakesRoomForAMessage) {
    ProgressDisplay display(out_, ProgressStyle::kBar, "trials", 10, 0, 40, clock());
    display.advance();
    display.message("warning: something");
    EXPECT_THAT(shown(), EndsWith(std::string(40, ' ') + "\rwarning: something\n"));
}

TEST_F(Progress, ElsewhereThanOnATerminalIsALineNowAndThen) {
    {
        ProgressDisplay display(out_, ProgressStyle::kLines, "trials", 1000, 100, 79, clock());
        for (int i = 0; i < 900; ++i) {
            pass(1);
            display.advance();
        }
    }
    EXPECT_THAT(shown(), HasSubstr("resumed: 100 of 1000 trials were finished before\n"));
    EXPECT_THAT(shown(), EndsWith("1000 of 1000 trials, 900 of them in 15 min 00 s\n"));
    EXPECT_THAT(shown(), Not(HasSubstr("\r")));
    EXPECT_GE(count('\n'), 10U);
    EXPECT_LE(count('\n'), 20U);
}

TEST_F(Progress, UpToABoundIsACountAndATime) {
    {
        ProgressDisplay display(out_, ProgressStyle::kBar, "trials", 100, 5, 79, clock());
        display.totalIsABound();
        pass(80);
        display.advance(20);
        EXPECT_THAT(shown(),
                    StartsWith("\r25 trials, at most 100 (5 resumed), 0.25/s, for 1 min 20 s  "));
    }
    out_.str("");
    {
        ProgressDisplay display(out_, ProgressStyle::kLines, "trials", 100, 0, 79, clock());
        display.totalIsABound();
        pass(80);
        display.advance(20);
    }
    EXPECT_EQ(shown(),
              "20 trials, at most 100, 0.25/s, for 1 min 20 s\n"
              "20 trials, at most 100, 20 of them in 1 min 20 s\n");
}

TEST_F(Progress, OfAQuietRunIsSilent) {
    ProgressDisplay display(out_, ProgressStyle::kSilent, "trials", 10, 3, 79, clock());
    pass(100);
    display.advance(7);
    display.finish();
    EXPECT_EQ(shown(), "");
}

TEST_F(Progress, MayBeAdvancedFromSeveralThreads) {
    ProgressDisplay display(out_, ProgressStyle::kLines, "trials", 4000, 0);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) display.advance();
        });
    }
    for (auto& thread : threads) thread.join();
    display.finish();
    EXPECT_THAT(shown(), HasSubstr("4000 of 4000 trials"));
}

TEST(ProgressStyle, IsSilentIfQuietAndLinesIntoAFile) {
    const int file = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(progressStyleFor(file, false), ProgressStyle::kLines);
    EXPECT_EQ(progressStyleFor(file, true), ProgressStyle::kSilent);
    ::close(file);
}

TEST(HumanDuration, HasTwoUnitsAtMost) {
    EXPECT_EQ(humanDuration(0), "0 s");
    EXPECT_EQ(humanDuration(59.2), "1 min 00 s");
    EXPECT_EQ(humanDuration(200), "3 min 20 s");
    EXPECT_EQ(humanDuration(3720), "1 h 02 min");
}

}  // namespace
}  // namespace brownout
