#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "hardware/debugger/etherbone_target.h"
#include "hardware/debugger/gdb_target.h"
#include "hardware/debugger/open_target.h"
#include "hardware/debugger/openocd_target.h"
#include "tests/hardware/peer_program.h"
#include "tests/hardware/problem_of.h"
#include "tests/hardware/running_bench.h"

// Our debuggers against stubs that aren't ours.

namespace brownout {
namespace {

using std::chrono::milliseconds;
using test::PeerProgram;
using test::RunningBench;

/// Writes, reads and compares `count` bytes from `base` on, in pieces of many sizes.
void exercise(TargetMemory& target, std::uint64_t base, std::size_t count, std::size_t unit = 1) {
    std::mt19937 random(1);
    std::vector<std::uint8_t> expected(count);
    for (auto& byte : expected) {
        const std::uint8_t some[] = {0, 0, '#', '$', '}', '*', static_cast<std::uint8_t>(random())};
        byte = some[random() % 7];
    }
    writeChecked(target, base, expected);
    for (int round = 0; round < 20; ++round) {
        const std::size_t size = unit * (1 + random() % (round % 2 == 0 ? 16 : count / unit / 2));
        const std::size_t at = random() % ((count - size) / unit) * unit;
        std::vector<std::uint8_t> bytes(size);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        writeChecked(target, base + at, bytes);
        std::copy(bytes.begin(), bytes.end(), expected.begin() + static_cast<std::ptrdiff_t>(at));
    }
    std::vector<std::uint8_t> read(count);
    target.read(base, read);
    EXPECT_EQ(read, expected);
}

TEST(GdbPeers, ASchoolbookStubInPythonThatUsesAllTheProtocolAllows) {
    PeerProgram stub({"/usr/bin/python3", BROWNOUT_SOURCE_DIR "/tests/hardware/peers/gdb_stub.py"});
    const std::string port = stub.digitsAfter("listening at ");
    ASSERT_FALSE(port.empty()) << stub.output();
    GdbTarget target(parseTcpAddress("", "127.0.0.1:" + port));
    exercise(target, 0x20000000, 4000);
    EXPECT_GT(target.traffic().repeats, 10U) << "damaged and refused packets are sent again";
}

TEST(GdbPeers, AnotherTargetInThePlaceOfTheFirstIsNeverUsed) {
    auto bench = std::make_unique<RunningBench>(test::faultlessMemory());
    const TcpAddress address = bench->gdb();
    GdbTarget target(address);
    std::vector<std::uint8_t> bytes(8);
    target.write(0x20000000, bytes);
    bench.reset();
    PeerProgram stub({"/usr/bin/python3", BROWNOUT_SOURCE_DIR "/tests/hardware/peers/gdb_stub.py",
                      std::to_string(address.port)});
    ASSERT_FALSE(stub.digitsAfter("listening at ").empty()) << stub.output();
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_THAT(test::problemOf([&] { target.write(0x20000000, bytes); }),
                    testing::HasSubstr("is another target now"))
            << "attempt " << attempt;
    }
}

TEST(GdbPeers, GdbserverHoldsAProgramWhoseMemoryWeUse) {
    if (!programExists("gdbserver")) GTEST_SKIP() << "gdbserver is not installed";
    for (const char* const options : {"", "?ack=no"}) {
        PeerProgram server({"gdbserver", "127.0.0.1:0", BROWNOUT_GDB_VICTIM});
        const std::string port = server.digitsAfter("Listening on port ");
        if (port.empty()) GTEST_SKIP() << "gdbserver can't trace here: " << server.output();
        const auto target = openTarget("--memory", "gdb://127.0.0.1:" + port + options);
        EXPECT_NE(target->identity().find("x86-64"), std::string::npos) << target->identity();
        exercise(*target, 0x20000000, 65536);
        EXPECT_EQ(target->traffic().repeats, 0U);
    }
}

TEST(GdbPeers, QemuIsAMachineWithMemory) {
    if (!programExists("qemu-system-riscv64")) {
        GTEST_SKIP() << "qemu-system-riscv64 is not installed";
    }
    const std::string address = "127.0.0.1:" + std::to_string(test::freePort());
    PeerProgram machine({"qemu-system-riscv64", "-M", "virt", "-m", "16", "-bios", "none", "-S",
                         "-display", "none", "-serial", "none", "-monitor", "none", "-gdb",
                         "tcp:" + address});
    std::unique_ptr<GdbTarget> target;
    for (const Deadline end = Deadline::in(milliseconds(20'000)); !target;) {
        try {
            target = std::make_unique<GdbTarget>(parseTcpAddress("", address));
        } catch (const Error& error) {
            ASSERT_FALSE(end.passed()) << error.what() << "\n" << machine.output();
        }
    }
    const std::uint64_t whileItBegan = target->traffic().repeats;
    EXPECT_NE(target->identity().find("riscv"), std::string::npos) << target->identity();
    exercise(*target, 0x80000000, 65536);
    EXPECT_EQ(target->traffic().repeats, whileItBegan);
}

TEST(EtherbonePeer, IsReadAndWrittenInWords) {
    PeerProgram server(
        {"/usr/bin/python3", BROWNOUT_SOURCE_DIR "/tests/hardware/peers/etherbone_server.py"});
    const std::string port = server.digitsAfter("listening at ");
    ASSERT_FALSE(port.empty()) << server.output();
    EtherboneTarget target(parseTcpAddress("", "127.0.0.1:" + port));
    exercise(target, 0x20000000, 40'000, 4);
    std::vector<std::uint8_t> bytes(6);
    EXPECT_THROW(target.read(0x20000000, bytes), Error);
    EXPECT_EQ(target.traffic().repeats, 0U);
}

TEST(OpenOcdPeer, ItsTclPortCarriesReadsAndWrites) {
    if (!programExists("openocd")) GTEST_SKIP() << "openocd is not installed";
    const std::string port = std::to_string(test::freePort());
    PeerProgram openocd({"openocd", "-c", "tcl_port " + port, "-f",
                         BROWNOUT_SOURCE_DIR "/tests/hardware/peers/openocd_memory.tcl"});
    std::unique_ptr<OpenOcdTarget> target;
    for (const Deadline end = Deadline::in(milliseconds(20'000)); !target;) {
        try {
            target = std::make_unique<OpenOcdTarget>(parseTcpAddress("", "127.0.0.1:" + port));
        } catch (const Error& error) {
            ASSERT_FALSE(end.passed()) << error.what() << "\n" << openocd.output();
        }
    }
    EXPECT_NE(target->identity().find("Open On-Chip Debugger"), std::string::npos)
        << target->identity();
    exercise(*target, 0x20000000, 12'000);
    std::vector<std::uint8_t> bytes(4);
    EXPECT_THROW(target->write(0x10000000, bytes), Error);
}

}  // namespace
}  // namespace brownout
