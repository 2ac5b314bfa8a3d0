#include "model/protection/protection.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <set>

#include "base/error.h"
#include "model/protection/hsiao.h"
#include "model/protection/secded.h"
#include "model/random.h"
#include "tests/model/integer_codes.h"

namespace brownout {
namespace {

/// An error pattern over a coded word of 72 bits: bit i of the data, bit 64 + j for check bit j.
CodedWord flipped(CodedWord word, std::initializer_list<unsigned> bits) {
    for (const unsigned bit : bits) {
        if (bit < 64) {
            word.data ^= Word{1} << bit;
        } else {
            word.check = static_cast<std::uint8_t>(word.check ^ 1U << (bit - 64));
        }
    }
    return word;
}

std::vector<Word> someWords(std::uint32_t wordBits) {
    const Word mask = ~Word{0} >> (64 - wordBits);
    std::vector<Word> words{0, mask, 1, Word{1} << (wordBits - 1)};
    RandomStream random(11, RandomDomain::kTraffic, wordBits, 0);
    while (words.size() < 200) words.push_back(random.next() & mask);
    return words;
}

unsigned ones(Word word) {
    unsigned count = 0;
    for (unsigned bit = 0; bit < 64; ++bit) count += static_cast<unsigned>(word >> bit & 1U);
    return count;
}

class EveryProtection : public testing::TestWithParam<std::string> {};

/// The protection for words that hold bytes in two's complement; null where it can't serve them.
std::shared_ptr<const Protection> ofBytes(const std::string& name, std::uint32_t wordBits) {
    try {
        return makeProtection(name, wordBits, 8);
    } catch (const UsageError&) {
        throw;
    } catch (const Error&) {
        EXPECT_LT(wordBits, 64U);  // all serve the usual word
        return nullptr;
    }
}

TEST_P(EveryProtection, DecodesWhatItPreparedAndEncodedToItself) {
    for (const std::uint32_t wordBits : {8U, 16U, 32U, 64U}) {
        const auto protection = ofBytes(GetParam(), wordBits);
        if (!protection) continue;
        EXPECT_EQ(protection->name(), GetParam() == "op-weight" ? "op-8" : GetParam());
        EXPECT_EQ(protection->wordBits(), wordBits);
        const auto codes = test::fullWords(protection->blockWords(), wordBits, 8);
        const test::IntegerCodes values(8);
        EXPECT_NO_THROW(protection->requireCodes(codes[0], values));
        for (const Word data : someWords(wordBits)) {
            std::vector<Word> block(protection->blockWords(), data);
            block.front() ^= 1;
            const std::vector<Word> asked = block;
            protection->prepare(block, codes, values);
            EXPECT_TRUE(protection->altersData() || block == asked);
            const std::vector<Word> before = block;
            const std::uint8_t check = protection->encode(block);
            EXPECT_EQ(check >> protection->checkBits(), 0);
            EXPECT_EQ(protection->decode(block, check), WordStatus::kClean);
            EXPECT_EQ(block, before);
            EXPECT_EQ(protection->worthlessBits({data, WordStatus::kClean}), 0U);
            protection->prepare(block, codes, values);
            EXPECT_EQ(block, before);
        }
    }
}

TEST_P(EveryProtection, TakesAMemoryOfZerosForRight) {
    const auto protection = ofBytes(GetParam(), 64);
    std::vector<Word> block(protection->blockWords(), 0);
    EXPECT_EQ(protection->encode(block), 0);
    EXPECT_EQ(block, std::vector<Word>(block.size(), 0));
}

INSTANTIATE_TEST_SUITE_P(Protections, EveryProtection, testing::ValuesIn(protectionNames()),
                         [](const auto& one) {
                             std::string name = one.param;
                             for (char& c : name) c = c == '-' ? '_' : c;
                             return name;
                         });

TEST(Protection, HasTheCheckBitsOfTheContract) {
    EXPECT_EQ(makeProtection("none", 64)->checkBits(), 0U);
    EXPECT_EQ(makeProtection("parity", 64)->checkBits(), 1U);
    EXPECT_EQ(makeProtection("parity-byte", 64)->checkBits(), 8U);
    EXPECT_EQ(makeProtection("parity-byte", 16)->checkBits(), 2U);
    EXPECT_EQ(makeProtection("secded", 64)->checkBits(), 8U);
    EXPECT_EQ(makeProtection("parity-128", 64)->checkBits(), 1U);
    EXPECT_EQ(makeProtection("parity-128", 64)->blockWords(), 2U);
    EXPECT_EQ(makeProtection("parity-128", 16)->blockWords(), 8U);
}

TEST(Protection, RefusesWhatItCannotProtect) {
    EXPECT_THROW(makeProtection("crc", 64), UsageError);
    EXPECT_THROW(makeProtection("parity", 0), Error);
    EXPECT_THROW(makeProtection("parity", 65), Error);
    EXPECT_THROW(makeProtection("parity-byte", 20), Error);
    EXPECT_THROW(makeProtection("parity-128", 20), Error);
    EXPECT_THROW(makeProtection("secded", 7), Error);
}

TEST(Parity, SeesEveryOddNumberOfErrorsAndNoEvenOne) {
    const auto protection = makeProtection("parity", 64);
    RandomStream random(3, RandomDomain::kTraffic, 0, 0);
    for (const Word data : someWords(64)) {
        const CodedWord stored = protection->encode(data);
        EXPECT_EQ((ones(data) + ones(stored.check)) % 2, 0U);
        for (int i = 0; i < 20; ++i) {
            const Word errors = random.next() & random.next() & random.next();
            const auto errorInCheck = static_cast<std::uint8_t>(random.next() & 1U);
            const CodedWord read{data ^ errors,
                                 static_cast<std::uint8_t>(stored.check ^ errorInCheck)};
            if ((ones(errors) + errorInCheck) % 2 == 1) {
                EXPECT_EQ(protection->decode(read), (DecodedWord{0, WordStatus::kDetected}));
            } else {
                EXPECT_EQ(protection->decode(read), (DecodedWord{read.data, WordStatus::kClean}));
            }
        }
    }
    EXPECT_EQ(protection->worthlessBits({0, WordStatus::kDetected}), ~Word{0});
}

TEST(WideParity, SeesEveryOddNumberOfErrorsInABlockAndNoEvenOne) {
    const auto protection = makeProtection("parity-128", 64);
    RandomStream random(3, RandomDomain::kTraffic, 0, 1);
    for (const Word data : someWords(64)) {
        const std::vector<Word> stored{data, random.next()};
        std::vector<Word> block = stored;
        const std::uint8_t check = protection->encode(block);
        EXPECT_EQ((ones(block[0]) + ones(block[1]) + check) % 2, 0U);
        for (int i = 0; i < 20; ++i) {
            unsigned errors = static_cast<unsigned>(random.next() & 1U);
            const auto readCheck = static_cast<std::uint8_t>(check ^ errors);
            block = stored;
            for (Word& word : block) {
                const Word wrong = random.next() & random.next() & random.next();
                word ^= wrong;
                errors += ones(wrong);
            }
            const std::vector<Word> read = block;
            const WordStatus status = protection->decode(block, readCheck);
            EXPECT_EQ(status, errors % 2 == 1 ? WordStatus::kDetected : WordStatus::kClean);
            EXPECT_EQ(block, errors % 2 == 1 ? std::vector<Word>(2, 0) : read);
        }
    }
}

TEST(ByteParity, ZeroesTheBytesWithAnOddNumberOfErrorsAndNoOther) {
    const auto protection = makeProtection("parity-byte", 64);
    RandomStream random(4, RandomDomain::kTraffic, 0, 0);
    for (const Word data : someWords(64)) {
        const std::uint8_t check = protection->encode(data).check;
        const Word errors = random.next() & random.next() & random.next();
        const auto checkErrors = static_cast<std::uint8_t>(random.next() & random.next());
        Word expected = 0;
        bool bad = false;
        for (unsigned byte = 0; byte < 8; ++byte) {
            // Byte by byte, as the contract says it.
            const Word value = data >> (8 * byte) & 0xFF;
            EXPECT_EQ((ones(value) + (check >> byte & 1U)) % 2, 0U);
            const Word wrong = errors >> (8 * byte) & 0xFF;
            if ((ones(wrong) + (checkErrors >> byte & 1U)) % 2 == 1) {
                bad = true;
            } else {
                expected |= (value ^ wrong) << (8 * byte);
            }
        }
        EXPECT_EQ(
            protection->decode({data ^ errors, static_cast<std::uint8_t>(check ^ checkErrors)}),
            (DecodedWord{expected, bad ? WordStatus::kDetected : WordStatus::kClean}));
    }
}

TEST(ByteParity, SuspectsTheBytesOfADetectedWordThatReadAsZero) {
    const auto protection = makeProtection("parity-byte", 64);
    EXPECT_EQ(protection->worthlessBits({0x1100330055667700, WordStatus::kDetected}),
              0x00FF00FF000000FFU);
    EXPECT_EQ(protection->worthlessBits({0x1100330055667700, WordStatus::kClean}), 0U);
    EXPECT_EQ(makeProtection("parity-byte", 16)->worthlessBits({0x0001, WordStatus::kDetected}),
              0xFF00U);
}

// The code's published properties (Hsiao 1970): distinct columns of odd weight, rows as even as can
// be.
TEST(Hsiao, HasDistinctColumnsOfOddWeightAndBalancedRows) {
    std::set<unsigned> columns;
    unsigned ofWeight3 = 0;
    unsigned ofWeight5 = 0;
    for (const std::uint8_t column : kHsiaoColumns) {
        columns.insert(column);
        ofWeight3 += ones(column) == 3;
        ofWeight5 += ones(column) == 5;
    }
    EXPECT_EQ(columns.size(), 64U);
    EXPECT_EQ(ofWeight3, 56U);
    EXPECT_EQ(ofWeight5, 8U);
    for (const std::uint64_t row : kHsiaoRows) EXPECT_EQ(ones(row), 26U);
}

TEST(Secded, EncodesAsTheMatrixSaysBitByBit) {
    const SecdedProtection protection(64);
    RandomStream random(5, RandomDomain::kTraffic, 0, 0);
    for (unsigned bit = 0; bit < 64; ++bit) {
        EXPECT_EQ(protection.encode(Word{1} << bit).check, kHsiaoColumns[bit]);
    }
    for (int i = 0; i < 100000; ++i) {
        const Word data = random.next();
        ASSERT_EQ(protection.encode(data).check, SecdedProtection::encodeByRows(data));
    }
}

TEST(Secded, CorrectsAll72SingleErrors) {
    const auto protection = makeProtection("secded", 64);
    for (const Word data : someWords(64)) {
        const CodedWord stored = protection->encode(data);
        for (unsigned bit = 0; bit < 72; ++bit) {
            EXPECT_EQ(protection->decode(flipped(stored, {bit})),
                      (DecodedWord{data, WordStatus::kCorrected}));
        }
    }
}

TEST(Secded, DetectsAll2556DoubleErrorsAndLeavesTheDataAsRead) {
    const auto protection = makeProtection("secded", 64);
    for (const Word data : {Word{0}, Word{0x0123456789ABCDEF}}) {
        const CodedWord stored = protection->encode(data);
        unsigned pairs = 0;
        for (unsigned a = 0; a < 72; ++a) {
            for (unsigned b = a + 1; b < 72; ++b) {
                const CodedWord read = flipped(stored, {a, b});
                EXPECT_EQ(protection->decode(read),
                          (DecodedWord{read.data, WordStatus::kDetected}));
                ++pairs;
            }
        }
        EXPECT_EQ(pairs, 2556U);
    }
}

/// Words of weight 4 of the code, by MacWilliams' identity from the weights of the 256 words of its
/// dual, which the rows of the parity check matrix span. An independent route: it never looks at an
/// error pattern.
long long codeWordsOfWeight4() {
    std::array<long long, 73> ofWeight{};
    for (unsigned pick = 0; pick < 256; ++pick) {
        Word data = 0;
        for (unsigned row = 0; row < 8; ++row) {
            if ((pick >> row & 1U) != 0) data ^= kHsiaoRows[row];
        }
        ++ofWeight.at(ones(data) + ones(pick));
    }
    const auto choose = [](long long n, long long k) {
        long long result = 1;
        for (long long i = 0; i < k; ++i) result = result * (n - i) / (i + 1);
        return result;
    };
    long long sum = 0;
    for (long long weight = 0; weight <= 72; ++weight) {
        long long krawtchouk = 0;
        for (long long s = 0; s <= 4; ++s) {
            krawtchouk += (s % 2 == 0 ? 1 : -1) * choose(weight, s) * choose(72 - weight, 4 - s);
        }
        sum += ofWeight.at(static_cast<std::size_t>(weight)) * krawtchouk;
    }
    EXPECT_EQ(sum % 256, 0);
    return sum / 256;
}

// A triple error is miscorrected if and only if its syndrome is a fourth bit's: each code word of
// weight 4 holds four such triples.
TEST(Secded, MiscorrectsAsManyOfAll59640TripleErrorsAsTheWeightsOfTheCodeSay) {
    const auto protection = makeProtection("secded", 64);
    const Word data = 0xFEDCBA9876543210;
    const CodedWord stored = protection->encode(data);
    long long triples = 0;
    long long miscorrected = 0;
    for (unsigned a = 0; a < 72; ++a) {
        for (unsigned b = a + 1; b < 72; ++b) {
            for (unsigned c = b + 1; c < 72; ++c) {
                const CodedWord read = flipped(stored, {a, b, c});
                const DecodedWord decoded = protection->decode(read);
                ++triples;
                ASSERT_NE(decoded.status, WordStatus::kClean);
                if (decoded.status == WordStatus::kCorrected) {
                    ASSERT_NE(decoded.data, data);
                    ++miscorrected;
                } else {
                    ASSERT_EQ(decoded.data, read.data);
                }
            }
        }
    }
    EXPECT_EQ(triples, 59640);
    EXPECT_EQ(miscorrected, 4 * codeWordsOfWeight4());
    RecordProperty("miscorrected", static_cast<int>(miscorrected));
    EXPECT_EQ(miscorrected, 33568);  // 56.3 %
}

TEST(Secded, OfAShorterWordDetectsWhatPointsToABitThatIsNotThere) {
    const auto protection = makeProtection("secded", 32);
    for (const Word data : someWords(32)) {
        const CodedWord stored = protection->encode(data);
        for (unsigned bit = 0; bit < 72; ++bit) {
            if (bit >= 32 && bit < 64) {
                // The errors in check bits that look like an error of the missing bit.
                const CodedWord read{data,
                                     static_cast<std::uint8_t>(stored.check ^ kHsiaoColumns[bit])};
                EXPECT_EQ(protection->decode(read), (DecodedWord{data, WordStatus::kDetected}));
            } else {
                EXPECT_EQ(protection->decode(flipped(stored, {bit})),
                          (DecodedWord{data, WordStatus::kCorrected}));
            }
        }
    }
}

}  // namespace
}  // namespace brownout
