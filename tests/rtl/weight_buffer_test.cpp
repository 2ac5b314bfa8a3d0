// Random traffic and directed cases through the verilated weight buffer, against C++ that knows
// words, not cycles.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

#include "model/protection/protection.h"
#include "tests/model/integer_codes.h"
#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {
namespace {

constexpr std::uint64_t kOnes = ~std::uint64_t{0};
constexpr Wide kAllOnes = {kOnes, 0xFF};

/// The model of what the buffer must return: coded words as stored, masks, and the C++ protection.
class GoldenBuffer {
 public:
    explicit GoldenBuffer(const std::string& codec) : protection_(makeProtection(codec, 64)) {}

    void write(std::uint32_t word, std::uint64_t data) {
        stored_[word] = protection_->encode(data);
    }

    void rawWrite(std::uint32_t word, Wide coded) {
        stored_[word] = {coded.data, static_cast<std::uint8_t>(coded.check & checkMask())};
    }

    Wide rawRead(std::uint32_t word) const {
        const Masks& masks = masks_[word];
        const CodedWord& stored = stored_[word];
        const auto check =
            ((stored.check & masks.andMask.check) | masks.orMask.check) ^ masks.xorMask.check;
        return {((stored.data & masks.andMask.data) | masks.orMask.data) ^ masks.xorMask.data,
                static_cast<std::uint8_t>(check & checkMask())};
    }

    RtlBuffer::Response read(std::uint32_t word) const {
        const Wide seen = rawRead(word);
        const DecodedWord decoded = protection_->decode({seen.data, seen.check});
        return {decoded.data, static_cast<std::uint8_t>(decoded.status)};
    }

    void loadMasks(std::uint32_t word, Wide andMask, Wide orMask, Wide xorMask) {
        masks_[word] = {andMask, orMask, xorMask};
    }

    const Protection& protection() const { return *protection_; }

    void clearMasks() { masks_.assign(kWords, {}); }

 private:
    struct Masks {
        Wide andMask = kAllOnes, orMask, xorMask;
    };

    std::uint32_t checkMask() const { return (1U << protection_->checkBits()) - 1; }

    std::shared_ptr<const Protection> protection_;
    std::vector<CodedWord> stored_ = std::vector<CodedWord>(kWords);
    std::vector<Masks> masks_ = std::vector<Masks>(kWords);
};

/// Numbers for traffic.
class Dice {
 public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t bits() { return engine_(); }
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(bits() % limit); }
    bool percent(std::uint32_t chance) { return below(100) < chance; }
    Wide wide() { return {bits(), static_cast<std::uint8_t>(bits())}; }
    /// Few ones: 72 bits of which about `ones` are set.
    Wide sparse(std::uint32_t ones) {
        Wide value;
        for (std::uint32_t i = 0; i < ones; ++i) {
            const std::uint32_t bit = below(72);
            if (bit < 64) value.data |= std::uint64_t{1} << bit;
            if (bit >= 64) value.check |= static_cast<std::uint8_t>(1U << (bit - 64));
        }
        return value;
    }

 private:
    std::mt19937_64 engine_;
};

Wide inverted(Wide value) { return {~value.data, static_cast<std::uint8_t>(~value.check)}; }

class WeightBuffer : public ::testing::TestWithParam<const char*> {
 protected:
    std::unique_ptr<RtlBuffer> rtl = makeRtlBuffer(GetParam());
    GoldenBuffer golden{GetParam()};

    /// Returns `data` as software prepares them for the codec: words of eight int8 weights.
    std::uint64_t prepared(std::uint64_t data) const {
        const auto codes = test::fullWords(1, 64, 8);
        golden.protection().prepare({&data, 1}, codes, test::IntegerCodes{8});
        return data;
    }

    void TearDown() override { EXPECT_FALSE(rtl->contractBroken()); }
};

