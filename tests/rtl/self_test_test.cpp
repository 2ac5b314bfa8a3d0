// weight_buffer_bist: the BIST finds the faults that the overlay plays, check bits included, and
// gives the buffer back.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "Vself_test.h"
#include "tests/rtl/march_text.h"
#include "tests/rtl/rtl_buffer.h"
#include "tests/rtl/verilated_buffer.h"

namespace brownout::rtl_test {
namespace {

constexpr Wide kAllOnes = {~std::uint64_t{0}, 0xFF};
constexpr unsigned kBits = 40;  // of a coded word: 32 of data, 8 of SECDED

/// A mask with bit `bit` of a coded word, {check, data}.
std::uint64_t maskOf(unsigned bit) { return std::uint64_t{1} << bit; }

class SelfTest : public ::testing::TestWithParam<std::uint8_t> {
 protected:
    SelfTest() : top(&context) {
        context.fatalOnError(false);
        top.rst_ni = 0;
        edge();
        top.rst_ni = 1;
        for (int cycle = 0; !top.ovl_ready_o && cycle < 1000; ++cycle) edge();
    }

    ~SelfTest() override {
        EXPECT_FALSE(context.gotError());
        top.final();
    }

    void edge() {
        top.eval();
        top.clk_i = 1;
        top.eval();
        top.clk_i = 0;
        top.eval();
    }

    void loadMasks(std::uint32_t word, Wide andMask, Wide orMask, Wide xorMask) {
        top.ovl_valid_i = 1;
        top.ovl_addr_i = static_cast<std::uint8_t>(word);
        assign(top.ovl_and_i, andMask);
        assign(top.ovl_or_i, orMask);
        assign(top.ovl_xor_i, xorMask);
        edge();
        top.ovl_valid_i = 0;
    }

    VerilatedContext context;
    Vself_test top;
};

TEST_P(SelfTest, FindsExactlyTheFaultsOfTheOverlayWithTheirDirections) {
    std::mt19937_64 dice(23);
    // What each faulty bit does: {word, bit} -> reads 1 for 0, reads 0 for 1.
    std::map<std::pair<std::uint32_t, unsigned>, std::pair<bool, bool>> planted;
    for (int i = 0; i < 150; ++i) {
        planted[{dice() % kWords, static_cast<unsigned>(dice() % kBits)}] =
            std::vector<std::pair<bool, bool>>{
                {true, false}, {false, true}, {true, true}}[dice() % 3];
    }
    for (std::uint32_t word = 0; word < kWords; ++word) {
        Wide andMask = kAllOnes, orMask, xorMask;
        for (unsigned bit = 0; bit < kBits; ++bit) {
            const auto fault = planted.find({word, bit});
            if (fault == planted.end()) continue;
            const auto [up, down] = fault->second;
            Wide& mask = up && down ? xorMask : up ? orMask : andMask;
            mask.data ^= maskOf(bit);
        }
        loadMasks(word, andMask, orMask, xorMask);
    }

    top.bist_algorithm_i = GetParam();
    top.bist_last_addr_i = kWords - 1;
    assign(top.bist_background_i, {dice(), static_cast<std::uint8_t>(dice())});
    top.bist_start_i = 1;
    edge();
    top.bist_start_i = 0;
    decltype(planted) found;
    for (int cycle = 0; !top.bist_done_o; ++cycle) {
        ASSERT_LT(cycle, 100'000);
        top.fail_ready_i = dice() % 2;
        top.eval();
        if (top.fail_valid_o && top.fail_ready_i) {
            const Wide syndrome = wideOf(top.fail_syndrome_o);
            const Wide expected = wideOf(top.fail_expected_o);
            for (unsigned bit = 0; bit < kBits; ++bit) {
                const auto at = [bit](Wide w) { return (w.data & maskOf(bit)) != 0; };
                if (!at(syndrome)) continue;
                auto& directions = found[{top.fail_addr_o, bit}];
                (at(expected) ? directions.second : directions.first) = true;
            }
        }
        edge();
    }
    EXPECT_TRUE(top.bist_failed_o);
    EXPECT_EQ(found, planted);
}

TEST_P(SelfTest, HoldsRequestsOffLosesNoResponseAndGivesTheBufferBack) {
    // A read of a written word waits with its reader when the test begins.
    top.req_valid_i = 1;
    top.req_write_i = 1;
    top.req_addr_i = 5;
    top.req_wdata_i = 77;
    edge();
    top.req_write_i = 0;
    edge();
    top.req_valid_i = 0;
    top.bist_algorithm_i = GetParam();
    top.bist_last_addr_i = kWords - 1;
    top.bist_start_i = 1;
    edge();
    top.bist_start_i = 0;
    top.req_valid_i = 1;
    top.fail_ready_i = 1;
    for (int cycle = 0; !top.bist_done_o; ++cycle) {
        ASSERT_LT(cycle, 10'000);
        top.eval();
        EXPECT_FALSE(top.bist_busy_o && top.req_ready_o);
        edge();
    }
    EXPECT_FALSE(top.bist_failed_o);
    top.req_valid_i = 0;
    top.rsp_ready_i = 1;
    top.eval();
    EXPECT_TRUE(top.rsp_valid_o);
    EXPECT_EQ(top.rsp_rdata_o, 77U);
}

INSTANTIATE_TEST_SUITE_P(Bist, SelfTest, ::testing::Values(0, 1, 2), marchName);

}  // namespace
}  // namespace brownout::rtl_test
