#include "model/field/philox_batch.h"

#include <gtest/gtest.h>

#include "base/processor.h"

namespace brownout {
namespace {

struct Blocks {
    std::vector<std::uint64_t> first, second;
};

/// The oracle: one block after the other from RandomStream.
Blocks drawnOneByOne(std::uint64_t seed, std::uint32_t a,
                     const std::vector<std::uint32_t>& position,
                     const std::vector<std::uint32_t>& b) {
    Blocks blocks;
    for (std::size_t i = 0; i < position.size(); ++i) {
        RandomStream random(seed, RandomDomain::kTraffic, a, b[i]);
        for (std::uint32_t before = 0; before < 2 * position[i]; ++before) random.next();
        blocks.first.push_back(random.next());
        blocks.second.push_back(random.next());
    }
    return blocks;
}

TEST(PhiloxBatch, EveryKernelDrawsTheBlocksOfRandomStream) {
    std::vector<std::uint32_t> position, b;
    for (std::uint32_t i = 0; i < 64; ++i) {
        position.push_back(i * 37 % 101);
        b.push_back(0xFFFFFFF0U + i * 3);
    }
    for (const std::uint64_t seed : {0ULL, 1ULL, 0x123456789abcdefULL, ~0ULL}) {
        const std::uint32_t a = static_cast<std::uint32_t>(seed) * 77 + 5;
        const Blocks expected = drawnOneByOne(seed, a, position, b);
        for (const std::string& set : availableInstructionSets()) {
            const PhiloxKernel kernel = philoxKernel(set);
            Blocks drawn{std::vector<std::uint64_t>(64), std::vector<std::uint64_t>(64)};
            kernel({seed, static_cast<std::uint32_t>(RandomDomain::kTraffic), a, position.data(),
                    b.data(), 64},
                   drawn.first.data(), drawn.second.data());
            EXPECT_EQ(drawn.first, expected.first) << "seed " << seed;
            EXPECT_EQ(drawn.second, expected.second) << "seed " << seed;
        }
    }
}

// Sizes around the steps of the kernels, used again and again: what earlier batches left must not
// show.
TEST(PhiloxBatch, ABatchOfAnySizeHoldsTheBlocksThatWereAskedFor) {
    PhiloxBatch batch;
    for (const std::uint32_t count : {0U, 1U, 7U, 8U, 9U, 31U, 3U, 100U, 2U}) {
        batch.clear();
        batch.add(4, 10, count);
        batch.add(9, 3);
        batch.draw(42, RandomDomain::kTraffic, 6);
        std::vector<std::uint32_t> position, b;
        for (std::uint32_t i = 0; i < count; ++i) {
            position.push_back(10 + i);
            b.push_back(4);
        }
        position.push_back(3);
        b.push_back(9);
        const Blocks expected = drawnOneByOne(42, 6, position, b);
        ASSERT_EQ(batch.size(), position.size());
        for (std::size_t i = 0; i < position.size(); ++i) {
            EXPECT_EQ(batch.first()[i], expected.first[i]);
            EXPECT_EQ(batch.second()[i], expected.second[i]);
        }
    }
}

}  // namespace
}  // namespace brownout
