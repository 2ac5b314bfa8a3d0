// The BIST alone, on memories written in C++ that can have any defect: does it do what the textbook
// says, does it report every wrong read once, and which defects does each algorithm see?
#include <gtest/gtest.h>

#include <random>

#include "tests/rtl/march_rig.h"

namespace brownout::rtl_test {
namespace {

constexpr Wide kMask = {~std::uint64_t{0}, 0x3F};  // 70 bits
static_assert(kMarchBits == 70);

Wide operator^(Wide a, Wide b) {
    return {a.data ^ b.data, static_cast<std::uint8_t>(a.check ^ b.check)};
}

MarchSettings test(std::uint8_t algorithm, std::uint32_t last = kMarchWords - 1,
                   Wide background = {}) {
    MarchSettings made;
    made.algorithm = algorithm;
    made.last = last;
    made.background = background;
    return made;
}

/// A memory without defects.
class GoodMemory : public MarchMemory {
 public:
    void write(std::uint32_t word, Wide value) override { cells.at(word) = value; }
    Wide read(std::uint32_t word) override { return cells.at(word); }

    std::vector<Wide> cells = std::vector<Wide>(kMarchWords, Wide{0x5555AAAA5555AAAA, 0x15});
};

/// Stuck-at-0, stuck-at-1 and flipping cells.
class MaskedMemory : public GoodMemory {
 public:
    Wide read(std::uint32_t word) override {
        const Wide& stored = cells.at(word);
        const auto check =
            ((stored.check & ~stuck0[word].check) | stuck1[word].check) ^ flip[word].check;
        return {((stored.data & ~stuck0[word].data) | stuck1[word].data) ^ flip[word].data,
                static_cast<std::uint8_t>(check)};
    }

