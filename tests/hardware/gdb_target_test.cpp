#include "hardware/debugger/gdb_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <thread>

#include "hardware/bench/gdb_stub.h"
#include "hardware/debugger/open_target.h"
#include "tests/hardware/damaging_link.h"
#include "tests/hardware/problem_of.h"
#include "tests/hardware/running_bench.h"

namespace brownout {
namespace {

using std::chrono::milliseconds;
using test::DamagingLink;
using test::problemOf;
using test::RunningBench;
using testing::HasSubstr;

constexpr std::uint64_t kBase = 0x20000000;
const SramGeometry kGeometry{16, 512, 64, 1};  // 64 KiB

std::vector<std::uint8_t> randomBytes(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> bytes(count);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? 0 : random());
    return bytes;
}

TEST(GdbTarget, ReadsWhatWasWrittenWithAndWithoutAcknowledgements) {
    for (const bool acknowledge : {true, false}) {
        RunningBench bench(test::faultlessMemory(kGeometry));
        GdbSettings settings;
        settings.acknowledge = acknowledge;
        GdbTarget target(bench.gdb(), settings);
        const auto bytes = randomBytes(50'000, 1);
        writeChecked(target, kBase + 3, bytes);
        std::vector<std::uint8_t> read(100);
        target.read(kBase + 3 + 777, read);
        EXPECT_TRUE(std::equal(read.begin(), read.end(), bytes.begin() + 777));
        EXPECT_EQ(target.traffic().repeats, 0U);
        EXPECT_EQ(target.traffic().bytesWritten, 50'000U);
    }
}

/// Returns what is sent to the bench's stub when a word is read through a URL with `options`.
std::string sentThrough(const std::string& options) {
    const auto memory = test::faultlessMemory(kGeometry);
    memory->supplyIs(1);
    TcpListener listener({"127.0.0.1", 0});
    std::string sent;
    std::thread server([&] {
        const auto link = listener.accept(Deadline::in(milliseconds(10'000)));
        GdbStub stub(*memory, [] {});
        std::array<char, 4096> bytes{};
        try {
            for (;;) {
                const Deadline deadline = Deadline::in(milliseconds(10'000));
                const std::size_t count = link->read(bytes.data(), bytes.size(), deadline);
                sent.append(bytes.data(), count);
                link->write(stub.receive({bytes.data(), count}), deadline);
            }
        } catch (const Error&) {  // it has what it wanted
        }
    });
    std::vector<std::uint8_t> word(8);
    openTarget("--memory", "gdb://" + listener.address().text() + options)->read(kBase, word);
    server.join();
    return sent;
}

TEST(GdbTarget, DoesWithoutAcknowledgementsWhereItsUrlSaysSo) {
    const auto count = [](const std::string& text, char byte) {
        return std::count(text.begin(), text.end(), byte);
    };
    const std::string usual = sentThrough("");
    EXPECT_GE(count(usual, '+'), count(usual, '$'));
    EXPECT_EQ(usual.find("NoAck"), std::string::npos);
    const std::string without = sentThrough("?ack=no");
    EXPECT_LT(without.rfind('+'), without.find("m20000000")) << without;
    EXPECT_THAT(problemOf([] { openTarget("--memory", "gdb://127.0.0.1:1?ack=yes"); }),
                HasSubstr("?ack=no"));
}

TEST(GdbTarget, AsksForAsMuchAsAPacketHolds) {
    RunningBench bench(test::faultlessMemory(kGeometry));
    GdbTarget target(bench.gdb());
    const std::uint64_t before = target.traffic().roundTrips;
    std::vector<std::uint8_t> read(60'000);
    target.read(kBase, read);
    // PacketSize is 0x1000: some 2040 bytes a packet, two digits each.
    EXPECT_LE(target.traffic().roundTrips - before, 60'000U / 2032 + 2);
}

TEST(GdbTarget, SmallReadsOfOneSizeAreToldApart) {
    RunningBench bench(test::faultlessMemory(kGeometry));
    GdbTarget target(bench.gdb());
    const auto bytes = randomBytes(64, 2);
    target.write(kBase, bytes);
    for (std::size_t i = 0; i < 64; ++i) {
        std::vector<std::uint8_t> one(1);
        target.read(kBase + i, one);
        EXPECT_EQ(one[0], bytes[i]);
    }
}

TEST(GdbTarget, ReportsWhatTheStubRefuses) {
    RunningBench bench(test::faultlessMemory(kGeometry));
    GdbTarget target(bench.gdb());
    std::vector<std::uint8_t> bytes(16);
    EXPECT_THAT(problemOf([&] { target.read(kBase - 8, bytes); }),
                AllOf(HasSubstr("gdb://127.0.0.1:"), HasSubstr("0x1ffffff8"), HasSubstr("E14")));
    EXPECT_THAT(problemOf([&] { target.write(kBase + 65536 - 8, bytes); }), HasSubstr("E14"));
    target.read(kBase, bytes);  // goes on
}

TEST(GdbTarget, SaysWhoIsNotThere) {
    std::string name;
    {
        TcpListener listener({"127.0.0.1", 0});
        name = listener.address().text();
    }
    EXPECT_THAT(problemOf([&] { GdbTarget target(parseTcpAddress("", name)); }),
                AllOf(HasSubstr(name), HasSubstr("Connection refused")));
    TcpListener silent({"127.0.0.1", 0});
    GdbSettings settings;
    settings.answer = milliseconds(20);
    settings.connections = 2;
    EXPECT_THAT(problemOf([&] { GdbTarget target(silent.address(), settings); }),
                HasSubstr("didn't answer in time"));
}

/// A memory whose writes go astray now and then, as those of a stub that reports nothing.
class ForgetfulTarget final : public TargetMemory {
 public:
    explicit ForgetfulTarget(int forgets) : forgets_(forgets) {}
    const std::string& name() const override { return name_; }
    std::string identity() override { return ""; }
    void read(std::uint64_t address, Span<std::uint8_t> bytes) override {
        std::copy_n(stored_.begin() + static_cast<std::ptrdiff_t>(address), bytes.size(),
                    bytes.begin());
    }
    void write(std::uint64_t address, Span<const std::uint8_t> bytes) override {
        if (forgets_-- > 0) return;
        std::copy(bytes.begin(), bytes.end(),
                  stored_.begin() + static_cast<std::ptrdiff_t>(address));
    }
    TargetTraffic traffic() const override { return {}; }

 private:
    std::string name_ = "forgetful";
    int forgets_;
    std::vector<std::uint8_t> stored_ = std::vector<std::uint8_t>(64);
};

TEST(WriteChecked, FindsWritesThatDidNotHappen) {
    const std::vector<std::uint8_t> bytes{0, 1, 2};
    ForgetfulTarget once(1);
    writeChecked(once, 16, bytes);
    std::vector<std::uint8_t> read(3);
    once.read(16, read);
    EXPECT_EQ(read, bytes);
    ForgetfulTarget always(100);
    EXPECT_THAT(problemOf([&] { writeChecked(always, 16, bytes); }),
                AllOf(HasSubstr("0x11"), HasSubstr("0x1 was written")));
}

// Damage hits one piece of an answer in twelve. 60 seeds; each run ends with the right bytes or
// with an error.
TEST(GdbTarget, NoDamagedLateOrRepeatedAnswerIsTakenForARightOne) {
    RunningBench bench(test::faultlessMemory(kGeometry));
    const auto pattern = randomBytes(65'536, 3);
    GdbTarget sound(bench.gdb());
    sound.write(kBase, pattern);
    int damages = 0, errors = 0;
    for (unsigned seed = 0; seed < 60; ++seed) {
        DamagingLink link(bench.gdb(), seed, 0);
        GdbSettings settings;
        settings.answer = milliseconds(25);
        settings.connections = 8;
        settings.acknowledge = seed % 2 == 0;
        GdbTarget target(link.address(), settings);
        link.setShare(0.08);
        std::mt19937 random(seed);
        for (int round = 0; round < 9; ++round) {
            // Many of one size, whose answers could be taken for one another.
            const std::size_t sizes[] = {64, 4080, 1 + random() % 9000};
            const std::size_t count = sizes[random() % 3];
            const std::size_t at = random() % (65'536 - count);
            std::vector<std::uint8_t> bytes(count);
            try {
                if (round % 3 == 2) {
                    writeChecked(target, kBase + at,
                                 Span<const std::uint8_t>(pattern.data() + at, count));
                }
                target.read(kBase + at, bytes);
                ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(),
                                       pattern.begin() + static_cast<std::ptrdiff_t>(at)))
                    << "seed " << seed << ", round " << round;
            } catch (const Error&) {
                ++errors;
            }
        }
        damages += link.damages();
        std::vector<std::uint8_t> all(65'536);
        sound.read(kBase, all);
        ASSERT_EQ(all, pattern) << "seed " << seed;
    }
    EXPECT_GT(damages, 150);
    EXPECT_LT(errors, 60);
}

}  // namespace
}  // namespace brownout
