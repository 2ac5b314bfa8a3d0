#include "hardware/debugger/gdb_packet.h"

#include <gtest/gtest.h>

#include <random>

namespace brownout {
namespace {

TEST(GdbPacket, HasTheSumsOfTheManual) {
    // GDB manual, "Overview" and "Standard Replies" of the remote protocol.
    EXPECT_EQ(gdbPacket("OK"), "$OK#9a");
    EXPECT_EQ(gdbPacket(""), "$#00");
    EXPECT_EQ(gdbPacket("?"), "$?#3f");
    EXPECT_EQ(gdbPacket("m4015bc,2"), "$m4015bc,2#5a");
    EXPECT_TRUE(gdbSumFits("OK", "9A"));
    EXPECT_FALSE(gdbSumFits("OK", "9b"));
    EXPECT_FALSE(gdbSumFits("OK", "9"));
    EXPECT_FALSE(gdbSumFits("OK", "zz"));
}

TEST(GdbPacket, RunsAreExpandedAsTheManualSays) {
    EXPECT_EQ(gdbExpanded("0* ", 100), "0000");  // the manual's example
    EXPECT_EQ(gdbExpanded("0*!1", 100), "000001");
    EXPECT_EQ(gdbExpanded("x0*~", 200), "x" + std::string(98, '0'));
    EXPECT_EQ(gdbExpanded("0*~", 97), std::nullopt) << "longer than allowed";
    EXPECT_EQ(gdbExpanded("*a", 100), std::nullopt) << "a run of nothing";
    EXPECT_EQ(gdbExpanded("0*", 100), std::nullopt) << "no count";
    EXPECT_EQ(gdbExpanded("0*\x1d", 100), std::nullopt) << "no printable count";
    EXPECT_EQ(gdbExpanded("0*\xff", 100), std::nullopt);
}

TEST(GdbPacket, EscapesAreUndone) {
    EXPECT_EQ(gdbEscaped("a#b$c*d}e"),
              "a}\x03"
              "b}\x04"
              "c}\x0a"
              "d}]e");
    EXPECT_EQ(gdbExpanded("}\x03", 10), "#");
    EXPECT_EQ(gdbExpanded("}", 10), std::nullopt) << "an escape of nothing";
}

TEST(GdbPacket, AnyBytesComeThroughEscapesAndHexDigits) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        std::string bytes(random() % 300, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random() % 4 == 0 ? "#$*}"[random() % 4] : random());
        const std::string body = gdbEscaped(bytes);
        EXPECT_EQ(body.find_first_of("#$*"), std::string::npos);
        EXPECT_EQ(gdbExpanded(body, 300), bytes);
        EXPECT_EQ(bytesOfHex(hexText(bytes)), bytes);
    }
    EXPECT_EQ(bytesOfHex("0aF"), std::nullopt);
    EXPECT_EQ(bytesOfHex("0g"), std::nullopt);
    EXPECT_EQ(bytesOfHex("aF09"), "\xaf\x09");
}

}  // namespace
}  // namespace brownout
