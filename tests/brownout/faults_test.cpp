#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "base/atomic_file.h"
#include "tests/brownout/program.h"

namespace brownout::test {
namespace {

/// Bits of 8-bit codes that are read wrong whatever is stored, and where nothing else fails.
std::uint64_t invertedBits(const std::string& csv) {
    std::istringstream lines(csv);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "tensor,element,zeros,ones");
    std::uint64_t bits = 0;
    while (std::getline(lines, line)) {
        unsigned element = 0, zeros = 0, ones = 0;
        const auto numbers = line.find("\",");
        EXPECT_EQ(std::sscanf(line.c_str() + numbers, "\",%u,%u,%u", &element, &zeros, &ones), 3);
        EXPECT_EQ(zeros, ~ones & 0xFF) << line;
        bits += static_cast<std::uint64_t>(__builtin_popcount(zeros));
    }
    return bits;
}

TEST(Faults, AreThoseOfTheSweepWithTheSameOptions) {
    const TemporaryFolder folder;
    // Kernels fill their words: there are no spare cells, whose faults the sweep counts, too.
    const std::vector<std::string> same = {"-m",     zoo("rquant"), "--store",   "weights",
                                           "--ber",  "0.003",       "--offsets", "3",
                                           "--seed", "5",           "--quiet"};
    auto sweep = same;
    sweep.insert(sweep.begin(), "sweep");
    sweep.insert(sweep.end(), {"-d", "fashion-mnist", "--images", "1", "--chips", "2", "--out",
                               folder / "sweep", "--no-report"});
    ASSERT_EQ(run(sweep).status, 0);
    std::istringstream trials(readFile(folder / "sweep/trials.csv"));
    std::string line;
    std::getline(trials, line);
    EXPECT_EQ(line.rfind("network,point,chip,offset,images,wrong_clean,wrong_perturbed,"
                         "wrong_either,bits_read,bits_wrong,",
                         0),
              0U);
    int compared = 0;
    while (std::getline(trials, line)) {
        std::vector<std::string> cells;
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
        auto faults = same;
        faults.insert(faults.begin(), "faults");
        const std::string offset = std::to_string(compared % 3);
        faults.insert(faults.end(),
                      {"--chip", cells.at(2), "--offset", offset, "-o", folder / "faults.csv"});
        const RunResult result = run(faults);
        ASSERT_EQ(result.status, 0) << result.err;
        EXPECT_EQ(invertedBits(readFile(folder / "faults.csv")), std::stoull(cells.at(9))) << line;
        ++compared;
    }
    EXPECT_EQ(compared, 6);
}

TEST(Faults, OfAProfileStickAndGetFewerAtAHigherSupply) {
    const TemporaryFolder folder;
    std::vector<std::size_t> lines;
    for (const char* supply : {"0.833", "0.875"}) {
        const RunResult result =
            run({"faults", "-m", zoo("rquant"), "-p", source("profiles/14nm-columns.h5"), "-v",
                 supply, "--chip", "1", "-o", folder / "faults.csv"});
        ASSERT_EQ(result.status, 0) << result.err;
        EXPECT_THAT(result.err, testing::HasSubstr("of 87546 codes have faults"));
        const std::string csv = readFile(folder / "faults.csv");
        lines.push_back(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')));
    }
    EXPECT_GT(lines[0], 2 * lines[1]);
    EXPECT_GT(lines[1], 10U);
}

}  // namespace
}  // namespace brownout::test
