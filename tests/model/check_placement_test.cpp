#include "model/check_placement.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "base/error.h"

namespace brownout {
namespace {

TEST(CheckPlacement, DividesTheShippedChipAsTheContractSays) {
    const SramGeometry chip{32, 512, 64, 1};
    const CheckPlacement none(chip, 0);
    EXPECT_EQ(none.dataGeometry(), chip);
    EXPECT_EQ(none.checkArrays(), 0U);
    EXPECT_EQ(CheckPlacement::chipFor(chip, 0), chip);
    const CheckPlacement parity(chip, 1);
    EXPECT_EQ(parity.dataGeometry().arrays, 31U);
    EXPECT_EQ(parity.checkArrays(), 1U);
    EXPECT_EQ(parity.blocksPerCheckWord(), 64U);
    const CheckPlacement secded(chip, 8);
    EXPECT_EQ(secded.dataGeometry().arrays, 28U);
    EXPECT_EQ(secded.checkArrays(), 4U);
    EXPECT_EQ(secded.blocksPerCheckWord(), 8U);
    // Word 5 of data array 11: array 28 + 1, word 5, bits 24 to 31.
    const auto place = secded.placeOf(11 * 512 + 5);
    EXPECT_EQ(place.word, 29 * 512 + 5U);
    EXPECT_EQ(place.shift, 24U);
}

TEST(CheckPlacement, HoldsAsManyDataArraysAsTheChipAllows) {
    for (const std::uint32_t arrays : {2U, 3U, 9U, 10U, 11U, 32U, 65U, 66U, 100U}) {
        for (const std::uint32_t checkBits : {1U, 2U, 3U, 8U}) {
            for (const std::uint32_t wordBits : {8U, 20U, 64U}) {
                const CheckPlacement placement({arrays, 4, wordBits, 1}, checkBits);
                const std::uint32_t k = wordBits / checkBits;
                const auto needed = [&](std::uint32_t data) { return data + (data + k - 1) / k; };
                const std::uint32_t data = placement.dataGeometry().arrays;
                EXPECT_LE(needed(data), arrays);
                EXPECT_GT(needed(data + 1), arrays);
                EXPECT_EQ(placement.checkArrays(), (data + k - 1) / k);
                const SramGeometry least =
                    CheckPlacement::chipFor(placement.dataGeometry(), checkBits);
                EXPECT_EQ(least.arrays, needed(data));
                EXPECT_EQ(CheckPlacement(least, checkBits).dataGeometry(),
                          placement.dataGeometry());
            }
        }
    }
}

TEST(CheckPlacement, GivesEveryCheckBitACellOfItsOwnAndFindsItsWordAgain) {
    for (const SramGeometry& chip :
         {SramGeometry{32, 4, 64, 1}, SramGeometry{11, 4, 64, 2}, SramGeometry{7, 3, 20, 1}}) {
        for (const auto& [checkBits, block] :
             {std::pair{1U, 1U}, {2U, 1U}, {8U, 1U}, {1U, 2U}, {8U, 2U}, {1U, 4U}, {3U, 4U}}) {
            if (chip.wordsPerArray() % block != 0) continue;
            const CheckPlacement placement(chip, checkBits, block);
            const std::uint64_t dataWords = placement.dataGeometry().words();
            std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> owner;
            for (std::uint64_t word = 0; word < dataWords; ++word) {
                const auto place = placement.placeOf(word);
                if (word % block != 0) {
                    const auto first = placement.placeOf(word / block * block);
                    EXPECT_EQ(std::pair(place.word, place.shift),
                              std::pair(first.word, first.shift));
                    continue;
                }
                EXPECT_GE(place.word, dataWords);
                EXPECT_LT(place.word, chip.words());
                EXPECT_LE(place.shift + checkBits, chip.wordBits());
                for (std::uint32_t bit = 0; bit < checkBits; ++bit) {
                    EXPECT_TRUE(owner.insert({{place.word, place.shift + bit}, word}).second);
                }
            }
            for (std::uint64_t word = 0; word < chip.words(); ++word) {
                for (std::uint32_t bit = 0; bit < chip.wordBits(); ++bit) {
                    const auto found = placement.dataWordAt(word, bit);
                    const auto at = owner.find({word, bit});
                    ASSERT_EQ(found.has_value(), at != owner.end());
                    if (found) {
                        EXPECT_EQ(*found, at->second);
                    }
                }
            }
        }
    }
}

TEST(CheckPlacement, PutsTheCheckBitsOfBlocksAsTheContractSays) {
    // Blocks of two words with one check bit: a check array serves 64 * 2 data arrays, so that 132
    // arrays hold 130 of data and 2 of check bits.
    const SramGeometry chip{132, 512, 64, 1};
    const CheckPlacement placement(chip, 1, 2);
    EXPECT_EQ(placement.dataGeometry().arrays, 130U);
    EXPECT_EQ(placement.checkArrays(), 2U);
    // Block 5 of data array 11 (words 10 and 11): array 130, word (11 mod 2) * 256 + 5, bit 5.
    for (const std::uint64_t word : {10U, 11U}) {
        const auto place = placement.placeOf(11 * 512 + word);
        EXPECT_EQ(place.word, 130 * 512 + 256 + 5U);
        EXPECT_EQ(place.shift, 5U);
    }
    EXPECT_EQ(placement.dataWordAt(130 * 512 + 256 + 5, 5), 11 * 512 + 10U);
    // The first block of array 128 is the first of the second check array.
    EXPECT_EQ(placement.placeOf(128 * 512).word, 131 * 512U);
    EXPECT_EQ(placement.placeOf(128 * 512).shift, 0U);
    EXPECT_EQ(CheckPlacement::chipFor({130, 512, 64, 1}, 1, 2), chip);
    EXPECT_EQ(CheckPlacement::chipFor({128, 512, 64, 1}, 1, 2).arrays, 129U);
    EXPECT_THROW(CheckPlacement({4, 3, 64, 1}, 1, 2), Error);
}

TEST(CheckPlacement, RefusesAChipOfOneArrayOrMoreCheckBitsThanAWordHas) {
    EXPECT_THROW(CheckPlacement({1, 512, 64, 1}, 1), Error);
    EXPECT_NO_THROW(CheckPlacement({1, 512, 64, 1}, 0));
    EXPECT_THROW(CheckPlacement({4, 512, 4, 1}, 8), Error);
    EXPECT_THROW(CheckPlacement({4, 512, 64, 1}, 9), Error);
}

}  // namespace
}  // namespace brownout
