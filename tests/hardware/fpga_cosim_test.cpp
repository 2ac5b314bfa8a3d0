#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "hardware/frames/frame_memory.h"
#include "model/functional_memory.h"
#include "model/random.h"
#include "tests/hardware/fpga_stream.h"
#include "tests/hardware/problem_of.h"
#include "tests/sim/sample_chip.h"

// The whole way: words through frames, the design of rtl/fpga in simulation, and back, against the
// functional memory. A million words of each codec: tests/hardware/cosim-fpga.

namespace brownout {
namespace {

using test::FpgaStream;
using testing::HasSubstr;

// Smaller than the design: its arrays leave gaps in the addresses.
const SramGeometry kGeometry{6, 64, 64, 1};

std::unique_ptr<FrameDevice> deviceOf(std::unique_ptr<FpgaModel> design) {
    return std::make_unique<FrameDevice>(std::make_unique<FpgaStream>(std::move(design)));
}
std::unique_ptr<FrameDevice> deviceOf(const std::string& codec) {
    return deviceOf(makeFpga(codec));
}

/// Writes and reads `words` words in bursts at random places of both memories; returns how many
/// words or statuses differ.
std::uint64_t mismatches(WeightMemory& golden, WeightMemory& memory, std::uint64_t words,
                         std::uint32_t stream) {
    RandomStream random(1, RandomDomain::kTraffic, stream, 0);
    std::vector<Word> data;
    std::vector<WordStatus> status;
    std::vector<Word> expected;
    std::vector<WordStatus> expectedStatus;
    std::uint64_t wrong = 0;
    for (std::uint64_t done = 0; done < words; done += data.size()) {
        // Mostly short bursts, some longer than a frame.
        const std::uint64_t most = random.next() % 8 == 0 ? memory.words() : 20;
        data.resize(1 + random.next() % most);
        for (Word& word : data) word = random.next();
        std::uint64_t first = random.next() % (memory.words() - data.size() + 1);
        golden.write(first, data);
        memory.write(first, data);
        first = random.next() % (memory.words() - data.size() + 1);
        status.resize(data.size());
        expected.resize(data.size());
        expectedStatus.resize(data.size());
        golden.read(first, expected, expectedStatus);
        memory.read(first, data, status);
        for (std::size_t i = 0; i < data.size(); ++i) {
            wrong += data[i] != expected[i] || status[i] != expectedStatus[i];
        }
    }
    return wrong;
}

class FpgaWithCodec : public testing::TestWithParam<const char*> {};

TEST_P(FpgaWithCodec, ReturnsTheWordsAndStatusesOfTheFunctionalMemory) {
    const std::string codec = GetParam();
    const auto chips = test::sampleChips(kGeometry, 0.03);
    const std::shared_ptr<const Protection> protection = makeProtection(codec, 64);
    FunctionalMemory golden(chips, protection);
    FrameMemory memory(deviceOf(codec == "op-64-largest" ? "op-64" : codec), chips, protection,
                       "chips");
    ASSERT_EQ(memory.words(), golden.words());
    std::uint32_t stream = 0;
    for (const std::uint32_t load : {0U, 1U}) {
        for (const double supply : {0.8, 1.0, 0.9}) {
            golden.insert({1, 0, load});
            memory.insert({1, 0, load});
            golden.setSupply(supply);
            memory.setSupply(supply);
            EXPECT_EQ(mismatches(golden, memory, 1000, stream++), 0U) << supply;
        }
    }
    const FrameCounters counters = memory.device().counters();
    EXPECT_GE(counters.reads, 6000U);
    EXPECT_EQ(counters.corrected > 0, codec == "secded" || codec == "in-place-ecc");
    EXPECT_EQ(counters.detected > 0, codec != "none");
    EXPECT_EQ(counters.badFrames, 0U);
    EXPECT_EQ(memory.device().repeatedRequests(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Codecs, FpgaWithCodec,
                         testing::Values("none", "parity", "parity-byte", "secded", "op-8", "op-16",
                                         "op-32", "op-64", "op-64-largest", "in-place-ecc"),
                         [](const auto& codec) {
                             std::string name = codec.param;
                             name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                             return name;
                         });

TEST(FpgaAtItsSerialPins,
     ReturnsTheWordsOfTheFunctionalMemoryOverLinesThatDifferInSpeedBy3Percent) {
    const auto chips = test::sampleChips(kGeometry, 0.03);
    const std::shared_ptr<const Protection> protection = makeProtection("none", 64);
    for (const double clocksPerBit : {12.0, 11.64, 12.36}) {
        FunctionalMemory golden(chips, protection);
        FrameMemory memory(deviceOf(makeUartFpga(clocksPerBit)), chips, protection, "chips");
        golden.setSupply(0.8);
        memory.setSupply(0.8);
        EXPECT_EQ(mismatches(golden, memory, 200, 9), 0U);
        // Nothing was garbled, and requests that waited while a reply went out were not lost.
        EXPECT_EQ(memory.device().counters().badFrames, 0U) << clocksPerBit;
        EXPECT_EQ(memory.device().repeatedRequests(), 0U) << clocksPerBit;
    }
}

TEST(FpgaAtItsSerialPins, LosesNoRequestThatWaitsWhileRepliesGoOut) {
    const auto device = deviceOf(makeUartFpga());
    std::vector<Word> written(20);
    for (std::size_t i = 0; i < written.size(); ++i) written[i] = 0x7E7D * (i + 1);
    device->write(100, written);
    // More bytes than may wait in the design, each asking for ten times as many.
    std::vector<Word> words(64 * written.size());
    std::vector<FrameAccess> accesses;
    for (std::size_t i = 0; i < 64; ++i) {
        accesses.push_back({100, {}, Span<Word>(words).subspan(i * written.size(), 20), {}});
    }
    device->execute(accesses);
    for (std::size_t i = 0; i < words.size(); ++i) EXPECT_EQ(words[i], written[i % 20]) << i;
    EXPECT_EQ(device->counters().badFrames, 0U);
    EXPECT_EQ(device->repeatedRequests(), 0U);
}

TEST(FpgaMemory, SaysWhatDoesNotFitTheDesign) {
    const auto problem = [](const std::string& design, const SramGeometry& chip,
                            const std::string& protection) {
        return test::problemOf([&] {
            FrameMemory(deviceOf(design), test::faultlessChips(chip),
                        makeProtection(protection, chip.wordBits()), "chip.h5");
        });
    };
    EXPECT_THAT(problem("secded", kGeometry, "none"),
                HasSubstr("has the codec secded; the protection is none"));
    EXPECT_THAT(problem("none", {33, 64, 64, 1}, "none"), HasSubstr("at most 32 data arrays"));
    EXPECT_THAT(problem("none", {6, 1024, 64, 1}, "none"), HasSubstr("at most 512 words an array"));
    EXPECT_THAT(problem("none", {6, 64, 32, 1}, "none"), HasSubstr("words of 64 bits"));
}

}  // namespace
}  // namespace brownout
