#include "model/memory_map.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "base/error.h"
#include "model/random.h"

namespace brownout {
namespace {

using Layout = std::tuple<SramGeometry, std::uint32_t, BitOrder, Interleave, std::uint64_t>;

class EveryLayout : public testing::TestWithParam<Layout> {
 protected:
    MemoryMap map() const {
        const auto& [geometry, bits, order, interleave, offset] = GetParam();
        return MemoryMap(geometry, {{101, bits}, {1, bits}, {64, bits}, {77, bits}},
                         {order, interleave, offset});
    }
};

std::vector<std::vector<Code>> randomCodes(std::uint32_t bits) {
    std::vector<std::vector<Code>> codes;
    RandomStream random(bits, RandomDomain::kTraffic, 0, 0);
    for (const std::size_t count : {101, 1, 64, 77}) {
        std::vector<Code> tensor(count);
        for (Code& code : tensor) code = static_cast<Code>(random.next()) & codeMask(bits);
        codes.push_back(tensor);
    }
    return codes;
}

std::vector<Word> packed(const MemoryMap& map, const std::vector<std::vector<Code>>& codes) {
    std::vector<Span<const Code>> spans(codes.begin(), codes.end());
    return map.pack(spans);
}

TEST_P(EveryLayout, PutsEveryImageWordInItsOwnPlaceOfItsTurn) {
    const MemoryMap layout = map();
    std::map<std::uint64_t, std::vector<std::uint64_t>> held;
    for (std::uint64_t i = 0; i < layout.imageWords(); ++i)
        held[layout.physicalWord(i)].push_back(i);
    std::size_t most = 0;
    for (std::uint64_t word = 0; word < layout.geometry().words(); ++word) {
        std::vector<std::uint64_t> visited;
        layout.forEachImageWord(word, [&](std::uint64_t i) { visited.push_back(i); });
        EXPECT_EQ(visited, held[word]);
        most = std::max(most, visited.size());
    }
    EXPECT_EQ(layout.reuse(), most);
}

TEST_P(EveryLayout, UnpacksWhatItPacked) {
    const MemoryMap layout = map();
    const std::uint32_t bits = std::get<1>(GetParam());
    const auto codes = randomCodes(bits);
    const auto image = packed(layout, codes);
    // Against the complement, every code differs: all come back, once each.
    std::set<std::pair<std::uint32_t, std::uint64_t>> seen;
    for (std::uint64_t i = 0; i < image.size(); ++i) {
        layout.forEachChangedCode(layout.codesOf(i), ~image[i], image[i],
                                  [&](std::uint32_t tensor, std::uint64_t code, Code value) {
                                      EXPECT_EQ(codes.at(tensor).at(code), value);
                                      EXPECT_TRUE(seen.insert({tensor, code}).second);
                                  });
    }
    EXPECT_EQ(seen.size(), 101U + 1 + 64 + 77);
}

TEST_P(EveryLayout, EveryFlippedBitChangesOneCodeOrASpareCell) {
    const MemoryMap layout = map();
    const std::uint32_t bits = std::get<1>(GetParam());
    const auto codes = randomCodes(bits);
    const auto image = packed(layout, codes);
    std::uint64_t changed = 0;
    for (std::uint64_t i = 0; i < image.size(); ++i) {
        for (std::uint32_t bit = 0; bit < layout.geometry().wordBits(); ++bit) {
            layout.forEachChangedCode(layout.codesOf(i), image[i], image[i] ^ (Word{1} << bit),
                                      [&](std::uint32_t tensor, std::uint64_t code, Code value) {
                                          const unsigned difference =
                                              value ^ codes.at(tensor).at(code);
                                          EXPECT_EQ(difference & (difference - 1), 0U);
                                          EXPECT_NE(difference, 0U);
                                          ++changed;
                                      });
        }
    }
    EXPECT_EQ(changed, (101U + 1 + 64 + 77) * bits);
}

TEST_P(EveryLayout, SubstitutesTheCodesThatAMaskTouches) {
    const MemoryMap layout = map();
    const std::uint32_t bits = std::get<1>(GetParam());
    const auto codes = randomCodes(bits);
    const auto image = packed(layout, codes);
    const auto code = codeMask(bits) - 1;
    for (std::uint64_t i = 0; i < image.size(); ++i) {
        const WordCodes inWord = layout.codesOf(i);
        for (std::uint32_t slot = 0; slot < inWord.count; ++slot) {
            // One bit of the code, its highest.
            const Word where = Word{1} << (inWord.shiftOf(slot) + bits - 1);
            const Word changed = inWord.withCodes(image[i], where, [&](std::uint64_t number) {
                EXPECT_EQ(number, inWord.first + slot);
                return code;
            });
            layout.forEachChangedCode(inWord, image[i], changed,
                                      [&](std::uint32_t, std::uint64_t number, Code value) {
                                          EXPECT_EQ(number, inWord.first + slot);
                                          EXPECT_EQ(value, code);
                                      });
            EXPECT_EQ(changed == image[i], codes[inWord.tensor][inWord.first + slot] == code);
        }
        EXPECT_EQ(inWord.withCodes(image[i], 0, [&](std::uint64_t) { return code; }), image[i]);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Layouts, EveryLayout,
    testing::Combine(testing::Values(SramGeometry{2, 16, 64, 1}, SramGeometry{4, 3, 64, 1},
                                     SramGeometry{3, 8, 64, 4}, SramGeometry{1, 64, 20, 1}),
                     testing::Values(2U, 3U, 8U, 11U, 16U),
                     testing::Values(BitOrder::kLsbFirst, BitOrder::kMsbFirst),
                     testing::Values(Interleave::kLinear, Interleave::kBanks),
                     testing::Values(0U, 1000003U)));

// Words keep together in the blocks of the image: a block lies in one physical block, its words in
// their order, and each physical block of a turn holds one.
TEST(MemoryMap, PutsBlocksOfTheImageIntoBlocksOfTheMemory) {
    for (const std::uint32_t size : {1U, 2U, 4U, 8U}) {
        for (const Interleave interleave : {Interleave::kLinear, Interleave::kBanks}) {
            for (const std::uint64_t offset : {0U, 8U, 1000U}) {
                const SramGeometry geometry{3, 8, 64, 2};
                const MemoryMap map(geometry, {{101, 8}, {1, 8}, {300, 5}},
                                    {BitOrder::kLsbFirst, interleave, offset}, size);
                const MemoryMap words(geometry, {{101, 8}, {1, 8}, {300, 5}}, {}, 1);
                EXPECT_EQ(map.imageWords() % size, 0U);
                EXPECT_LT(map.imageWords() - words.imageWords(), size);
                std::set<std::uint64_t> taken;
                for (std::uint64_t i = 0; i < map.imageWords(); ++i) {
                    const std::uint64_t word = map.physicalWord(i);
                    EXPECT_EQ(word, map.physicalWord(i / size * size) + i % size);
                    EXPECT_EQ(word % size, i % size);
                    EXPECT_TRUE(
                        taken.insert(word + i / geometry.words() * geometry.words()).second);
                    bool found = false;
                    map.forEachImageWord(word, [&](std::uint64_t held) { found |= held == i; });
                    EXPECT_TRUE(found);
                    const WordCodes codes = map.codesOf(i);
                    if (i >= words.imageWords()) {
                        EXPECT_EQ(codes.count, 0U);
                        continue;
                    }
                    EXPECT_EQ(codes.first, words.codesOf(i).first);
                    EXPECT_EQ(codes.tensor, words.codesOf(i).tensor);
                }
                if (interleave == Interleave::kBanks && offset == 0) {
                    // Block 4 is the second one of array 1.
                    EXPECT_EQ(map.physicalWord(4 * size), geometry.wordsPerArray() + size);
                }
            }
        }
    }
}

TEST(MemoryMap, FollowsTheLayoutsByHand) {
    const SramGeometry geometry{4, 2, 16, 1};
    const std::vector<std::vector<Code>> codes{{0x12, 0x34, 0x56}};
    EXPECT_EQ(packed(MemoryMap(geometry, {{3, 8}}, {BitOrder::kLsbFirst, {}, 0}), codes),
              (std::vector<Word>{0x3412, 0x0056}));
    EXPECT_EQ(packed(MemoryMap(geometry, {{3, 8}}, {BitOrder::kMsbFirst, {}, 0}), codes),
              (std::vector<Word>{0x1234, 0x5600}));
    const MemoryMap banks(geometry, {{10, 8}}, {{}, Interleave::kBanks, 1});
    EXPECT_EQ(banks.physicalWord(0), 2U);  // place 1: array 1, row 0
    EXPECT_EQ(banks.physicalWord(3), 1U);  // place 4: array 0, row 1
}

TEST(MemoryMap, HoldsTensorsOfEveryWidthSideBySide) {
    const SramGeometry geometry{1, 64, 64, 1};
    std::vector<CodeTensor> tensors;
    std::vector<std::vector<Code>> codes;
    RandomStream random(7, RandomDomain::kTraffic, 0, 0);
    for (std::uint32_t bits = 1; bits <= kMaxCodeBits; ++bits) {
        tensors.push_back({65, bits});
        codes.emplace_back();
        for (int i = 0; i < 65; ++i) {
            codes.back().push_back(static_cast<Code>(random.next()) & codeMask(bits));
        }
        codes.back()[7] = codeMask(bits);
    }
    for (const BitOrder order : {BitOrder::kLsbFirst, BitOrder::kMsbFirst}) {
        const MemoryMap map(geometry, tensors, {order, Interleave::kLinear, 0});
        const auto image = packed(map, codes);
        std::vector<std::vector<Code>> read(codes.size(), std::vector<Code>(65));
        for (std::uint64_t i = 0; i < image.size(); ++i) {
            map.forEachChangedCode(map.codesOf(i), ~image[i], image[i],
                                   [&](std::uint32_t tensor, std::uint64_t code, Code value) {
                                       read.at(tensor).at(code) = value;
                                   });
        }
        EXPECT_EQ(read, codes);
    }
}

TEST(MemoryMap, RefusesWhatCannotBe) {
    const SramGeometry geometry{1, 8, 6, 1};
    EXPECT_THROW(MemoryMap(geometry, {{0, 4}}, {}), Error);
    EXPECT_THROW(MemoryMap(geometry, {{4, 0}}, {}), Error);
    EXPECT_THROW(MemoryMap(geometry, {{4, 8}}, {}), Error);
    EXPECT_THROW(MemoryMap(geometry, {{4, 4}}, {}, 3), Error);
    EXPECT_THROW(MemoryMap(geometry, {{4, 4}}, {{}, {}, 1}, 2), Error);
    EXPECT_THROW(MemoryMap({1, 8, 64, 1}, {{4, kMaxCodeBits + 1}}, {}), Error);
    const MemoryMap map(geometry, {{2, 4}}, {});
    EXPECT_THROW(packed(map, {{1}}), Error);
    EXPECT_THROW(packed(map, {{1, 16}}), Error);
    EXPECT_THROW(packed(map, {{1, 2}, {3}}), Error);
    EXPECT_THROW(bitOrderFromString("middle"), UsageError);
    EXPECT_THROW(interleaveFromString("chaos"), UsageError);
}

}  // namespace
}  // namespace brownout
