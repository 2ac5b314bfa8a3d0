#include "sim/cosim_traffic.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/cosim.h"

namespace brownout {
namespace {

TrafficSettings small() {
    TrafficSettings settings;
    settings.data = {4, 8, 64, 1};
    for (std::uint32_t i = 0; i < 50; ++i) settings.image.emplace_back(i % 32, Word{i} * 3);
    settings.randomWords = 1000;
    return settings;
}

TEST(CosimTraffic, IsTheSameForTheSameSeedAndAnotherForAnother) {
    const auto all = [](const TrafficSettings& settings) {
        std::vector<std::uint64_t> flat;
        forEachPiece(settings, [&](const TrafficPiece& piece) {
            for (const MemoryOp& op : piece.ops) {
                flat.insert(flat.end(), {op.address, op.write ? 1U : 0U, op.data});
            }
        });
        return flat;
    };
    TrafficSettings other = small();
    other.seed = 2;
    EXPECT_EQ(all(small()), all(small()));
    EXPECT_NE(all(small()), all(other));
}

TEST(CosimTraffic, StaysInsideTheMemoryAndReadsEveryWordOfEveryBank) {
    const TrafficSettings settings = small();
    std::map<std::string, std::set<std::uint32_t>> read;
    std::uint64_t reads = 0;
    forEachPiece(settings, [&](const TrafficPiece& piece) {
        for (const MemoryOp& op : piece.ops) {
            ASSERT_LT(op.address, settings.data.words());
            if (op.write) continue;
            read[piece.name].insert(op.address);
            ++reads;
        }
    });
    EXPECT_EQ(reads, comparedWords(settings));
    for (const char* name : {"image", "all zeros", "all ones", "checkerboard",
                             "inverse checkerboard", "a content for each address", "random"}) {
        EXPECT_EQ(read[name].size(), settings.data.words()) << name;
    }
    EXPECT_EQ(read["walking bits"], (std::set<std::uint32_t>{0, 7, 8, 15, 16, 23, 24, 31}));
    EXPECT_GT(read["read after write"].size(), 20U);
    EXPECT_GT(read["back-pressure held"].size(), 20U);
}

TEST(CosimReport, ShowsAMismatchBitByBit) {
    WordMismatch mismatch;
    mismatch.piece = "random";
    mismatch.word = 13;
    mismatch.expected = {0x81, WordStatus::kClean};
    mismatch.got = {0x80, WordStatus::kDetected};
    const std::string text = describe(mismatch, {4, 8, 64, 1});
    EXPECT_NE(text.find("word 13 (bank 1, row 5)"), std::string::npos);
    EXPECT_NE(text.find("00000000 10000001 clean\n"), std::string::npos);
    EXPECT_NE(text.find("00000000 10000000 detected\n"), std::string::npos);
    EXPECT_NE(text.find("........ .......^ status\n"), std::string::npos);
}

}  // namespace
}  // namespace brownout
