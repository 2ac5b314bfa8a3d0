#include "hardware/guard/guardian.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hardware/guard/supply_away.h"
#include "tests/hardware/peer_program.h"
#include "tests/hardware/problem_of.h"
#include "tests/hardware/running_bench.h"

// The guardian's duty in a thread, where a test can look; tests/brownout/bench_test.cpp has it in a
// process of its own, and kills the program.

namespace brownout {
namespace {

using std::chrono::milliseconds;
using test::PeerProgram;
using test::problemOf;
using test::RunningBench;
using testing::HasSubstr;

/// A guardian on duty, and the program's end of its channel.
class OnDuty {
 public:
    explicit OnDuty(GuardSettings settings) : log_((folder_ / "bench.log").string()) {
        settings.log = log_;
        const auto ends = MessageChannel::make("guardian");
        program_ = std::make_unique<MessageChannel>(ends.program);
        thread_ = std::thread([this, settings, socket = ends.child] {
            MessageChannel channel(socket);
            GuardDuty duty(
                channel, settings, [this] { ++ended_; },
                [this](const std::string& line) { shouted_ += line + "\n"; });
            good_ = duty.run();
        });
    }
    ~OnDuty() { end(); }

    std::unique_ptr<MessageChannel> program() { return std::move(program_); }
    /// Ends the channel, as the end of the program would, and waits for the guardian.
    bool end() {
        program_.reset();
        if (thread_.joinable()) thread_.join();
        return good_;
    }
    std::string log() const { return readFile(log_); }
    const std::string& shouted() const { return shouted_; }
    int ended() const { return ended_; }

