#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "tests/import/collected.h"
#include "tests/published_dumps.h"

// The published dumps of undervolted block RAMs (Salami et al., MICRO 2018) against the figures of
// the study; skipped without them (published_dumps.h). Dumps in the same layout with planted faults
// are always tested (hex_dump_test.cpp).

namespace brownout::test {
namespace {

/// What was published of a board.
struct Board {
    const char* name;  ///< as publishedDumps() takes it
    std::uint32_t arrays;
    std::map<double, std::uint64_t> faults;  ///< 0 bits of the dump at each voltage
};

void PrintTo(const Board& board, std::ostream* out) { *out << board.name; }

class RealDumps : public testing::TestWithParam<Board> {
 protected:
    void SetUp() override {
        paths_ = publishedDumps(GetParam().name);
        if (paths_.empty()) GTEST_SKIP() << missingDumps(GetParam().name);
    }

    Collected import(bool dedup, ImportNotes& notes) const {
        std::vector<ImportFile> files;
        for (const std::string& path : paths_) files.push_back({openInput(path), {}, {}});
        ImportOptions options;
        options.dedupBytes = dedup;
        Collected got;
        readMeasurement(files, options, std::filesystem::temp_directory_path(), notes)
            ->deliver(got);
        return got;
    }

    std::vector<std::string> paths_;
};

using Fault = std::pair<std::uint32_t, std::uint32_t>;  // array, cell

std::set<Fault> faultsAt(const Collected& got, std::uint32_t voltage) {
    std::set<Fault> faults;
    for (const auto& [place, cells] : got.fails) {
        if (std::get<2>(place) != voltage) continue;
        for (std::uint32_t cell = 0; cell < cells.size(); ++cell) {
            if (cells[cell] == 1) faults.emplace(std::get<1>(place), cell);
        }
    }
    return faults;
}

TEST_P(RealDumps, HaveThePublishedFaultsAtEachVoltage) {
    ImportNotes notes;
    const Collected got = import(false, notes);
    EXPECT_EQ(got.geometry, (SramGeometry{GetParam().arrays, 1024, 16, 1}));
    ASSERT_EQ(got.conditions.voltages.size(), GetParam().faults.size());
    std::uint32_t index = 0;
    for (const auto& [voltage, count] : GetParam().faults) {
        EXPECT_DOUBLE_EQ(got.conditions.voltages[index], voltage);
        EXPECT_EQ(got.failing(index, FailDirection::k10), count) << voltage << " V";
        EXPECT_EQ(got.failing(index, FailDirection::k01), 0U);
        ++index;
    }
}

TEST_P(RealDumps, RepeatTheLowByteInTheHighByteOfEveryWord) {
    ImportNotes notes;
    const Collected got = import(true, notes);
    EXPECT_TRUE(notes.lines.empty());
    std::uint32_t index = 0;
    for (const auto& [voltage, count] : GetParam().faults) {
        EXPECT_EQ(2 * got.failing(index++, FailDirection::k10), count) << voltage << " V";
    }
}

TEST_P(RealDumps, AreNestedAsPublished) {
    ImportNotes notes;
    const Collected got = import(true, notes);
    for (std::uint32_t i = 0; i + 1 < got.conditions.voltages.size(); ++i) {
        const auto higher = faultsAt(got, i + 1), lower = faultsAt(got, i);
        const auto kept = std::count_if(higher.begin(), higher.end(),
                                        [&](const Fault& fault) { return lower.count(fault) > 0; });
        const double share = static_cast<double>(kept) / static_cast<double>(higher.size());
        EXPECT_GE(share, 0.984) << got.conditions.voltages[i];
    }
}

TEST_P(RealDumps, FailAlongColumnsAsPublished) {
    if (std::string(GetParam().name) != "KC705-B") GTEST_SKIP() << "published for KC705-B only";
    ImportNotes notes;
    const Collected got = import(true, notes);
    const auto faults = faultsAt(got, 0);
    std::map<std::uint32_t, double> ofArray;
    std::map<Fault, double> ofColumn;  // array, column
    for (const Fault& fault : faults) {
        ++ofArray[fault.first];
        ++ofColumn[{fault.first, fault.second % 8}];
    }
    const auto pairs = [](const auto& counts) {
        double sum = 0;
        for (const auto& [key, n] : counts) sum += n * (n - 1) / 2;
        return sum;
    };
    EXPECT_NEAR(pairs(ofColumn) / pairs(ofArray), 0.87, 0.005);
    EXPECT_NEAR(1 - static_cast<double>(ofArray.size()) / GetParam().arrays, 0.72, 0.005);
    std::vector<double> worst;
    for (const auto& [array, n] : ofArray) worst.push_back(n);
    std::sort(worst.rbegin(), worst.rend());
    double held = 0;
    for (std::size_t i = 0; i < GetParam().arrays / 10; ++i) held += worst[i];
    EXPECT_NEAR(held / static_cast<double>(faults.size()), 0.82, 0.005);
}

INSTANTIATE_TEST_SUITE_P(
    Boards, RealDumps,
    testing::Values(
        Board{
            "KC705-B",
            890,
            {{0.53, 2274}, {0.54, 690}, {0.55, 252}, {0.56, 62}, {0.57, 26}, {0.58, 8}, {0.59, 2}}},
        Board{"VC707",
              2060,
              {{0.54, 23706},
               {0.55, 7520},
               {0.56, 2732},
               {0.57, 772},
               {0.58, 146},
               {0.59, 24},
               {0.60, 4}}}),
    [](const auto& board) {
        std::string name = board.param.name;
        name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
        return name;
    });

}  // namespace
}  // namespace brownout::test
