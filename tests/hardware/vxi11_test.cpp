#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "hardware/guard/guardian.h"
#include "tests/hardware/peer_program.h"
#include "tests/hardware/problem_of.h"
#include "tests/hardware/running_bench.h"
#include "tests/hardware/vxi11_peer.h"

// Supplies behind VXI-11: our client against a peer in Python that knows the protocol from its
// specifications, and lxi-tools against the same peer.

namespace brownout {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::problemOf;
using test::Vxi11Peer;
using testing::HasSubstr;

milliseconds timeOf(const std::function<void()>& action) {
    const auto begin = steady_clock::now();
    action();
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

#define SKIP_WITHOUT(peer) \
    if (!(peer).problem().empty()) GTEST_SKIP() << (peer).problem()

TEST(Vxi11, ASupplyIsSetAndMeasuredAndItsErrorsAreTold) {
    Vxi11Peer peer;
    SKIP_WITHOUT(peer);
    {
        ControlledSupply supply(openSupply({peer.url() + "/inst0", {}}), test::benchPlan());
        EXPECT_EQ(supply.instrument().identity(), "Schoolbook,PSU1,42,1.0");
        EXPECT_NEAR(supply.moveTo(0.5), 0.5004, 1e-9);
    }
    const auto supply = openSupply({peer.url(), {}});
    EXPECT_NEAR(supply->measure(), 0.9004, 1e-9) << "back at nominal";
    EXPECT_THAT(problemOf([&] { supply->set(3); }),
                AllOf(HasSubstr(peer.url()), HasSubstr("-222"), HasSubstr("VOLT 3")));
    ScpiDialect dialect;
    dialect.set = "SOUR:VOLT {volts}";
    dialect.start = {"*CLS"};
    openSupply({peer.url(), dialect})->set(0.7);
    EXPECT_NEAR(supply->measure(), 0.7004, 1e-9);
    dialect.start = {"NONSENSE"};
    EXPECT_THAT(problemOf([&] { openSupply({peer.url(), dialect}); }), HasSubstr("-113"));
}

TEST(Vxi11, LxiToolsFindThePeerInOrder) {
    if (!programExists("lxi")) GTEST_SKIP() << "lxi-tools are not installed";
    Vxi11Peer peer;
    if (!peer.started()) GTEST_SKIP() << peer.problem();
    const auto ask = [&](const std::string& command) {
        const ProgramResult result = runProgram(
            {"lxi", "scpi", "--address", peer.address(), command}, "", milliseconds(10'000));
        return result.out.substr(0, result.out.find('\n'));
    };
    EXPECT_EQ(ask("*IDN?"), "Schoolbook,PSU1,42,1.0");
    EXPECT_EQ(ask("MEAS:VOLT?"), "+9.00400E-01");
    ask("NONSENSE");
    EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header\"");
}

TEST(Vxi11, AnotherInstrumentInThePlaceOfTheFirstIsNeverSet) {
    auto peer = std::make_unique<Vxi11Peer>();
    SKIP_WITHOUT(*peer);
    const auto supply = openSupply({peer->url(), {}});
    const std::string address = peer->address();
    peer.reset();
    Vxi11Peer other({"--address", address, "--name", "Another,One,1,0"});
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_THAT(problemOf([&] { supply->set(0.6); }), HasSubstr("is another instrument now"))
            << "attempt " << attempt;
    }
    EXPECT_NEAR(other.volts(), 0.9, 0.001);
}

TEST(Vxi11, NothingIsWaitedForLongerThanTheDeadline) {
    Vxi11Peer mute({"--mute"});
    SKIP_WITHOUT(mute);
    SupplyAddress address{mute.url(), {}};
    address.times.connect = address.times.answer = milliseconds(150);
    address.times.connections = 2;
    EXPECT_LT(timeOf([&] {
                  EXPECT_THAT(problemOf([&] { openSupply(address); }),
                              HasSubstr("didn't answer in time"));
              }),
              milliseconds(1500))
        << "a core channel that takes calls and answers none";
    // No portmapper at that address.
    address.url = "vxi11://127.254.254.254";
    EXPECT_LT(timeOf([&] { EXPECT_THROW(openSupply(address), Error); }), milliseconds(1500));
    // It would take until the end of the program for an instrument that falls silent.
    Vxi11Peer falls({"--faults", "0:1"});
    address.url = falls.url();
    EXPECT_LT(timeOf([&] { EXPECT_THROW(openSupply(address), Error); }), milliseconds(1500));
}

TEST(Vxi11, AddressesAreCheckedBeforeAnythingIsDone) {
    Vxi11Peer peer;
    SKIP_WITHOUT(peer);
    checkSupplyUrl("--supply-control", "vxi11://bench/gpib0,5");
    for (const char* const wrong :
         {"vxi11://", "vxi11:///inst0", "vxi11://host/", "vxi11://host:111", "vxi11://host/a/b"}) {
        EXPECT_THAT(problemOf([&] { checkSupplyUrl("--supply-control", wrong); }),
                    HasSubstr("expected vxi11://HOST"))
            << wrong;
    }
    EXPECT_THROW(openSupply({peer.url() + "/inst7", {}}), Error) << "no such device there";
}

// One reply in fifty is lost, late, cut, truncated, doubled, an error, that of another call or too
// long for the buffer, which liblxi doesn't survive; 6 seeds. A voltage that is returned is one
// that was set.
TEST(Vxi11, NoDamagedReplyIsTakenForARightOne) {
    int damages = 0, errors = 0;
    for (unsigned seed = 0; seed < 6; ++seed) {
        Vxi11Peer peer({"--faults", std::to_string(seed) + ":0.02"});
        SKIP_WITHOUT(peer);
        SupplyAddress address{peer.url(), {}};
        address.times.answer = milliseconds(1000);
        address.times.connect = milliseconds(2000);
        address.times.connections = 8;
        try {
            const auto supply = openSupply(address);
            for (int round = 0; round < 6; ++round) {
                const double volts = 0.5 + 0.0625 * round;
                supply->set(volts);
                EXPECT_NEAR(supply->measure(), volts + 0.0004, 1e-9)
                    << "seed " << seed << ", round " << round;
            }
        } catch (const Error&) {
            ++errors;
        }
        damages += peer.damages();
    }
    EXPECT_GT(damages, 4);
    EXPECT_LT(errors, 3);
}

// The commands of an exchange wait in the process that holds the connection: when the program has
// gone, and its guardian has put nominal back, they must not be carried out any more.
TEST(Vxi11, AProgramThatHasGoneSetsNothingAnyMore) {
    Vxi11Peer peer({"--slow", "*ESE 3"});  // the first command of the third exchange: set(0.5)
    SKIP_WITHOUT(peer);
    int opened[2];
    ASSERT_EQ(::pipe(opened), 0);
    const pid_t program = ::fork();
    if (program == 0) {
        const auto supply = openSupply({peer.url(), {}});
        if (::write(opened[1], "o", 1) == 1) supply->set(0.5);
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(opened[0], &byte, 1), 1);
    std::this_thread::sleep_for(milliseconds(150));
    ::kill(program, SIGKILL);
    ::waitpid(program, nullptr, 0);
    std::this_thread::sleep_for(milliseconds(1000));
    EXPECT_NEAR(peer.volts(), 0.9, 0.001);
    ::close(opened[0]);
    ::close(opened[1]);
}

// 6 programs that go without a word while the supply is low, with replies damaged throughout.
TEST(Vxi11, AGuardianPutsNominalBackOverADamagedLinkInTime) {
    milliseconds longest(0);
    for (unsigned seed = 0; seed < 6; ++seed) {
        Vxi11Peer peer({"--faults", std::to_string(100 + seed) + ":0.02"});
        SKIP_WITHOUT(peer);
        GuardSettings settings;
        settings.supply.url = peer.url();
        settings.plan = test::benchPlan();
        settings.plan.stepV = 0.2;
        const auto ends = MessageChannel::make("guardian");
        bool good = false;
        std::thread guard([&, socket = ends.child] {
            MessageChannel channel(socket);
            good = GuardDuty(
                       channel, settings, [] {}, [](const std::string&) {})
                       .run();
        });
        {
            auto channel = std::make_unique<MessageChannel>(ends.program);
            try {
                Guardian guardian(std::move(channel));
                guardian.moving(0.5);
                openSupply(settings.supply)->set(0.5);
            } catch (const Error&) {  // whether it got there is all the same
            }
        }
        longest = std::max(longest, timeOf([&] { guard.join(); }));
        EXPECT_TRUE(good) << "seed " << seed;
        EXPECT_NEAR(peer.volts(), 0.9, 0.001) << "seed " << seed;
    }
    std::printf("the supply was back after %d ms at most\n", static_cast<int>(longest.count()));
    EXPECT_LT(longest, milliseconds(2000));
}

}  // namespace
}  // namespace brownout
