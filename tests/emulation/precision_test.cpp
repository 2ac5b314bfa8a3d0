#include "emulation/precision.h"

#include <gtest/gtest.h>

#include "tests/results/sample_campaign.h"

namespace brownout {
namespace {

TEST(Precision, IsReadAsItIsWritten) {
    for (const char* text : {"0.2", "3%", "as:50", "0.05", "12.5%", "as:2", "100"}) {
        EXPECT_EQ(toString(precisionFromString("--precision", text)), text);
    }
    const Precision relative = precisionFromString("--precision", "3%");
    EXPECT_EQ(relative.kind, Precision::Kind::kRelative);
    EXPECT_EQ(relative.value, 3);
    EXPECT_EQ(precisionFromString("--precision", "as:50").kind, Precision::Kind::kAsChips);
    EXPECT_EQ(precisionFromString("--precision", "0.2").kind, Precision::Kind::kPoints);
}

TEST(Precision, OfAnyOtherFormIsRefusedInOneLine) {
    for (const char* text : {"", "0", "-1", "x", "3 %", "%", "as:", "as:1", "as:2.5", "as:x",
                             "as:2000000", "101", "200%", "nan", "inf", "1e999"}) {
        const auto message = errorOf([&] { precisionFromString("--precision", text); });
        EXPECT_NE(message.find("as:50"), std::string::npos) << text << ": " << message;
    }
}

}  // namespace
}  // namespace brownout
