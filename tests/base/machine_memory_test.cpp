#include "base/machine_memory.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/temporary_files.h"

namespace brownout {
namespace {

TEST(MachineMemory, IsWhatTheControlGroupAllows) {
    const TemporaryFolder folder;
    const std::string file = folder / "memory.max";
    EXPECT_EQ(memoryWithin(1000, file), 1000U) << "there is no such file";
    std::ofstream(file) << "max\n";
    EXPECT_EQ(memoryWithin(1000, file), 1000U);
    std::ofstream(file) << "600\n";
    EXPECT_EQ(memoryWithin(1000, file), 600U);
    std::ofstream(file) << "9223372036854771712\n";  // version 1 for no limit
    EXPECT_EQ(memoryWithin(1000, file), 1000U);
}

TEST(MachineMemory, OfThisMachineIsMoreThanATestNeeds) {
    EXPECT_GT(machineMemory(), std::size_t{64} << 20);
}

}  // namespace
}  // namespace brownout
