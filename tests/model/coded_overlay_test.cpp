#include "model/coded_overlay.h"

#include <gtest/gtest.h>

#include "model/random.h"

namespace brownout {
namespace {

std::vector<FaultyCell> randomCells(const SramGeometry& chip, std::uint32_t seed, double rate) {
    std::vector<FaultyCell> cells;
    RandomStream random(seed, RandomDomain::kTraffic, 0, 0);
    for (std::uint32_t cell = 0; cell < chip.cells(); ++cell) {
        if (random.uniform() >= rate) continue;
        const auto kind = random.next() % 4;
        cells.push_back({cell, 1.F, kind % 2 == 0 ? 1.F : 0.F, kind / 2 == 0 ? 1.F : 0.F});
    }
    return cells;
}

/// The oracle: reads a data word and its check bits from the physical words that hold them.
CodedWord readPhysically(const FaultOverlay& faults, const CheckPlacement& placement,
                         std::uint64_t word, CodedWord stored) {
    CodedWord read{faults.read(word, stored.data), 0};
    if (placement.checkBits() == 0) return read;
    const auto place = placement.placeOf(word);
    const Word checkWord = faults.read(place.word, Word{stored.check} << place.shift);
    read.check =
        static_cast<std::uint8_t>(checkWord >> place.shift & ((1U << placement.checkBits()) - 1));
    return read;
}

TEST(CodedOverlay, ReadsWhatThePhysicalWordsOfDataAndCheckBitsGive) {
    for (const SramGeometry& chip : {SramGeometry{32, 8, 64, 1}, SramGeometry{11, 8, 64, 4},
                                     SramGeometry{7, 8, 20, 1}, SramGeometry{3, 8, 8, 1}}) {
        for (const std::uint32_t checkBits : {0U, 1U, 3U, 8U}) {
            for (const double rate : {0.0, 0.003, 0.1, 1.0}) {
                const CheckPlacement placement(chip, checkBits);
                const FaultOverlay faults(chip, randomCells(chip, checkBits, rate));
                const CodedOverlay coded(faults, placement);
                const std::uint64_t words = placement.dataGeometry().words();
                std::vector<CodedFault> faultOf(words);
                std::int64_t last = -1;
                coded.forEachWord([&](const CodedFault& fault) {
                    ASSERT_LT(last, fault.word);
                    ASSERT_LT(fault.word, words);
                    last = fault.word;
                    const CodedWord faulty = fault.faulty();
                    EXPECT_FALSE(faulty == CodedWord{});
                    faultOf[fault.word] = fault;
                });
                RandomStream random(9, RandomDomain::kTraffic, checkBits, 0);
                const Word mask = ~Word{0} >> (64 - chip.wordBits());
                for (std::uint64_t word = 0; word < words; ++word) {
                    const CodedWord stored{
                        random.next() & mask,
                        static_cast<std::uint8_t>(random.next() & ((1U << checkBits) - 1))};
                    ASSERT_EQ(faultOf[word].read(stored),
                              readPhysically(faults, placement, word, stored));
                }
            }
        }
    }
}

// The cells of check bits belong to blocks; whatever the block, each reads as its physical words
// do.
TEST(CodedOverlay, ReadsBlocksAsThePhysicalWordsOfDataAndCheckBitsGive) {
    for (const SramGeometry& chip :
         {SramGeometry{32, 8, 64, 1}, SramGeometry{140, 8, 8, 1}, SramGeometry{11, 8, 20, 1}}) {
        for (const auto& [checkBits, size] : {std::pair{0U, 2U}, {1U, 2U}, {3U, 4U}, {8U, 8U}}) {
            for (const double rate : {0.003, 0.1, 1.0}) {
                const CheckPlacement placement(chip, checkBits, size);
                const FaultOverlay faults(chip, randomCells(chip, size, rate));
                const CodedOverlay coded(faults, placement);
                const std::uint64_t words = placement.dataGeometry().words();
                std::vector<std::vector<CodedFault>> faultsOf(words / size);
                std::int64_t last = -1;
                coded.forEachBlock([&](Span<const CodedFault> block) {
                    ASSERT_FALSE(block.empty());
                    const std::uint64_t number = block.front().word / size;
                    ASSERT_LT(last, static_cast<std::int64_t>(number));
                    last = static_cast<std::int64_t>(number);
                    for (const CodedFault& fault : block) EXPECT_EQ(fault.word / size, number);
                    faultsOf[number].assign(block.begin(), block.end());
                });
                RandomStream random(9, RandomDomain::kTraffic, checkBits, 1);
                const Word mask = ~Word{0} >> (64 - chip.wordBits());
                for (std::uint64_t first = 0; first < words; first += size) {
                    std::vector<Word> cells(size);
                    for (Word& cell : cells) cell = random.next() & mask;
                    const auto stored =
                        static_cast<std::uint8_t>(random.next() & ((1U << checkBits) - 1));
                    std::vector<Word> expected;
                    for (std::uint32_t i = 0; i < size; ++i) {
                        expected.push_back(faults.read(first + i, cells[i]) & mask);
                    }
                    std::uint8_t check =
                        readPhysically(faults, placement, first, {cells[0], stored}).check;
                    std::uint8_t read = stored;
                    const auto& block = faultsOf[first / size];
                    if (!block.empty()) read = readBlock(block, cells, stored);
                    ASSERT_EQ(cells, expected);
                    ASSERT_EQ(read, checkBits == 0 ? stored : check);
                }
                // A range gives the blocks that it touches.
                for (std::uint64_t first = 0; first + 3 <= words; first += 5) {
                    std::vector<std::uint64_t> visited, touched;
                    coded.forEachBlock(first, first + 3, [&](Span<const CodedFault> block) {
                        visited.push_back(block.front().word / size);
                    });
                    for (auto b = first / size; b <= (first + 2) / size; ++b) {
                        if (!faultsOf[b].empty()) touched.push_back(b);
                    }
                    EXPECT_EQ(visited, touched);
                }
            }
        }
    }
}

TEST(CodedOverlay, VisitsTheFaultsOfARangeOnly) {
    const SramGeometry chip{11, 8, 64, 1};
    const CheckPlacement placement(chip, 8);
    const CodedOverlay coded(FaultOverlay(chip, randomCells(chip, 1, 0.02)), placement);
    std::vector<std::uint32_t> all;
    coded.forEachWord([&](const CodedFault& fault) { all.push_back(fault.word); });
    const std::uint64_t words = placement.dataGeometry().words();
    for (std::uint64_t first = 0; first <= words; first += 5) {
        for (std::uint64_t end = first; end <= words; end += 3) {
            std::vector<std::uint32_t> expected;
            for (const std::uint32_t word : all) {
                if (word >= first && word < end) expected.push_back(word);
            }
            std::vector<std::uint32_t> visited;
            coded.forEachWord(first, end,
                              [&](const CodedFault& fault) { visited.push_back(fault.word); });
            EXPECT_EQ(visited, expected);
        }
    }
}

TEST(CodedOverlay, OfAUniformFieldHasTheFieldsFaults) {
    const SramGeometry chip{19, 64, 64, 1};
    const CheckPlacement placement(chip, 8);
    const FaultOverlay faults = FaultOverlay::uniform(chip, UniformField(1, 2), 0.01);
    const CodedOverlay coded(faults, placement);
    std::uint64_t failing = 0;
    coded.forEachWord([&](const CodedFault& fault) {
        const CodedWord faulty = fault.faulty();
        failing += static_cast<std::uint64_t>(__builtin_popcountll(faulty.data) +
                                              __builtin_popcount(faulty.check));
        const CodedWord stored{0x5555, 0x55};
        EXPECT_EQ(fault.read(stored), readPhysically(faults, placement, fault.word, stored));
    });
    // 19 arrays: 16 of data, 2 of check bits, which 16 arrays fill, and one left over.
    EXPECT_EQ(placement.dataGeometry().arrays, 16U);
    std::uint64_t expected = 0;
    faults.forEachWord(0, 18 * 64, [&](const WordFault& fault) {
        expected += static_cast<std::uint64_t>(__builtin_popcountll(fault.xorMask));
    });
    EXPECT_EQ(failing, expected);
}

TEST(CodedOverlay, WithoutFaultsOrCheckBitsIsPlain) {
    unsigned visits = 0;
    CodedOverlay().forEachWord([&](const CodedFault&) { ++visits; });
    EXPECT_EQ(visits, 0U);
    const SramGeometry chip{1, 8, 64, 1};
    const CodedOverlay plain(
        std::make_shared<const FaultOverlay>(chip, std::vector<FaultyCell>{{70, 1.F, 1.F, 1.F}}));
    plain.forEachWord([&](const CodedFault& fault) {
        EXPECT_EQ(fault.word, 1U);
        EXPECT_EQ(fault.xorMask, Word{1} << 6);
        ++visits;
    });
    EXPECT_EQ(visits, 1U);
}

}  // namespace
}  // namespace brownout
