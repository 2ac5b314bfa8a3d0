#include "sim/march.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace brownout {
namespace {

std::size_t operations(MarchAlgorithm algorithm) {
    std::size_t sum = 0;
    for (const MarchElement& element : elementsOf(algorithm)) sum += element.ops.size();
    return sum;
}

TEST(March, TestsAreAsLongAsTheirLiteratureSays) {
    EXPECT_EQ(operations(MarchAlgorithm::kMatsPlus), 5U);
    EXPECT_EQ(operations(MarchAlgorithm::kMarchCMinus), 10U);
    EXPECT_EQ(operations(MarchAlgorithm::kMarchSs), 22U);
}

TEST(March, EveryReadExpectsWhatTheLastWriteLeft) {
    for (const auto algorithm :
         {MarchAlgorithm::kMatsPlus, MarchAlgorithm::kMarchCMinus, MarchAlgorithm::kMarchSs}) {
        bool ones = false;
        for (const MarchElement& element : elementsOf(algorithm)) {
            for (const MarchOp& op : element.ops) {
                if (op.write) {
                    ones = op.ones;
                } else {
                    EXPECT_EQ(op.ones, ones) << nameOf(algorithm);
                }
            }
        }
        EXPECT_EQ(marchAlgorithmOf(nameOf(algorithm)), algorithm);
    }
    EXPECT_THROW(marchAlgorithmOf("galpat"), UsageError);
}

TEST(March, FindingsTellTheDirectionsApart) {
    MarchFindings findings(2);
    findings.add(1, 0b1, 0b0);
    findings.add(1, 0b110, ~Word{0});
    EXPECT_EQ(findings.fails01(1), 0b1U);
    EXPECT_EQ(findings.fails10(1), 0b110U);
    EXPECT_EQ(findings.fails01(0), 0U);
    EXPECT_THROW(findings.add(2, 1, 0), Error);
}

}  // namespace
}  // namespace brownout