TEST_P(WeightBuffer, ReturnsWhatWasWritten) {
    for (std::uint32_t word = 0; word < kWords; ++word) {
        rtl->write(word, prepared(word * 0x9E3779B97F4A7C15));
    }
    for (std::uint32_t word = 0; word < kWords; ++word) {
        EXPECT_EQ(rtl->read(word), (RtlBuffer::Response{prepared(word * 0x9E3779B97F4A7C15), 0}))
            << word;
    }
}

TEST_P(WeightBuffer, StartsAsZeros) {
    for (std::uint32_t word = 0; word < kWords; ++word) {
        EXPECT_EQ(rtl->read(word), (RtlBuffer::Response{0, 0})) << word;
    }
}

/// Requests, mask beats and readers' pauses at random; responses in order and equal to the golden
/// model's.
TEST_P(WeightBuffer, AgreesWithTheGoldenModelUnderRandomTrafficAndBackPressure) {
    Dice dice(20'260'101);
    std::deque<RtlBuffer::Response> expected;
    Pins& pins = rtl->pins;
    std::uint64_t responses = 0;
    std::uint64_t wrong = 0;
    std::uint32_t patience = 50;
    for (int cycle = 0; cycle < 200'000; ++cycle) {
        if (cycle % 1000 == 0) patience = 20 + dice.below(81);  // from slow to prompt readers
        if (!pins.req_valid_i && dice.percent(80)) {
            pins.req_valid_i = true;
            pins.req_write_i = dice.percent(40);
            pins.req_addr_i = dice.below(kWords);
            pins.req_wdata_i = dice.bits();
        }
        if (!pins.ovl_valid_i && dice.percent(10)) {
            pins.ovl_valid_i = true;
            pins.ovl_clear_i = dice.percent(2);
            pins.ovl_addr_i = dice.below(kWords);
            const bool dense = dice.percent(20);
            pins.ovl_and_i = dense ? dice.wide() : inverted(dice.sparse(dice.below(3)));
            pins.ovl_or_i = dense ? dice.wide() : dice.sparse(dice.below(2));
            pins.ovl_xor_i = dense ? dice.wide() : dice.sparse(dice.below(3));
        }
        pins.rsp_ready_i = dice.percent(patience);
        rtl->settle();

        // What happens at the coming edge. A read sees the masks as they were before it.
        const bool taken = pins.req_valid_i && pins.req_ready_o;
        if (taken && pins.req_write_i) golden.write(pins.req_addr_i, pins.req_wdata_i);
        if (taken && !pins.req_write_i) expected.push_back(golden.read(pins.req_addr_i));
        const bool loaded = pins.ovl_valid_i && pins.ovl_ready_o;
        if (loaded && pins.ovl_clear_i) golden.clearMasks();
        if (loaded && !pins.ovl_clear_i) {
            golden.loadMasks(pins.ovl_addr_i, pins.ovl_and_i, pins.ovl_or_i, pins.ovl_xor_i);
        }
        if (pins.rsp_valid_o && pins.rsp_ready_i) {
            ASSERT_FALSE(expected.empty());
            wrong +=
                !(RtlBuffer::Response{pins.rsp_rdata_o, pins.rsp_status_o} == expected.front());
            expected.pop_front();
            ++responses;
        }
        rtl->edge();
        if (taken) pins.req_valid_i = false;
        if (loaded) pins.ovl_valid_i = false;
    }
    EXPECT_EQ(wrong, 0U);
    EXPECT_GT(responses, 50'000U);
    EXPECT_LE(expected.size(), 4U);
}

TEST_P(WeightBuffer, TakesARequestEachCycleAndAnswersTwoCyclesLater) {
    for (std::uint32_t word = 0; word < kWords; ++word) rtl->write(word, prepared(word + 1));
    Pins& pins = rtl->pins;
    pins.rsp_ready_i = true;
    for (std::uint32_t cycle = 0; cycle < kWords + 2; ++cycle) {
        pins.req_valid_i = cycle < kWords;
        pins.req_write_i = false;
        pins.req_addr_i = cycle < kWords ? cycle : 0;
        rtl->settle();
        EXPECT_TRUE(pins.req_ready_o) << cycle;
        EXPECT_EQ(pins.rsp_valid_o, cycle >= 2) << cycle;
        if (cycle >= 2) {
            EXPECT_EQ(pins.rsp_rdata_o, prepared(cycle - 1)) << cycle;
        }
        rtl->edge();
    }
}

TEST_P(WeightBuffer, KeepsThreeResponsesForAReaderThatWaitsAndTakesNoMore) {
    for (std::uint32_t word = 0; word < 8; ++word) rtl->write(word, prepared(word + 1));
    Pins& pins = rtl->pins;
    std::uint32_t taken = 0;
    for (int cycle = 0; cycle < 20; ++cycle) {
        pins.req_valid_i = true;
        pins.req_write_i = false;
        pins.req_addr_i = taken;
        rtl->settle();
        taken += pins.req_ready_o;
        rtl->edge();
    }
    EXPECT_EQ(taken, 3U);
    pins.rsp_ready_i = true;
    std::vector<std::uint64_t> data;
    for (int cycle = 0; cycle < 20 && data.size() < 4; ++cycle) {
        rtl->settle();
        if (pins.rsp_valid_o) data.push_back(pins.rsp_rdata_o);
        const bool accepted = pins.req_valid_i && pins.req_ready_o;
        rtl->edge();
        if (accepted) pins.req_valid_i = false;
    }
    EXPECT_EQ(data,
              (std::vector<std::uint64_t>{prepared(1), prepared(2), prepared(3), prepared(4)}));
}

/// Every truth table of a cell: and, or, xor for a stored 0 and a stored 1.
TEST_P(WeightBuffer, ShowsEachCellThroughAndThenOrThenXor) {
    Dice dice(7);
    for (std::uint32_t word = 0; word < kWords; ++word) {
        for (int masks = 0; masks < 8; ++masks) {
            const Wide andMask = masks & 1 ? kAllOnes : Wide{};
            const Wide orMask = masks & 2 ? kAllOnes : Wide{};
            const Wide xorMask = masks & 4 ? kAllOnes : Wide{};
            rtl->loadMasks(word, andMask, orMask, xorMask);
            golden.loadMasks(word, andMask, orMask, xorMask);
            const Wide coded = dice.wide();
            rtl->rawWrite(word, coded);
            golden.rawWrite(word, coded);
            EXPECT_EQ(rtl->rawRead(word), golden.rawRead(word)) << word << ' ' << masks;
        }
    }
}

TEST_P(WeightBuffer, ForgetsEveryMaskWhenToldTo) {
    for (std::uint32_t word = 0; word < kWords; ++word) {
        rtl->write(word, prepared(word));
        rtl->loadMasks(word, {}, kAllOnes, {0x1234, 0x56});
    }
    rtl->clearMasks();
    // While the masks are being removed, and afterwards.
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t word = 0; word < kWords; ++word) {
            EXPECT_EQ(rtl->read(word), (RtlBuffer::Response{prepared(word), 0})) << word;
        }
    }
    rtl->loadMasks(3, kAllOnes, {}, {});
    for (std::uint32_t word = 0; word < kWords; ++word) {
        EXPECT_EQ(rtl->read(word), (RtlBuffer::Response{prepared(word), 0})) << word;
    }
}

