// The SECDED code as the verilated buffer has it: what it promises (all single errors corrected,
// all double errors detected), and bit by bit the same as the C++ protection where it promises
// nothing.
#include <gtest/gtest.h>

#include <random>

#include "model/protection/protection.h"
#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {
namespace {

constexpr std::uint8_t kClean = 0;
constexpr std::uint8_t kCorrected = 1;
constexpr std::uint8_t kDetected = 2;

const std::uint64_t kSomeData[] = {0, ~std::uint64_t{0}, 0x0123456789ABCDEF, 0x8000000000000001};

Wide flipped(Wide coded, unsigned bit) {
    if (bit < 64) coded.data ^= std::uint64_t{1} << bit;
    if (bit >= 64) coded.check ^= static_cast<std::uint8_t>(1U << (bit - 64));
    return coded;
}

class Secded : public ::testing::Test {
 protected:
    /// The coded word that the buffer makes of `data`.
    Wide encode(std::uint64_t data) {
        rtl->write(0, data);
        return rtl->rawRead(0);
    }

    RtlBuffer::Response decode(Wide coded) {
        rtl->rawWrite(0, coded);
        return rtl->read(0);
    }

    std::unique_ptr<RtlBuffer> rtl = makeRtlBuffer("secded");
};

TEST_F(Secded, EncodesAsTheCppCodec) {
    const auto codec = makeProtection("secded", 64);
    std::mt19937_64 dice(1);
    for (unsigned bit = 0; bit < 64; ++bit) {
        const std::uint64_t data = std::uint64_t{1} << bit;
        EXPECT_EQ(encode(data), (Wide{data, codec->encode(data).check})) << bit;
    }
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t data = dice();
        EXPECT_EQ(encode(data), (Wide{data, codec->encode(data).check}));
    }
}

TEST_F(Secded, CorrectsAll72SingleErrors) {
    for (const std::uint64_t data : kSomeData) {
        const Wide coded = encode(data);
        EXPECT_EQ(decode(coded), (RtlBuffer::Response{data, kClean}));
        for (unsigned bit = 0; bit < 72; ++bit) {
            EXPECT_EQ(decode(flipped(coded, bit)), (RtlBuffer::Response{data, kCorrected})) << bit;
        }
    }
}

TEST_F(Secded, DetectsAll2556DoubleErrorsAndGivesTheDataAsRead) {
    for (const std::uint64_t data : kSomeData) {
        const Wide coded = encode(data);
        int pairs = 0;
        for (unsigned a = 0; a < 72; ++a) {
            for (unsigned b = 0; b < a; ++b, ++pairs) {
                const Wide read = flipped(flipped(coded, a), b);
                EXPECT_EQ(decode(read), (RtlBuffer::Response{read.data, kDetected}))
                    << a << ' ' << b;
            }
        }
        EXPECT_EQ(pairs, 2556);
    }
}

/// Three errors and more: the RTL says what the C++ protection says, miscorrections included.
TEST_F(Secded, MiscorrectsTheSameHundredThousandErrorPatternsAsTheCppCodec) {
    const auto codec = makeProtection("secded", 64);
    std::mt19937_64 dice(3);
    int miscorrected = 0;
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t data = dice();
        Wide read = {data, codec->encode(data).check};
        const unsigned first = static_cast<unsigned>(dice() % 72);
        const unsigned second = (first + 1 + static_cast<unsigned>(dice() % 71)) % 72;
        unsigned third = first;
        while (third == first || third == second) third = static_cast<unsigned>(dice() % 72);
        for (const unsigned bit : {first, second, third}) read = flipped(read, bit);
        if (i % 4 == 3) read = {dice(), static_cast<std::uint8_t>(dice())};  // anything at all
        const auto response = decode(read);
        const DecodedWord expected = codec->decode({read.data, read.check});
        wrong += response.data != expected.data ||
                 response.status != static_cast<std::uint8_t>(expected.status);
        miscorrected += response.status == kCorrected;
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(miscorrected, 10'000);
}

TEST(Parity, ZeroesAWordWithAnOddNumberOfErrorsAndPassesAnEvenNumber) {
    auto rtl = makeRtlBuffer("parity");
    const std::uint64_t data = 0xF00DF00DCAFECAFE;
    rtl->write(0, data);
    const Wide coded = rtl->rawRead(0);
    for (unsigned a = 0; a < 65; ++a) {
        rtl->rawWrite(0, flipped(coded, a));
        EXPECT_EQ(rtl->read(0), (RtlBuffer::Response{0, kDetected})) << a;
        for (unsigned b = 0; b < a; ++b) {
            const Wide read = flipped(flipped(coded, a), b);
            rtl->rawWrite(0, read);
            EXPECT_EQ(rtl->read(0), (RtlBuffer::Response{read.data, kClean})) << a << ' ' << b;
        }
    }
}

TEST(ParityByte, ZeroesTheBadBytesOnly) {
    auto rtl = makeRtlBuffer("parity-byte");
    const std::uint64_t data = 0x1122334455667788;
    rtl->write(0, data);
    const Wide coded = rtl->rawRead(0);
    for (unsigned a = 0; a < 72; ++a) {
        for (unsigned b = 0; b < a; ++b) {
            const Wide read = flipped(flipped(coded, a), b);
            rtl->rawWrite(0, read);
            const unsigned byteA = a < 64 ? a / 8 : a - 64;
            const unsigned byteB = b < 64 ? b / 8 : b - 64;
            RtlBuffer::Response expected{read.data, kClean};
            if (byteA != byteB) {
                expected.status = kDetected;
                expected.data &=
                    ~(std::uint64_t{0xFF} << 8 * byteA | std::uint64_t{0xFF} << 8 * byteB);
            }
            EXPECT_EQ(rtl->read(0), expected) << a << ' ' << b;
        }
    }
}

}  // namespace
}  // namespace brownout::rtl_test
