#include "hardware/device/device_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "hardware/debugger/gdb_target.h"
#include "model/functional_memory.h"
#include "model/threshold_chips.h"
#include "tests/hardware/running_bench.h"

namespace brownout {
namespace {

using std::chrono::milliseconds;
using test::RunningBench;
using testing::HasSubstr;

/// A fiftieth of the cells fails between 0.4 and 0.85 V, always the same way.
Chip randomChip(const SramGeometry& geometry, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(0.F, 1.F);
    std::vector<FaultyCell> cells;
    for (std::uint32_t cell = 0; cell < geometry.cells(); ++cell) {
        if (random() % 50 != 0) continue;
        const float p01 = random() % 2 == 0 ? 1.F : 0.F;
        cells.push_back({cell, 0.41F + 0.44F * uniform(random), p01,
                         1.F - p01 * (random() % 2 == 0 ? 1.F : 0.F)});
    }
    return Chip(geometry, cells, 0.4);
}

SupplyPlan quickPlan() {
    SupplyPlan plan = test::benchPlan();
    plan.lowestV = 0.4;
    plan.stepV = 0.2;
    return plan;
}

struct Bench {
    Bench(const SramGeometry& geometry, DeviceAccess access, BenchFailure failure)
        : chips(std::make_shared<ThresholdChips>(randomChip(geometry, 1))),
          running(test::memoryOf(chips, failure)) {
        auto supply = std::make_unique<ControlledSupply>(
            openSupply({"scpi://" + running.scpi().text(), {}}), quickPlan());
        device = std::make_shared<HardwareDevice>(
            std::make_unique<GdbTarget>(running.gdb()), std::move(supply),
            DeviceSettings{0x20000000, geometry, access, milliseconds(2)});
    }
    std::shared_ptr<ChipSource> chips;
    RunningBench running;
    std::shared_ptr<HardwareDevice> device;
};

/// Writes and reads runs of words through both memories at falling supplies, and compares.
void compare(WeightMemory& device, FunctionalMemory& oracle, std::uint32_t wordBits,
             unsigned seed) {
    std::mt19937_64 random(seed);
    std::uint64_t wrong = 0;
    for (const double volts : {0.8, 0.55, 0.7}) {
        const std::uint64_t count = oracle.words() - random() % 5;
        std::vector<Word> words(count);
        for (Word& word : words) word = random() >> (64 - wordBits);
        const std::uint64_t block = oracle.protection().blockWords();
        const std::uint64_t first = random() % (oracle.words() - count + 1) / block * block;
        for (WeightMemory* const memory : {&device, static_cast<WeightMemory*>(&oracle)}) {
            memory->setSupply(volts);
            memory->write(first, words);
        }
        std::vector<Word> got(count), expected(count);
        std::vector<WordStatus> gotStatus(count), expectedStatus(count);
        device.read(first, got, gotStatus);
        oracle.read(first, expected, expectedStatus);
        ASSERT_EQ(got, expected) << oracle.protection().name() << " at " << volts;
        ASSERT_EQ(gotStatus, expectedStatus) << oracle.protection().name() << " at " << volts;
        ASSERT_FALSE(device.measuredSupplies().empty());
        EXPECT_EQ(device.measuredSupplies()[0], volts);
        for (std::size_t i = 0; i < count; ++i) wrong += got[i] != words[i] ? 1 : 0;
        device.release();
    }
    EXPECT_GT(wrong, 0U);
}

TEST(DeviceMemory, GivesTheWordsOfTheFunctionalMemoryUnderEveryProtection) {
    const SramGeometry geometry{4, 64, 64, 1};
    Bench bench(geometry, DeviceAccess::kAtSupply, BenchFailure::kRead);
    unsigned seed = 0;
    for (const std::string& name : protectionNames()) {
        const std::shared_ptr<const Protection> protection = makeProtection(name, 64, 8);
        DeviceMemory memory(bench.device, protection);
        FunctionalMemory oracle(bench.chips, protection);
        compare(memory, oracle, 64, ++seed);
    }
}

TEST(DeviceMemory, HasWordsOfAnyWholeBytesAndColumnMuxes) {
    for (const SramGeometry geometry :
         {SramGeometry{2, 16, 64, 2}, SramGeometry{2, 16, 64, 4}, SramGeometry{2, 16, 64, 8}}) {
        Bench bench(geometry, DeviceAccess::kAtSupply, BenchFailure::kRead);
        const std::shared_ptr<const Protection> protection =
            makeProtection("parity", geometry.wordBits());
        DeviceMemory memory(bench.device, protection);
        FunctionalMemory oracle(bench.chips, protection);
        compare(memory, oracle, geometry.wordBits(), geometry.columnMux);
    }
}

TEST(DeviceMemory, RetentionReadsAtNominalWhatTheLowSupplyLeft) {
    const SramGeometry geometry{4, 64, 64, 1};
    Bench bench(geometry, DeviceAccess::kRetention, BenchFailure::kRetention);
    const std::shared_ptr<const Protection> protection = makeProtection("secded", 64);
    DeviceMemory memory(bench.device, protection);
    FunctionalMemory oracle(bench.chips, protection);
    compare(memory, oracle, 64, 3);
}

TEST(DeviceMemory, ASupplyThatSomebodyElseMovesMakesTheReadFail) {
    const SramGeometry geometry{4, 64, 64, 1};
    Bench bench(geometry, DeviceAccess::kAtSupply, BenchFailure::kRead);
    DeviceMemory memory(bench.device, makeProtection("none", 64));
    const auto other = openSupply({"scpi://" + bench.running.scpi().text(), {}});
    std::vector<Word> words(10);
    memory.setSupply(0.6);
    memory.write(0, words);
    memory.read(0, words);
    other->set(0.7);
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_THROW(memory.read(0, words), Error);
    memory.release();
    EXPECT_EQ(other->measure(), 0.9);
}

TEST(DeviceMemory, WritesThatDontHoldAtNominalAreAnError) {
    const SramGeometry geometry{1, 64, 64, 1};
    const auto weak = std::make_shared<ThresholdChips>(
        Chip(geometry, std::vector<FaultyCell>{{64 * 5 + 3, 1.2F, 1, 0}}, 0.4));
    RunningBench running(test::memoryOf(weak));
    const auto device = std::make_shared<HardwareDevice>(
        std::make_unique<GdbTarget>(running.gdb()),
        std::make_unique<ControlledSupply>(openSupply({"scpi://" + running.scpi().text(), {}}),
                                           quickPlan()),
        DeviceSettings{0x20000000, geometry, DeviceAccess::kAtSupply, milliseconds(0)});
    DeviceMemory memory(device, makeProtection("none", 64));
    memory.setSupply(0.6);
    try {
        memory.write(0, std::vector<Word>(64, 0));
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("0x20000028"), HasSubstr("0x8")));
    }
}

TEST(DeviceMemory, RefusesSuppliesOutsideTheLimits) {
    const SramGeometry geometry{4, 64, 64, 1};
    Bench bench(geometry, DeviceAccess::kAtSupply, BenchFailure::kRead);
    DeviceMemory memory(bench.device, makeProtection("none", 64));
    EXPECT_THROW(memory.setSupply(0.39), Error);
    EXPECT_THROW(memory.setSupply(0.96), Error);
    EXPECT_THROW(memory.setSupply(OperatingPoint{0.6, {}, {{"core", 0.6}}}), Error);
    std::vector<Word> words(1);
    EXPECT_THROW(memory.read(1 << 20, words), Error);
}

}  // namespace
}  // namespace brownout
