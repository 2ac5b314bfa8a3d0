// Encoders and decoders of opportunistic parity and in-place ECC, without a memory around them:
// what they promise, exhaustively for one and two wrong bits, and everywhere the answer of the C++
// protection.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "Vword_codecs.h"
#include "model/protection/protection.h"
#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {
namespace {

constexpr std::uint8_t kClean = 0;
constexpr std::uint8_t kCorrected = 1;
constexpr std::uint8_t kDetected = 2;

struct Subject {
    const char* protection;
    unsigned width;
    unsigned groupBits;  ///< of opportunistic parity
};

/// The codecs of word_codecs.sv.
constexpr std::array<Subject, 7> kSubjects = {{{"op-8", 64, 8},
                                               {"op-16", 64, 16},
                                               {"op-32", 64, 32},
                                               {"op-64", 64, 64},
                                               {"in-place-ecc", 64, 0},
                                               {"op-8", 8, 8},
                                               {"op-16", 48, 16}}};
constexpr unsigned kInPlace = 4;

std::uint64_t bitOf(unsigned bit) { return std::uint64_t{1} << bit; }

/// One verilated encoder and decoder.
class Codec {
 public:
    explicit Codec(unsigned index) : index_(index) { top_.en_i = 1; }

    std::uint64_t encode(std::uint64_t data, bool enable = true) {
        top_.en_i = enable;
        top_.data_i = data;
        top_.eval();
        return wordOf(top_.cells_o);
    }

    RtlBuffer::Response decode(std::uint64_t cells) {
        top_.cells_i = cells;
        top_.eval();
        return {wordOf(top_.data_o), static_cast<std::uint8_t>(top_.status_o >> 2 * index_ & 3)};
    }

 private:
    template <typename Wide>
    std::uint64_t wordOf(const Wide& wide) const {
        return wide[2 * index_] | std::uint64_t{wide[2 * index_ + 1]} << 32;
    }

    unsigned index_;
    VerilatedContext context_;
    Vword_codecs top_{&context_};
};

class WordCodecs : public ::testing::TestWithParam<unsigned> {
 protected:
    unsigned width() const { return kSubjects.at(GetParam()).width; }
    std::uint64_t dataMask() const { return ~std::uint64_t{0} >> (64 - width()); }

    RtlBuffer::Response expected(std::uint64_t cells) const {
        const DecodedWord decoded = protection->decode({cells, 0});
        return {decoded.data, static_cast<std::uint8_t>(decoded.status)};
    }