TEST_P(WeightBuffer, CanClearMasksInAsManyCyclesAsItHasRows) {
    rtl->clearMasks();
    std::uint32_t cycles = 0;
    for (; !rtl->pins.ovl_ready_o; ++cycles) rtl->edge();
    EXPECT_EQ(cycles, kRows);
}

TEST_P(WeightBuffer, GivesTheBistTheCodedWordAndHoldsRequestsOff) {
    const auto codec = makeProtection(GetParam(), 64);
    rtl->write(17, 0xFEDCBA9876543210);
    const CodedWord coded = codec->encode(0xFEDCBA9876543210);
    EXPECT_EQ(rtl->rawRead(17), (Wide{coded.data, coded.check}));
    Pins& pins = rtl->pins;
    pins.raw_en_i = true;
    pins.req_valid_i = true;
    pins.req_write_i = true;
    pins.req_addr_i = 17;
    pins.req_wdata_i = prepared(1);
    for (int cycle = 0; cycle < 5; ++cycle) {
        rtl->settle();
        EXPECT_FALSE(pins.req_ready_o);
        rtl->edge();
    }
    EXPECT_EQ(pins.raw_rdata_o, (Wide{0, 0}));
    pins.raw_en_i = false;
    rtl->edge();
    pins.req_valid_i = false;
    EXPECT_EQ(rtl->read(17).data, prepared(1));
}