    std::vector<Wide> stuck0 = std::vector<Wide>(kMarchWords);
    std::vector<Wide> stuck1 = std::vector<Wide>(kMarchWords);
    std::vector<Wide> flip = std::vector<Wide>(kMarchWords);
};

class MarchAlgorithm : public ::testing::TestWithParam<std::uint8_t> {};

TEST_P(MarchAlgorithm, DoesTheOperationsOfTheTextbookInItsOrderOneACycle) {
    for (const std::uint32_t last : {0U, 1U, 12U, kMarchWords - 1}) {
        for (const Wide background : {Wide{}, Wide{0x123456789ABCDEF0, 0x2A}}) {
            GoodMemory memory;
            const MarchRun run = runMarch(memory, test(GetParam(), last, background));
            auto expected = marchAccesses(marchTexts().at(GetParam()), last);
            ASSERT_EQ(run.accesses.size(), expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                // What a read expects isn't on the pins; a good memory shows it by not failing.
                if (!expected[i].write) expected[i].value = false;
                ASSERT_EQ(run.accesses[i], expected[i]) << "operation " << i;
            }
            EXPECT_LE(run.cycles, expected.size() + 3);
            EXPECT_TRUE(run.failures.empty());
            EXPECT_FALSE(run.failed);
            EXPECT_FALSE(run.contractBroken);
        }
    }
}

TEST_P(MarchAlgorithm, HasTheLengthThatIsPublishedForIt) {
    GoodMemory memory;
    const std::size_t operations[] = {5, 10, 22};
    EXPECT_EQ(runMarch(memory, test(GetParam())).accesses.size(),
              operations[GetParam()] * kMarchWords);
}

/// A memory that reads wrong always: every read of the test is reported, in order, with what was
/// expected of it.
TEST_P(MarchAlgorithm, ReportsEveryWrongReadWithWhatItExpected) {
    const Wide background = {0x00FF00FF12345678, 0x11};
    std::mt19937_64 dice(5);
    for (const unsigned patience : {100U, 40U}) {
        MaskedMemory memory;
        memory.flip.assign(kMarchWords, Wide{std::uint64_t{1} << 63 | 1, 0x20});
        MarchSettings settings = test(GetParam(), kMarchWords - 1, background);
        settings.ready = [&] { return dice() % 100 < patience; };
        const MarchRun run = runMarch(memory, settings);
        std::size_t next = 0;
        for (const MarchAccess& access :
             marchAccesses(marchTexts().at(GetParam()), kMarchWords - 1)) {
            if (access.write) continue;
            ASSERT_LT(next, run.failures.size());
            const MarchFailure& failure = run.failures[next++];
            EXPECT_EQ(failure.word, access.word);
            EXPECT_EQ(failure.syndrome, (Wide{std::uint64_t{1} << 63 | 1, 0x20}));
            EXPECT_EQ(failure.expected, access.value ? background ^ kMask : background);
        }
        EXPECT_EQ(next, run.failures.size());
        EXPECT_TRUE(run.failed);
        EXPECT_FALSE(run.contractBroken);
    }
}

/// Recall and precision 1, with the direction of each fault, while the reader of failures waits at
/// random.
TEST_P(MarchAlgorithm, FindsEachStuckAndEachFlippingCellAndNothingElse) {
    std::mt19937_64 dice(17);
    for (int chip = 0; chip < 30; ++chip) {
        MaskedMemory memory;
        const std::uint64_t faults = dice() % 60;
        for (std::uint64_t i = 0; i < faults; ++i) {
            const auto word = static_cast<std::uint32_t>(dice() % kMarchWords);
            const std::uint64_t bit = dice() % kMarchBits;
            Wide cell;
            if (bit < 64) cell.data = std::uint64_t{1} << bit;
            if (bit >= 64) cell.check = static_cast<std::uint8_t>(1U << (bit - 64));
            for (auto* kind : {&memory.stuck0, &memory.stuck1, &memory.flip}) {
                (*kind)[word].data &= ~cell.data;  // the last fault of a cell counts
                (*kind)[word].check &= static_cast<std::uint8_t>(~cell.check);
            }
            std::vector<Wide>* kinds[] = {&memory.stuck0, &memory.stuck1, &memory.flip};
            Wide& masks = (*kinds[dice() % 3])[word];
            masks = masks ^ cell;
        }
        MarchSettings settings =
            test(GetParam(), kMarchWords - 1, {dice(), static_cast<std::uint8_t>(dice())});
        const std::uint64_t patience = 20 + dice() % 81;
        settings.ready = [&] { return dice() % 100 < patience; };
        const MarchRun run = runMarch(memory, settings);

        std::vector<Wide> zeroAsOne(kMarchWords), oneAsZero(kMarchWords);
        for (const MarchFailure& failure : run.failures) {
            const Wide& s = failure.syndrome;
            const Wide& e = failure.expected;
            zeroAsOne.at(failure.word).data |= s.data & ~e.data;
            zeroAsOne.at(failure.word).check |= static_cast<std::uint8_t>(s.check & ~e.check);
            oneAsZero.at(failure.word).data |= s.data & e.data;
            oneAsZero.at(failure.word).check |= static_cast<std::uint8_t>(s.check & e.check);
        }
        for (std::uint32_t word = 0; word < kMarchWords; ++word) {
            EXPECT_EQ(zeroAsOne[word], memory.stuck1[word] ^ memory.flip[word]) << word;
            EXPECT_EQ(oneAsZero[word], memory.stuck0[word] ^ memory.flip[word]) << word;
        }
        EXPECT_FALSE(run.contractBroken);
    }
}

TEST_P(MarchAlgorithm, LeavesWordsAboveTheLastOneAlone) {
    GoodMemory memory;
    const GoodMemory before = memory;
    runMarch(memory, test(GetParam(), 20));
    for (std::uint32_t word = 21; word < kMarchWords; ++word) {
        EXPECT_EQ(memory.cells[word], before.cells[word]);
    }
}

INSTANTIATE_TEST_SUITE_P(Bist, MarchAlgorithm, ::testing::Values(0, 1, 2), marchName);

// Which defects an algorithm sees: one each of the classes that tell the algorithms apart.

/// An address decoder that takes one address for another.
class AliasedMemory : public GoodMemory {
 public:
    void write(std::uint32_t word, Wide value) override {
        GoodMemory::write(word == 9 ? 30 : word, value);
    }
    Wide read(std::uint32_t word) override { return GoodMemory::read(word == 9 ? 30 : word); }
};

/// A cell that can't be written from 1 to 0 (a transition fault).
class NoFallMemory : public GoodMemory {
 public:
    void write(std::uint32_t word, Wide value) override {
        if (word == 7) value.data |= cells[7].data & 4;
        GoodMemory::write(word, value);
    }
};

/// Writing a 1 into bit 0 of word 8 that was a 0 sets bit 0 of word 5 (an idempotent coupling
/// fault).
class CoupledMemory : public GoodMemory {
 public:
    void write(std::uint32_t word, Wide value) override {
        const bool rises = word == 8 && (~cells[8].data & value.data & 1) != 0;
        GoodMemory::write(word, value);
        if (rises) cells[5].data |= 1;
    }
};

/// Reading a 0 of bit 3 of word 11 gives 0 and leaves a 1 (a deceptive read-destructive fault).
class DeceptiveMemory : public GoodMemory {
 public:
    Wide read(std::uint32_t word) override {
        const Wide value = GoodMemory::read(word);
        if (word == 11) cells[11].data |= 8;
        return value;
    }
};

/// Writing a 0 where a 0 is makes it a 1 (a write-disturb fault).
class WriteDisturbMemory : public GoodMemory {
 public:
    void write(std::uint32_t word, Wide value) override {
        const bool disturbs = word == 13 && ((cells[13].data | value.data) & 16) == 0;
        GoodMemory::write(word, value);
        if (disturbs) cells[13].data |= 16;
    }
};

/// Whether MATS+, March C- and March SS fail on a memory whose cells all start as `fill`.
template <typename Memory>
std::vector<bool> seenBy(Wide fill) {
    std::vector<bool> seen;
    for (std::uint8_t algorithm = 0; algorithm < 3; ++algorithm) {
        Memory memory;
        memory.cells.assign(kMarchWords, fill);
        seen.push_back(runMarch(memory, test(algorithm)).failed);
    }
    return seen;
}

using Seen = std::vector<bool>;

TEST(MarchBist, SeesAnAddressTakenForAnotherWithEveryAlgorithm) {
    EXPECT_EQ(seenBy<AliasedMemory>(kMask), (Seen{true, true, true}));
}

TEST(MarchBist,
     SeesAFallThatFailsWithMarchCMinusAndMarchSsAndWithMatsPlusOnlyIfTheCellStartsAsOne) {
    EXPECT_EQ(seenBy<NoFallMemory>(Wide{}), (Seen{false, true, true}));
    EXPECT_EQ(seenBy<NoFallMemory>(kMask), (Seen{true, true, true}));
}

TEST(MarchBist, SeesCouplingFromAHigherToALowerAddressWithMarchCMinusAndMarchSsOnly) {
    EXPECT_EQ(seenBy<CoupledMemory>(kMask), (Seen{false, true, true}));
}

TEST(MarchBist, SeesReadsThatDestroyWhatTheyStillReturnWithMarchSsOnly) {
    EXPECT_EQ(seenBy<DeceptiveMemory>(kMask), (Seen{false, false, true}));
}

TEST(MarchBist, SeesWritesThatDisturbAnEqualValueWithMarchSsOnly) {
    EXPECT_EQ(seenBy<WriteDisturbMemory>(kMask), (Seen{false, false, true}));
}

// Contracts.

TEST(MarchBist, SaysSoWhenItsSettingsChangeDuringATest) {
    GoodMemory memory;
    MarchSettings settings;
    settings.changeBackground = true;
    EXPECT_TRUE(runMarch(memory, settings).contractBroken);
}

TEST(MarchBist, SaysSoWhenItIsStartedDuringATestAndGoesOn) {
    GoodMemory memory;
    MarchSettings settings;
    settings.startAgain = true;
    const MarchRun run = runMarch(memory, settings);
    EXPECT_TRUE(run.contractBroken);
    EXPECT_EQ(run.accesses.size(), 5U * kMarchWords);
}

TEST(MarchBist, EndsAtOnceWithoutAnAlgorithmAndSaysSo) {
    GoodMemory memory;
    const MarchRun run = runMarch(memory, test(3));
    EXPECT_TRUE(run.accesses.empty());
    EXPECT_TRUE(run.contractBroken);
}

}  // namespace
}  // namespace brownout::rtl_test
