#include <gtest/gtest.h>

#include <map>
#include <random>

#include "hardware/frames/frame.h"
#include "hardware/frames/little_endian.h"
#include "model/geometry.h"
#include "tests/hardware/fpga_stream.h"

// Requests and replies are those of rtl/fpga/PROTOCOL.md, byte for byte.

namespace brownout {
namespace {

using test::FpgaStream;

const Deadline kNow = Deadline::in(std::chrono::milliseconds(0));

/// The design, and frames written by hand.
class Line {
 public:
    explicit Line(const std::string& codec = "none") : stream_(makeFpga(codec)) {}

    static std::string request(int op, std::uint32_t tag, std::uint32_t address, int count,
                               const std::string& payload = "") {
        std::string content;
        appendLittleEndian(content, static_cast<std::uint64_t>(op), 1);
        appendLittleEndian(content, static_cast<std::uint64_t>(count), 1);
        appendLittleEndian(content, tag, 4);
        appendLittleEndian(content, address, 4);
        return frameOf(content + payload);
    }

    /// Sends bytes; returns what the frames of the answer hold.
    std::vector<std::string> send(const std::string& bytes) {
        stream_.write(bytes, kNow);
        std::vector<std::string> replies;
        char arrived[4096];
        while (const std::size_t count = stream_.read(arrived, sizeof arrived, kNow)) {
            parser_.feed({arrived, count},
                         [&](std::string_view content) { replies.emplace_back(content); });
        }
        return replies;
    }

    /// Returns the status of the one reply to a request, or -1 if there is none.
    int statusOf(const std::string& frame) {
        const auto replies = send(frame);
        EXPECT_LE(replies.size(), 1U);
        return replies.empty() ? -1 : replies[0][1];
    }

    void open() { EXPECT_EQ(statusOf(request(1, 1, 0, 0)), 0); }

    Word word(std::uint32_t tag, std::uint32_t address) {
        const auto replies = send(request(3, tag, address, 1));
        EXPECT_EQ(replies.size(), 1U);
        EXPECT_EQ(replies.at(0).size(), 6 + 9U);
        return littleEndian(replies.at(0), 6, 8);
    }

    std::uint64_t badFrames(std::uint32_t tag) {
        return littleEndian(send(request(7, tag, 0, 0)).at(0), 6 + 24, 4);
    }

