#include "hardware/frames/frame.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace brownout {
namespace {

std::vector<std::string> framesIn(FrameParser& parser, std::string_view bytes) {
    std::vector<std::string> frames;
    parser.feed(bytes, [&](std::string_view content) { frames.emplace_back(content); });
    return frames;
}

std::vector<std::string> framesIn(std::string_view bytes) {
    FrameParser parser(1000);
    return framesIn(parser, bytes);
}

std::string randomContent(std::mt19937_64& random, std::size_t most) {
    std::string content(random() % (most + 1), '\0');
    // Half of the bytes are ones that need an escape.
    for (char& byte : content) {
        byte = static_cast<char>(random() % 2 != 0 ? random() : 0x7D + random() % 2);
    }
    return content;
}

TEST(Frame, HasTheChecksumOfEthernetAndTheEscapesOfRfc1662) {
    // The check value of CRC-32 is cbf43926.
    EXPECT_EQ(frameOf("123456789"), "~123456789\x26\x39\xF4\xCB~");
    EXPECT_EQ(frameOf("a~b}c").substr(0, 8), "~a}^b}]c");
    EXPECT_EQ(frameOf(""), std::string("~\0\0\0\0~", 6));
}

TEST(FrameParser, FindsWhateverWasSentInPiecesOfAnySize) {
    std::mt19937_64 random(5);
    FrameParser parser(1000);
    std::vector<std::string> sent;
    std::vector<std::string> found;
    std::string line;
    for (int i = 0; i < 300; ++i) {
        sent.push_back(randomContent(random, 300) + "!");
        line += frameOf(sent.back());
    }
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t count = std::min<std::size_t>(random() % 40, line.size() - at);
        for (auto& frame : framesIn(parser, line.substr(at, count))) found.push_back(frame);
        at += count;
    }
    EXPECT_EQ(found, sent);
    EXPECT_EQ(parser.badFrames(), 0U);
}

TEST(FrameParser, TakesNoFrameWithAWrongBit) {
    std::mt19937_64 random(6);
    const std::string line = frameOf(randomContent(random, 40) + "some bytes without escapes");
    for (std::size_t bit = 0; bit < 8 * line.size(); ++bit) {
        std::string wrong = line;
        wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ 1 << bit % 8);
        // A flag that is no flag any more is one that the next frame brings.
        EXPECT_TRUE(framesIn(wrong).empty()) << bit;
        const std::string next = frameOf("next");
        EXPECT_EQ(framesIn(wrong + next), std::vector<std::string>{"next"}) << bit;
    }
}

TEST(FrameParser, TakesNothingOfAFrameThatWasCut) {
    std::mt19937_64 random(7);
    const std::string line = frameOf(randomContent(random, 60) + "x");
    const std::string next = frameOf("next");
    for (std::size_t length = 0; length < line.size(); ++length) {
        EXPECT_TRUE(framesIn(line.substr(0, length)).empty()) << length;
        // The last flag alone may be missing: that of the next frame stands for it.
        if (length + 1 < line.size()) {
            EXPECT_EQ(framesIn(line.substr(0, length) + next), std::vector<std::string>{"next"});
        }
        if (length > 1) {
            EXPECT_EQ(framesIn(line.substr(length) + next), std::vector<std::string>{"next"});
        }
    }
}

TEST(FrameParser, DropsFramesThatAreTooLongAndCountsThem) {
    FrameParser parser(10);
    EXPECT_EQ(framesIn(parser, frameOf("0123456789")).size(), 1U);
    EXPECT_EQ(framesIn(parser, frameOf("0123456789a")).size(), 0U);
    EXPECT_EQ(framesIn(parser, frameOf(std::string(100'000, 'x'))).size(), 0U);
    EXPECT_EQ(framesIn(parser, "~~~").size(), 0U);
    EXPECT_EQ(framesIn(parser, "}~").size(), 0U);
    EXPECT_EQ(framesIn(parser, frameOf("0123456789")).size(), 1U);
    EXPECT_EQ(parser.badFrames(), 3U);
}

}  // namespace
}  // namespace brownout
