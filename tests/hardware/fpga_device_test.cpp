#include <gtest/gtest.h>

#include <map>
#include <random>

#include "hardware/frames/frame_device.h"
#include "tests/hardware/fpga_stream.h"

// Counters and the BIST of the design, as a client sees them.

namespace brownout {
namespace {

using test::FpgaStream;

TEST(FpgaDevice, CountsWordsAndForgetsThemWhenAsked) {
    FrameDevice device(std::make_unique<FpgaStream>(makeFpga("secded")));
    CodedFault one;
    one.word = 3;
    one.checkXor = 0x10;
    CodedFault two;
    two.word = 16383;
    two.orMask = 1;
    two.xorMask = Word{1} << 63;
    device.loadMasks(std::vector<CodedFault>{one, two});
    std::vector<Word> words(16384, 0);
    std::vector<WordStatus> statuses(words.size());
    device.write(0, words);
    device.read(0, words, statuses);
    EXPECT_EQ(words[3], 0U);
    EXPECT_EQ(statuses[3], WordStatus::kCorrected);
    EXPECT_EQ(words[16383], 1 | Word{1} << 63);
    EXPECT_EQ(statuses[16383], WordStatus::kDetected);
    FrameCounters counters = device.counters();
    EXPECT_EQ(counters.reads, 16384U);
    EXPECT_EQ(counters.corrected, 1U);
    EXPECT_EQ(counters.detected, 1U);
    device.clearCounters();
    EXPECT_EQ(device.counters().reads, 0U);
    device.clearMasks();
    device.read(0, words, statuses);
    counters = device.counters();
    EXPECT_EQ(counters.reads, 16384U);
    EXPECT_EQ(counters.detected, 0U);
}

TEST(FpgaDevice, ItsBistFindsEveryWrongReadOfMarchCMinusInItsOrder) {
    FrameDevice device(std::make_unique<FpgaStream>(makeFpga("secded")));
    std::mt19937_64 random(23);
    std::map<std::uint32_t, CodedFault> faults;
    for (int i = 0; i < 400; ++i) {
        CodedFault fault;
        fault.word = static_cast<std::uint32_t>(random() % 1000);
        const Word bit = Word{1} << random() % 64;
        const auto check = static_cast<std::uint8_t>(1 << random() % 8);
        switch (random() % 6) {
            case 0:
                fault.andMask = ~bit;
                break;
            case 1:
                fault.orMask = bit;
                break;
            case 2:
                fault.xorMask = bit;
                break;
            case 3:
                fault.checkAnd = static_cast<std::uint8_t>(~check);
                break;
            case 4:
                fault.checkOr = check;
                break;
            default:
                fault.checkXor = check;
                break;
        }
        faults[fault.word] = fault;
    }
    std::vector<CodedFault> masks;
    for (const auto& [word, fault] : faults) masks.push_back(fault);
    device.loadMasks(masks);

    // {any w0; up r0,w1; up r1,w0; down r0,w1; down r1,w0; any r0} with this word for 0.
    const CodedWord zero{0x0123456789ABCDEF, 0x5A};
    const CodedWord one{~zero.data, static_cast<std::uint8_t>(~zero.check)};
    const std::uint32_t tested = 900;
    std::vector<MarchFailure> expected;
    const auto pass = [&](const CodedWord& stored, bool down) {
        for (std::uint32_t i = 0; i < tested; ++i) {
            const std::uint32_t word = down ? tested - 1 - i : i;
            const auto found = faults.find(word);
            if (found == faults.end()) continue;
            const CodedWord read = found->second.read(stored);
            const CodedWord wrong{read.data ^ stored.data,
                                  static_cast<std::uint8_t>(read.check ^ stored.check)};
            if (!(wrong == CodedWord{})) expected.push_back({word, wrong, stored});
        }
    };
    pass(zero, false);
    pass(one, false);
    pass(zero, true);
    pass(one, true);
    pass(zero, false);
    ASSERT_GT(expected.size(), 2 * 255U);  // several replies

    const std::vector<MarchFailure> found = device.runBist(1, tested, zero);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].address, expected[i].address) << i;
        EXPECT_TRUE(found[i].syndrome == expected[i].syndrome) << i;
        EXPECT_TRUE(found[i].expected == expected[i].expected) << i;
    }
    device.clearMasks();
    EXPECT_TRUE(device.runBist(2, 16384, zero).empty());
}

}  // namespace
}  // namespace brownout