 private:
    FpgaStream stream_;
    FrameParser parser_{10'000};
};

std::string bytesOf(Word word) {
    std::string bytes;
    appendLittleEndian(bytes, word, 8);
    return bytes;
}

TEST(FpgaProtocol, RepliesRepeatOperationAndTag) {
    Line line;
    const auto identity = line.send(Line::request(1, 0x80007E7D, 0, 0));
    ASSERT_EQ(identity.size(), 1U);
    std::string expected("\x81\x00\x7D\x7E\x00\x80", 6);
    appendLittleEndian(expected, 1, 2);                // version
    appendLittleEndian(expected, 4096, 2);             // bytes of requests that may wait
    appendLittleEndian(expected, 1U << 20 | 32, 4);    // overlay, codec none, 32 banks
    appendLittleEndian(expected, 64U << 24 | 512, 4);  // 64 bits, 512 rows
    appendLittleEndian(expected, 0x80007E7D, 4);       // the newest tag
    EXPECT_EQ(identity[0], expected);
    EXPECT_EQ(line.send(Line::request(2, 0x80007E7E, 77, 1, bytesOf(0x7E7D7E7D00FF1234))),
              std::vector<std::string>{std::string("\x82\x00\x7E\x7E\x00\x80", 6)});
    EXPECT_EQ(line.word(0x80007E7F, 77), 0x7E7D7E7D00FF1234U);
    EXPECT_EQ(line.word(0x80007E80, 78), 0U);
}

TEST(FpgaProtocol, EveryWrongRequestGetsItsStatusAndDoesNothing) {
    Line line;
    line.open();
    const std::string word = bytesOf(~Word{0});
    const std::string mask(31, '\xFF');
    std::string bist(14, '\0');
    const auto bistOf = [&](char algorithm) {
        bist[0] = algorithm;
        return bist;
    };
    struct Wrong {
        int op, count, status;
        std::uint32_t address;
        std::string payload;
    };
    const std::uint32_t words = 32 * 512;
    const std::vector<Wrong> all{{0, 0, 1, 0, ""},
                                 {9, 0, 1, 0, ""},
                                 {0x83, 1, 1, 0, ""},
                                 {1, 1, 2, 0, ""},
                                 {1, 0, 2, 0, "x"},
                                 {7, 0, 2, 0, word},
                                 {2, 0, 2, 0, ""},
                                 {2, 2, 2, 0, word},
                                 {2, 1, 2, 0, word + "x"},
                                 {2, 1, 3, words, word},
                                 {2, 2, 3, words - 1, word + word},
                                 {2, 1, 3, 0xFFFFFFFF, word},
                                 {3, 0, 2, 0, ""},
                                 {3, 1, 2, 0, word},
                                 {3, 2, 3, words - 1, ""},
                                 {3, 255, 3, 0xFFFFFFFF, ""},
                                 {4, 0, 2, 0, ""},
                                 {4, 2, 2, 0, mask},
                                 {4, 1, 3, 0, mask},
                                 {5, 1, 2, 0, ""},
                                 {6, 1, 2, 0, ""},
                                 {6, 1, 3, words, bistOf(0)},
                                 {6, 1, 4, 3, bistOf(3)},
                                 {6, 1, 4, 3, bistOf(-1)},
                                 {8, 0, 2, 0, "x"}};
    std::uint32_t tag = 2;
    for (const Wrong& wrong : all) {
        EXPECT_EQ(line.statusOf(
                      Line::request(wrong.op, tag++, wrong.address, wrong.count, wrong.payload)),
                  wrong.status)
            << wrong.op << " " << wrong.count << " " << wrong.address;
    }
    EXPECT_EQ(line.statusOf(Line::request(3, tag++, words - 1, 1)), 0);
    for (const std::uint32_t address : {0U, words - 1}) EXPECT_EQ(line.word(tag++, address), 0U);
    EXPECT_EQ(line.badFrames(tag), 0U);
}

TEST(FpgaProtocol, ADamagedRequestChangesNothingGetsNoReplyAndIsCounted) {
    Line line;
    line.open();
    std::mt19937_64 random(21);
    std::uint32_t tag = 2;
    EXPECT_EQ(line.statusOf(Line::request(2, tag++, 5, 1, bytesOf(42))), 0);
    for (int i = 0; i < 500; ++i) {
        std::string frame = Line::request(2, tag + 1, 5, 1, bytesOf(random()));
        // Not the flags: a frame without one is completed by the next.
        const std::size_t at = 1 + random() % (frame.size() - 2);
        const char before = frame[at];
        while (frame[at] == before) frame[at] = static_cast<char>(random());
        if (i % 3 == 0) frame.erase(at, frame.size() - 1 - at);
        EXPECT_EQ(line.send(frame).size(), 0U) << i;
        EXPECT_EQ(line.word(tag, 5), 42U) << i;
        tag += 2;
    }
    // A flag in the middle makes two frames of one, and one without bytes is none.
    EXPECT_GE(line.badFrames(tag), 480U);
    EXPECT_LE(line.badFrames(tag + 1), 520U);
}

TEST(FpgaProtocol, AFrameThatItsSenderGivesUpIsDropped) {
    Line line;
    line.open();
    std::string frame = Line::request(2, 2, 5, 1, bytesOf(42));
    frame.insert(frame.size() - 1, "}");
    EXPECT_EQ(line.statusOf(frame), -1);
    EXPECT_EQ(line.badFrames(3), 1U);
    EXPECT_EQ(line.word(4, 5), 0U);
}

TEST(FpgaProtocol, AFrameOfAnyLengthIsDroppedWithoutHarm) {
    Line line;
    line.open();
    std::uint32_t tag = 2;
    for (const std::size_t length : {1U, 13U, 503U, 504U, 505U, 512U, 513U, 520U, 1024U, 5000U}) {
        const std::string payload(length, 'x');
        const int expected = length > 512 ? -1 : 2;  // longer than any request; no whole words
        EXPECT_EQ(line.statusOf(Line::request(2, tag++, 0, 63, payload)),
                  length == 504 ? 0 : expected)
            << length;
    }
    EXPECT_EQ(line.statusOf(Line::request(2, tag++, 0, 64, std::string(512, 'y'))), 0);
    // The checksum of the longest request doesn't come round to the payload's beginning.
    for (const std::uint32_t address : {0U, 63U}) {
        EXPECT_EQ(line.word(tag++, address), 0x7979797979797979U) << address;
    }
    EXPECT_EQ(line.word(tag++, 64), 0U);
}

TEST(FpgaProtocol, ALineThatCanWaitLosesNothingWhenItsQueueIsFull) {
    Line line;
    line.open();
    std::string all;
    for (std::uint32_t i = 0; i < 400; ++i) all += Line::request(3, 2 + i, i, 60);
    ASSERT_GT(all.size(), 4096U);
    const auto replies = line.send(all);
    ASSERT_EQ(replies.size(), 400U);
    for (std::uint32_t i = 0; i < 400; ++i) EXPECT_EQ(littleEndian(replies[i], 2, 4), 2 + i);
}

TEST(FpgaProtocol, LateCopiesOfRequestsDoNothing) {
    Line line;
    line.open();
    std::vector<std::string> sent;
    std::mt19937_64 random(22);
    std::map<std::uint32_t, Word> written;
    std::uint64_t copies = 0;
    for (std::uint32_t tag = 2; tag < 300; ++tag) {
        const auto address = static_cast<std::uint32_t>(random() % 4);
        written[address] = random();
        sent.push_back(Line::request(2, tag, address, 1, bytesOf(written[address])));
        EXPECT_EQ(line.statusOf(sent.back()), 0);
        for (int i = 0; i < 3; ++i, ++copies) {
            EXPECT_EQ(line.send(sent[random() % sent.size()]).size(), 0U);
        }
    }
    for (const auto& [address, word] : written) EXPECT_EQ(line.word(400 + address, address), word);
    EXPECT_EQ(line.badFrames(500), copies);
    // A late copy of the request that opened the session is answered, and changes nothing.
    EXPECT_EQ(line.statusOf(Line::request(1, 1, 0, 0)), 0);
    EXPECT_EQ(line.send(sent[0]).size(), 0U);
    // Tags go round.
    EXPECT_EQ(line.statusOf(Line::request(3, 500 + (1U << 31) - 1, 0, 1)), 0);
    EXPECT_EQ(line.statusOf(Line::request(3, 600, 0, 1)), -1);
    EXPECT_EQ(line.statusOf(Line::request(3, 500 + (1U << 31), 0, 1)), 0);
    EXPECT_EQ(line.statusOf(Line::request(3, 5, 0, 1)), 0);
}

TEST(FpgaProtocol, ADesignThatWasResetAnswersNobodyWhoDoesNotKnow) {
    Line line;
    for (const int op : {2, 3, 4, 5, 6, 7, 8}) {
        EXPECT_EQ(line.statusOf(Line::request(op, 100, 0, 0)), -1) << op;
    }
    line.open();
    EXPECT_EQ(line.badFrames(2), 7U);
}

}  // namespace
}  // namespace brownout