 private:
    TemporaryFolder folder_;
    std::string log_;
    std::unique_ptr<MessageChannel> program_;
    std::string shouted_;
    std::atomic<int> ended_{0};
    std::atomic<bool> good_{false};
    std::thread thread_;
};

GuardSettings settingsFor(const TcpAddress& scpi) {
    GuardSettings settings;
    settings.supply.url = "scpi://" + scpi.text();
    settings.plan = test::benchPlan();
    settings.plan.stepV = 0.2;
    settings.plan.patience = milliseconds(200);
    settings.persistence = milliseconds(500);
    return settings;
}

std::unique_ptr<ControlledSupply> supplyOf(const GuardSettings& settings, SupplyWatch* watch) {
    return std::make_unique<ControlledSupply>(openSupply(settings.supply), settings.plan, watch);
}

double voltsAt(const TcpAddress& scpi) {
    return openSupply({"scpi://" + scpi.text(), {}})->measure();
}

TEST(MessageChannel, TellsThatTheOtherEndHasGoneThoughAMessageIsLeft) {
    const MessageChannel::Ends ends = MessageChannel::make("test");
    MessageChannel child(ends.child);
    {
        MessageChannel program(ends.program);
        program.send("VOLT 0.5");
        EXPECT_FALSE(child.hungUp());
    }
    EXPECT_TRUE(child.hungUp());
    const Deadline now = Deadline::in(milliseconds(0));
    EXPECT_EQ(child.receive(now), "VOLT 0.5");
    EXPECT_EQ(child.receive(now), "");
}

TEST(Guardian, ConfirmsNominalWhenTheProgramIsDone) {
    RunningBench bench(test::faultlessMemory());
    const GuardSettings settings = settingsFor(bench.scpi());
    OnDuty duty(settings);
    Guardian guardian(duty.program());
    {
        const auto supply = supplyOf(settings, &guardian);
        supply->moveTo(0.6);
    }
    guardian.finish();
    EXPECT_TRUE(duty.end());
    EXPECT_THAT(duty.log(), AllOf(HasSubstr("moving to 0.6 V"), HasSubstr("asked for 0.6 V"),
                                  HasSubstr("Brownout,Bench,test,0"), HasSubstr("done")));
    EXPECT_EQ(duty.shouted(), "");
}

TEST(Guardian, PutsNominalBackWhenTheProgramGoesWithoutAWord) {
    RunningBench bench(test::faultlessMemory());
    const GuardSettings settings = settingsFor(bench.scpi());
    OnDuty duty(settings);
    {
        auto channel = duty.program();
        Guardian guardian(std::move(channel));
        guardian.moving(0.5);
        openSupply(settings.supply)->set(0.5);
    }
    EXPECT_TRUE(duty.end());
    EXPECT_EQ(voltsAt(bench.scpi()), 0.9);
    EXPECT_THAT(duty.log(), HasSubstr("gone without a word"));
}

TEST(Guardian, TheWatchdogEndsALowSupplyAndEverythingThatFollows) {
    RunningBench bench(test::faultlessMemory());
    GuardSettings settings = settingsFor(bench.scpi());
    settings.watchdog = milliseconds(100);
    OnDuty duty(settings);
    Guardian guardian(duty.program());
    const auto supply = supplyOf(settings, &guardian);
    supply->moveTo(0.6);
    std::this_thread::sleep_for(milliseconds(400));
    EXPECT_EQ(voltsAt(bench.scpi()), 0.9);
    EXPECT_THAT(problemOf([&] { supply->check(); }), HasSubstr("0.6 V was set"))
        << "what was read meanwhile is not believed";
    EXPECT_THAT(problemOf([&] { supply->moveTo(0.7); }), HasSubstr("watchdog"));
    EXPECT_EQ(voltsAt(bench.scpi()), 0.9);
    EXPECT_EQ(duty.ended(), 0);
}

TEST(Guardian, AtNominalNobodyIsInAHurry) {
    RunningBench bench(test::faultlessMemory());
    GuardSettings settings = settingsFor(bench.scpi());
    settings.watchdog = milliseconds(50);
    OnDuty duty(settings);
    Guardian guardian(duty.program());
    const auto supply = supplyOf(settings, &guardian);
    std::this_thread::sleep_for(milliseconds(150));
    EXPECT_NO_THROW(supply->moveTo(0.6));
}

TEST(Guardian, AnInstrumentWithOneConnectionIsFreedFromAProgramThatHangs) {
    PeerProgram peer(
        {"/usr/bin/python3", BROWNOUT_SOURCE_DIR "/tests/hardware/peers/scpi_supply.py"});
    const TcpAddress address =
        parseTcpAddress("", "127.0.0.1:" + peer.digitsAfter("listening at "));
    GuardSettings settings = settingsFor(address);
    settings.watchdog = milliseconds(50);
    settings.persistence = milliseconds(20'000);
    OnDuty duty(settings);
    Guardian guardian(duty.program());
    auto supply = supplyOf(settings, &guardian);
    supply->moveTo(0.6);
    const Deadline end = Deadline::in(milliseconds(20'000));
    while (duty.ended() == 0 && !end.passed()) std::this_thread::sleep_for(milliseconds(5));
    EXPECT_EQ(duty.ended(), 1);
    supply.reset();  // as the end of the program would
    guardian.finish();
    EXPECT_TRUE(duty.end());
    EXPECT_NEAR(voltsAt(address), 0.9, 0.001);
}

TEST(Guardian, ShoutsWhereNominalCantBePutBack) {
    GuardSettings settings;
    std::unique_ptr<OnDuty> duty;
    std::unique_ptr<Guardian> guardian;
    {
        RunningBench bench(test::faultlessMemory());
        settings = settingsFor(bench.scpi());
        settings.persistence = milliseconds(2300);
        duty = std::make_unique<OnDuty>(settings);
        guardian = std::make_unique<Guardian>(duty->program());
        guardian->moving(0.6);
    }
    try {
        guardian->finish();
        FAIL();
    } catch (const SupplyAwayError& error) {
        EXPECT_EQ(static_cast<int>(error.status()), 4);
        EXPECT_THAT(error.what(), HasSubstr(settings.supply.url.substr(7)));
    }
    EXPECT_FALSE(duty->end());
    EXPECT_THAT(duty->shouted(),
                AllOf(HasSubstr("IS NOT AT NOMINAL (0.9 V)"), HasSubstr("GAVE UP")));
}

TEST(Guardian, NothingBeginsWithoutARehearsal) {
    std::string gone;
    {
        TcpListener listener({"127.0.0.1", 0});
        gone = listener.address().text();
    }
    OnDuty duty(settingsFor(parseTcpAddress("", gone)));
    EXPECT_THAT(problemOf([&] { Guardian guardian(duty.program()); }),
                AllOf(HasSubstr("can't be brought to nominal"), HasSubstr(gone)));
    EXPECT_FALSE(duty.end());
}

}  // namespace
}  // namespace brownout