/// A BIST that starts while responses wait must not cost any.
TEST_P(WeightBuffer, LosesNoResponseWhenTheBistTakesOver) {
    for (std::uint32_t word = 0; word < 4; ++word) rtl->write(word, prepared(word + 1));
    Pins& pins = rtl->pins;
    pins.req_write_i = false;
    for (std::uint32_t word = 0; word < 3; ++word) {
        pins.req_valid_i = true;
        pins.req_addr_i = word;
        rtl->edge();
    }
    pins.req_valid_i = false;
    for (std::uint32_t word = 0; word < 8; ++word) rtl->rawRead(3);
    pins.rsp_ready_i = true;
    for (std::uint64_t expected = 1; expected <= 3; ++expected) {
        rtl->settle();
        EXPECT_TRUE(pins.rsp_valid_o);
        EXPECT_EQ(pins.rsp_rdata_o, prepared(expected));
        rtl->edge();
    }
}

TEST_P(WeightBuffer, CountsWordsReadCorrectedAndDetected) {
    Dice dice(11);
    std::array<std::uint64_t, 3> byStatus{};
    for (int i = 0; i < 500; ++i) {
        const std::uint32_t word = dice.below(kWords);
        rtl->write(word, dice.bits());
        rtl->loadMasks(word, kAllOnes, {}, dice.sparse(dice.below(4)));
        ++byStatus.at(rtl->read(word).status);
    }
    const std::array<std::uint64_t, 3> expected = {500, byStatus[1], byStatus[2]};
    for (std::uint8_t counter = 0; counter < 3; ++counter) {
        EXPECT_EQ(rtl->readRegister(2 * counter), expected[counter]) << int{counter};
        EXPECT_EQ(rtl->readRegister(2 * counter + 1), 0U);
    }
    rtl->rawRead(0);  // not a read of the buffer's user
    EXPECT_EQ(rtl->readRegister(0), 500U);
    rtl->writeRegister(6, 0);
    EXPECT_EQ(rtl->readRegister(0), 500U);
    rtl->writeRegister(6, 1);
    for (std::uint8_t address = 0; address < 6; ++address)
        EXPECT_EQ(rtl->readRegister(address), 0U);
}

TEST_P(WeightBuffer, SaysHowItWasBuilt) {
    std::uint32_t number = 0;
    while (std::string(kCodecs.at(number)) != GetParam()) ++number;
    EXPECT_EQ(rtl->readRegister(7), 1U << 20 | number << 16 | kBanks);
    EXPECT_EQ(rtl->readRegister(8), 64U << 24 | kRows);
    for (std::uint8_t address = 9; address < 16; ++address)
        EXPECT_EQ(rtl->readRegister(address), 0U);
}

INSTANTIATE_TEST_SUITE_P(Codecs, WeightBuffer, ::testing::ValuesIn(kBufferCodecs),
                         [](const auto& codec) {
                             std::string name = codec.param;
                             name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                             return name;
                         });

}  // namespace
}  // namespace brownout::rtl_test
