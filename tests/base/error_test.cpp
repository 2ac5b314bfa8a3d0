#include "base/error.h"

#include <gtest/gtest.h>

namespace brownout {
namespace {

TEST(Error, IsOneLineThatNamesThePlaceAndCutsWhatIsTooLong) {
    EXPECT_STREQ(Error("chip.h5:/cells", "is\nmissing\r\n").what(), "chip.h5:/cells: is missing");
    EXPECT_STREQ(Error("", "no place").what(), "no place");
    const std::string line =
        Error("a.conf", "unknown key '" + std::string(1000000, 'k') + "'; expected a key").what();
    EXPECT_LT(line.size(), 300U);
    EXPECT_EQ(line.rfind("a.conf: unknown key 'kkk", 0), 0U);
    EXPECT_NE(line.find("k'; expected a key"), std::string::npos);
}

}  // namespace
}  // namespace brownout
