#include "sim/systemc_memory.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"
#include "model/functional_memory.h"
#include "tests/sim/sample_chip.h"

namespace brownout {
namespace {

const SramGeometry kGeometry{12, 64, 64, 1};

SimulatedMemorySettings settings(
    const std::string& codec, std::shared_ptr<ChipSource> chips = test::faultlessChips(kGeometry)) {
    SimulatedMemorySettings settings;
    settings.chips = std::move(chips);
    settings.protection = makeProtection(codec, 64);
    settings.energy = EnergyModel({{0.75, 0.5, 1, 1e-6}, {1.0, 1, 2, 1e-5}}, 1.0, "test");
    return settings;
}

std::vector<Word> content(std::uint64_t words) {
    std::vector<Word> content(words);
    RandomStream random(1, RandomDomain::kTraffic, 0, 0);
    for (Word& word : content) word = random.next();
    return content;
}

TEST(SystemCMemory, ReturnsTheWordsAndStatusesOfTheFunctionalMemory) {
    SimulationKernel kernel;
    const auto chips = test::sampleChips(kGeometry, 0.02);
    SystemCMemory memory(kernel, settings("secded", chips));
    FunctionalMemory golden(chips, makeProtection("secded", 64));
    const auto words = content(memory.words());
    memory.write(0, words);
    golden.write(0, words);
    for (const double supply : {1.0, 0.9, 0.8}) {
        memory.setSupply(supply);
        golden.setSupply(supply);
        std::vector<Word> got(words.size() - 3);
        std::vector<Word> expected(got.size());
        std::vector<WordStatus> gotStatus(got.size());
        std::vector<WordStatus> expectedStatus(got.size());
        memory.read(3, got, gotStatus);
        golden.read(3, expected, expectedStatus);
        EXPECT_EQ(got, expected);
        EXPECT_EQ(gotStatus, expectedStatus);
    }
    const MemoryActivity activity = memory.activity();
    ASSERT_EQ(activity.intervals.size(), 3U);
    EXPECT_EQ(activity.intervals[1].reads, words.size() - 3);
    EXPECT_GT(activity.intervals[2].detected, 0U);
    EXPECT_GT(*activity.time, 20'000'000U);  // the ramps
}

TEST(SystemCMemory, WordsWaitWhileASupplyThatWasAskedForRamps) {
    SimulationKernel kernel;
    SimulatedMemorySettings parts = settings("secded");
    parts.supply = {1e4, 1e-6};
    SystemCMemory memory(kernel, parts);
    memory.write(0, content(memory.words()));
    const Picoseconds asked = 50'000'000;
    ASSERT_LT(*memory.activity().time, asked);
    memory.requestSupply({0.9}, asked);
    EXPECT_EQ(*memory.activity().time, asked) << "the ramp is not waited for";
    std::vector<Word> words(10);
    memory.read(0, words);
    // A tenth at 10^4 a second, a microsecond to settle, then 2 ns and 1 ns for each further word.
    const Picoseconds read = asked + 10'000'000 + 1'000'000 + 2'000 + 9'000;
    EXPECT_EQ(*memory.activity().time, read);
    memory.requestSupply({0.8}, asked);
    const MemoryActivity activity = memory.activity();
    ASSERT_EQ(activity.intervals.size(), 3U);
    EXPECT_EQ(activity.intervals[1].start, asked);
    EXPECT_EQ(activity.intervals[1].reads, 10U);
    EXPECT_EQ(activity.intervals[2].start, read) << "a time that is past is now";
}

TEST(SystemCMemory, ServesSeveralThreads) {
    SimulationKernel kernel;
    SystemCMemory memory(kernel, settings("none"));
    const auto words = content(memory.words());
    const std::uint64_t quarter = words.size() / 4;
    std::vector<std::thread> threads;
    std::vector<Word> read(words.size());
    for (std::uint64_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            const auto mine = Span<const Word>(words).subspan(t * quarter, quarter);
            for (int i = 0; i < 20; ++i) {
                memory.write(t * quarter, mine);
                memory.read(t * quarter, Span<Word>(read).subspan(t * quarter, quarter));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(read, words);
}

TEST(SystemCMemory, ErrorsComeBackToTheirCaller) {
    SimulationKernel kernel;
    SystemCMemory memory(kernel, settings("none", test::sampleChips(kGeometry, 0.02)));
    std::vector<Word> words(2);
    EXPECT_THROW(memory.read(memory.words() - 1, words), Error);
    EXPECT_THROW(memory.setSupply(0.6), Error);  // below what the chip knows
    EXPECT_THROW(memory.setSupply(OperatingPoint{0.8, {}, {{"check", 0.9}}}), Error);
    EXPECT_THROW(SimulationKernel second, Error);
    memory.setSupply(0.8);
    memory.write(0, words);
    EXPECT_THROW(SystemCMemory(kernel, settings("none")), Error);  // simulation has begun
    memory.read(0, words);
}

TEST(SystemCMemory, ExecutesSingleAccessesInOrder) {
    SimulationKernel kernel;
    SystemCMemory memory(kernel, settings("parity"));
    const std::vector<MemoryOp> ops{{7, true, 1}, {7, false, 0}, {7, true, 2},
                                    {8, true, 3}, {7, false, 0}, {8, false, 0}};
    std::vector<Word> words(3);
    std::vector<WordStatus> statuses(3);
    memory.execute(ops, BackPressure::kNone, words, statuses);
    EXPECT_EQ(words, (std::vector<Word>{1, 2, 3}));
}

}  // namespace
}  // namespace brownout