    std::shared_ptr<const Protection> protection =
        makeProtection(kSubjects.at(GetParam()).protection, width());
    Codec codec{GetParam()};
};

TEST_P(WordCodecs, EncodeAsTheCppProtectionAndPassDataOnWhileNothingIsWritten) {
    std::mt19937_64 dice(1);
    std::vector<std::uint64_t> words{0, dataMask()};
    for (unsigned bit = 0; bit < width(); ++bit) words.push_back(bitOf(bit));
    for (int i = 0; i < 1000; ++i) words.push_back(dice() & dataMask());
    for (const std::uint64_t word : words) {
        EXPECT_EQ(codec.encode(word), protection->encode(word).data) << word;
        EXPECT_EQ(codec.encode(word, false), word);
    }
}

/// Words with every number of wrong bits, and with none.
TEST_P(WordCodecs, DecodeAnyWordAsTheCppProtection) {
    std::mt19937_64 dice(2);
    std::array<int, 3> seen{};
    for (int i = 0; i < 100'000; ++i) {
        std::uint64_t cells = protection->encode(dice() & dataMask()).data;
        for (std::uint64_t errors = dice() % 5; errors > 0; --errors)
            cells ^= bitOf(dice() % width());
        if (i % 4 == 3) cells = dice() & dataMask();  // anything at all
        const RtlBuffer::Response response = codec.decode(cells);
        ASSERT_EQ(response, expected(cells)) << cells;
        ++seen.at(response.status);
    }
    EXPECT_GT(seen[kDetected], 10'000);
    EXPECT_EQ(seen[kCorrected] > 10'000, GetParam() == kInPlace);
}

/// Returns the word with bit 6 of bytes 0 to 6 equal to bit 7, as in-place ECC takes it.
std::uint64_t inRange(std::uint64_t word) {
    for (unsigned byte = 0; byte < 7; ++byte) {
        word &= ~bitOf(8 * byte + 6);
        word |= (word >> (8 * byte + 7) & 1) << (8 * byte + 6);
    }
    return word;
}

TEST(InPlaceEccOfTheRtl, CorrectsAll64SingleErrorsAndDetectsAll2016DoubleErrors) {
    Codec codec(kInPlace);
    std::mt19937_64 dice(3);
    for (int i = 0; i < 20; ++i) {
        const std::uint64_t data = i == 0 ? 0 : inRange(dice());
        const std::uint64_t cells = codec.encode(data);
        EXPECT_EQ(codec.decode(cells), (RtlBuffer::Response{data, kClean}));
        for (unsigned a = 0; a < 64; ++a) {
            EXPECT_EQ(codec.decode(cells ^ bitOf(a)), (RtlBuffer::Response{data, kCorrected})) << a;
            for (unsigned b = 0; b < a; ++b) {
                const std::uint64_t wrong = bitOf(a) ^ bitOf(b);
                const RtlBuffer::Response asRead{inRange(cells ^ wrong), kDetected};
                EXPECT_EQ(codec.decode(cells ^ wrong), asRead) << a << ' ' << b;
            }
        }
    }
}

class OpportunisticParityOfTheRtl : public ::testing::TestWithParam<unsigned> {};

TEST_P(OpportunisticParityOfTheRtl, ZeroesAGroupWithOneErrorAndPassesTwoInAGroup) {
    const Subject& subject = kSubjects.at(GetParam());
    Codec codec(GetParam());
    std::mt19937_64 dice(4);
    const auto groupOf = [&](unsigned bit) {
        return (~std::uint64_t{0} >> (64 - subject.groupBits))
               << bit / subject.groupBits * subject.groupBits;
    };
    for (int i = 0; i < 20; ++i) {
        // Software makes every group even.
        std::uint64_t data = i == 0 ? 0 : dice() & (~std::uint64_t{0} >> (64 - subject.width));
        for (unsigned bit = 0; bit < subject.width; bit += subject.groupBits) {
            if (__builtin_parityll(data & groupOf(bit)) != 0) data ^= bitOf(bit);
        }
        EXPECT_EQ(codec.decode(codec.encode(data)), (RtlBuffer::Response{data, kClean}));
        for (unsigned a = 0; a < subject.width; ++a) {
            EXPECT_EQ(codec.decode(data ^ bitOf(a)),
                      (RtlBuffer::Response{data & ~groupOf(a), kDetected}))
                << a;
            for (unsigned b = 0; b < a; ++b) {
                const std::uint64_t read = data ^ bitOf(a) ^ bitOf(b);
                const RtlBuffer::Response unseen{read, kClean};
                const RtlBuffer::Response zeroed{read & ~groupOf(a) & ~groupOf(b), kDetected};
                EXPECT_EQ(codec.decode(read), groupOf(a) == groupOf(b) ? unseen : zeroed)
                    << a << ' ' << b;
            }
        }
    }
}

std::string nameOfSubject(const ::testing::TestParamInfo<unsigned>& index) {
    const Subject& subject = kSubjects.at(index.param);
    const std::string kind =
        index.param == kInPlace ? "inPlaceEcc" : "op" + std::to_string(subject.groupBits);
    return kind + "Of" + std::to_string(subject.width) + "Bits";
}

INSTANTIATE_TEST_SUITE_P(Rtl, WordCodecs, ::testing::Range(0U, 7U), nameOfSubject);
INSTANTIATE_TEST_SUITE_P(Rtl, OpportunisticParityOfTheRtl,
                         ::testing::Values(0U, 1U, 2U, 3U, 5U, 6U), nameOfSubject);

}  // namespace
}  // namespace brownout::rtl_test
