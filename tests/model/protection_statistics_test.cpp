#include <gtest/gtest.h>

#include <cmath>

#include "model/functional_memory.h"
#include "model/random.h"
#include "model/uniform_chips.h"

// Errors that each protection can and cannot see where bits fail independently, against the closed
// forms of the binomial distribution, through the golden memory.

namespace brownout {
namespace {

/// Words of some chips with uniform errors, written with random data and read back.
struct Shares {
    double words = 0;
    double wrong = 0;         ///< any error among data and check bits, seen or not
    double clean = 0;         ///< status clean, data right
    double corrected = 0;     ///< status corrected, data right
    double miscorrected = 0;  ///< status corrected, data wrong
    double detected = 0;
    double silent = 0;  ///< status clean, data wrong
    double blocks = 0;
    double detectedBlocks = 0;
    double silentBlocks = 0;  ///< that have a silent word
};

Shares readThrough(const char* name, std::uint32_t wordBits, double ber) {
    const SramGeometry chip{32, 512, wordBits, 1};
    const auto protection = makeProtection(name, wordBits);
    Shares shares;
    RandomStream random(1, RandomDomain::kTraffic, wordBits, 9);
    for (std::uint32_t number = 0; number < 20; ++number) {
        FunctionalMemory memory(std::make_shared<UniformChips>(chip, 77), protection);
        memory.insert({0, number, 0});
        std::vector<Word> content(memory.words());
        for (Word& word : content) word = random.next() & protection->dataMask();
        std::vector<Word> read(memory.words());
        std::vector<WordStatus> statuses(memory.words());
        memory.setSupply(ber);
        memory.write(0, content);
        memory.read(0, read, statuses);
        for (std::size_t i = 0; i < read.size(); ++i) {
            const bool right = read[i] == content[i];
            shares.words += 1;
            shares.clean += statuses[i] == WordStatus::kClean && right;
            shares.silent += statuses[i] == WordStatus::kClean && !right;
            shares.corrected += statuses[i] == WordStatus::kCorrected && right;
            shares.miscorrected += statuses[i] == WordStatus::kCorrected && !right;
            shares.detected += statuses[i] == WordStatus::kDetected;
        }
        const std::size_t size = protection->blockWords();
        for (std::size_t first = 0; first < read.size(); first += size) {
            bool right = true;
            for (std::size_t i = first; i < first + size; ++i) right &= read[i] == content[i];
            shares.blocks += 1;
            shares.detectedBlocks += statuses[first] == WordStatus::kDetected;
            shares.silentBlocks += statuses[first] == WordStatus::kClean && !right;
        }
        CodedOverlay(memory.faults(), memory.placement()).forEachWord([&](const CodedFault&) {
            shares.wrong += 1;
        });
    }
    return shares;
}

/// Within the 99 % interval of a binomial count: false alarm 1 % a call were the seeds not fixed.
void expectShare(double count, double words, double share, const char* what) {
    const double half = 2.5758 * std::sqrt(words * share * (1 - share)) + 0.5;
    EXPECT_NEAR(count, words * share, half) << what << ": " << count / words << " of " << words;
}

double anyOf(double bits, double ber) { return 1 - std::pow(1 - ber, bits); }
double oddOf(double bits, double ber) { return (1 - std::pow(1 - 2 * ber, bits)) / 2; }
double moreThanOneOf(double bits, double ber) {
    return anyOf(bits, ber) - bits * ber * std::pow(1 - ber, bits - 1);
}

class Statistics : public testing::TestWithParam<double> {};

// 63 data bits and one check bit: the 64-bit word whose shares are published.
TEST_P(Statistics, ParityZeroesWordsWithAnOddNumberOfErrorsAndMissesTheOthers) {
    const double ber = GetParam();
    const Shares seen = readThrough("parity", 63, ber);
    expectShare(seen.wrong, seen.words, anyOf(64, ber), "error");
    expectShare(seen.detected, seen.words, oddOf(64, ber), "odd");
    expectShare(seen.silent, seen.words, anyOf(64, ber) - oddOf(64, ber), "even");
    EXPECT_EQ(seen.corrected + seen.miscorrected, 0);
    EXPECT_EQ(seen.clean, seen.words - seen.wrong);
    if (ber == 0.01) {
        EXPECT_NEAR(seen.wrong / seen.words, 0.47, 0.01);
        EXPECT_NEAR(seen.detected / seen.words, 0.36, 0.01);
        EXPECT_NEAR(seen.silent / seen.words, 0.11, 0.01);
    }
}

// 128 data bits and one check bit: a block is seen as wrong if the number of its errors is odd; an
// even number, of which one may be in the check bit, is missed.
TEST_P(Statistics, WideParityZeroesBlocksWithAnOddNumberOfErrorsAndMissesTheOthers) {
    const double ber = GetParam();
    for (const std::uint32_t wordBits : {64U, 32U, 8U}) {
        const Shares seen = readThrough("parity-128", wordBits, ber);
        EXPECT_EQ(seen.blocks * 128 / wordBits, seen.words);
        expectShare(seen.detectedBlocks, seen.blocks, oddOf(129, ber), "odd");
        expectShare(seen.silentBlocks, seen.blocks, anyOf(129, ber) - oddOf(129, ber), "even");
        EXPECT_EQ(seen.detected, seen.detectedBlocks * 128 / wordBits);
        EXPECT_EQ(seen.corrected + seen.miscorrected, 0);
    }
}

TEST_P(Statistics, ByteParityMissesWordsWhoseEveryByteHasAnEvenNumberOfErrors) {
    const double ber = GetParam();
    const Shares seen = readThrough("parity-byte", 64, ber);
    // A byte and its check bit: 9 cells.
    const double unseen = std::pow(1 - oddOf(9, ber), 8);
    expectShare(seen.detected, seen.words, 1 - unseen, "detected");
    expectShare(seen.silent, seen.words, unseen - std::pow(1 - ber, 72), "silent");
}

TEST_P(Statistics, SecdedCorrectsOneErrorAndLeavesTwoOrMore) {
    const double ber = GetParam();
    const Shares seen = readThrough("secded", 64, ber);
    expectShare(seen.wrong, seen.words, anyOf(72, ber), "error");
    expectShare(seen.corrected, seen.words, anyOf(72, ber) - moreThanOneOf(72, ber), "one");
    expectShare(seen.detected + seen.miscorrected + seen.silent, seen.words, moreThanOneOf(72, ber),
                "two or more");
    // Three errors are miscorrected in 33,568 of 59,640 cases; five and more are rare.
    const double three = 59640 * std::pow(ber, 3) * std::pow(1 - ber, 69);
    EXPECT_GT(seen.miscorrected / seen.words, 0.9 * three * 33568 / 59640 - 2e-6);
    EXPECT_LT(seen.miscorrected / seen.words, 1.2 * three * 33568 / 59640 + 2e-5);
    if (ber == 0.01) {
        EXPECT_NEAR((seen.detected + seen.miscorrected + seen.silent) / seen.words, 0.16, 0.01);
    }
}

INSTANTIATE_TEST_SUITE_P(BitErrorRates, Statistics, testing::Values(1e-3, 1e-2));

TEST(Statistics, ThreeOrMoreErrorsInTheWordsOfSecdedAreAsManyAsPublished) {
    const SramGeometry chip{32, 512, 64, 1};
    double words = 0;
    double threeOrMore = 0;
    for (std::uint32_t number = 0; number < 20; ++number) {
        const CheckPlacement placement(chip, 8);
        words += static_cast<double>(placement.dataGeometry().words());
        CodedOverlay(FaultOverlay::uniform(chip, UniformField(5, number), 0.01), placement)
            .forEachWord([&](const CodedFault& fault) {
                threeOrMore +=
                    __builtin_popcountll(fault.xorMask) + __builtin_popcount(fault.checkXor) >= 3;
            });
    }
    const double share = moreThanOneOf(72, 0.01) - 2556 * 1e-4 * std::pow(0.99, 70);
    expectShare(threeOrMore, words, share, "three or more");
    EXPECT_NEAR(threeOrMore / words, 0.036, 0.001);
}

}  // namespace
}  // namespace brownout
