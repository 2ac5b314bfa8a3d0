#include "profiles/import/fault_sorter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "base/error.h"
#include "base/temporary_files.h"

namespace brownout::test {
namespace {

using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;

std::vector<Key> drained(FaultSorter& sorter) {
    std::vector<Key> got;
    sorter.drain(
        [&](const FaultCount& fault) { got.emplace_back(fault.group, fault.cell, fault.fails); });
    return got;
}

TEST(FaultSorter, GivesEveryFaultInOrderWhateverFitsInMemory) {
    const TemporaryFolder folder;
    std::mt19937_64 random(1);
    for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 1000U, 50000U}) {
        for (const std::size_t inMemory : {1U, 8U, 999U, 100000U}) {
            if (count / inMemory > 7000) continue;
            FaultSorter sorter(folder.path(), inMemory);
            std::vector<Key> expected;
            for (std::size_t i = 0; i < count; ++i) {
                const FaultCount fault{static_cast<std::uint32_t>(random() % 5),
                                       static_cast<std::uint32_t>(random() % 1000),
                                       static_cast<std::uint32_t>(i)};
                sorter.add(fault);
                expected.emplace_back(fault.group, fault.cell, fault.fails);
            }
            std::vector<Key> got = drained(sorter);
            const auto place = [](const Key& key) {
                return std::pair(std::get<0>(key), std::get<1>(key));
            };
            EXPECT_TRUE(std::is_sorted(got.begin(), got.end(), [&](const Key& a, const Key& b) {
                return place(a) < place(b);
            }));
            std::sort(got.begin(), got.end());
            std::sort(expected.begin(), expected.end());
            EXPECT_EQ(got, expected) << count << " faults, " << inMemory << " in memory";
        }
    }
}

TEST(FaultSorter, LeavesNoFileBehindEvenWhileItWorks) {
    const TemporaryFolder folder;
    FaultSorter sorter(folder.path(), 4);
    for (std::uint32_t i = 0; i < 100; ++i) sorter.add({0, 100 - i, 1});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_EQ(drained(sorter).size(), 100U);
}

TEST(FaultSorter, NamesTheFolderThatItCantUse) {
    FaultSorter sorter("/nowhere", 1);
    sorter.add({0, 1, 1});
    try {
        sorter.add({0, 2, 1});
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("/nowhere"), std::string::npos);
    }
}

}  // namespace
}  // namespace brownout::test
