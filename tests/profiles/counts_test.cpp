#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "base/temporary_files.h"
#include "profiles/counts_writer.h"
#include "profiles/profile.h"
#include "profiles/statistics/statistics.h"
#include "profiles/validate.h"
#include "test_profiles.h"

// Counts as a tester makes them, through the writer and back.

namespace brownout {
namespace {

using testing::HasSubstr;

ProfileHeader headerOfCounts(const SramGeometry& geometry) {
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kMeasured, "measured in a test");
    header.device = {geometry, "", VoltageUnit::kVolt, 0.8};
    return header;
}

const SramGeometry kSmall{3, 16, 8, 1};

std::size_t filesIn(const std::filesystem::path& folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string textOf(const std::vector<FaultyCell>& cells) {
    std::string text;
    for (const FaultyCell& one : cells) {
        text += std::to_string(one.cell) + ":" + std::to_string(one.p01) + "," +
                std::to_string(one.p10) + " ";
    }
    return text;
}

TEST(Counts, AreTheProbabilitiesThatWereMeasured) {
    const TemporaryFolder folder;
    CountsWriter writer(folder / "c.h5", headerOfCounts(kSmall), {2, {{0.5, 0.6}, {}, {}}, 100});
    for (std::uint32_t array = 0; array < 3; ++array) {
        writer.addSparse({1, array, 0, 0, 0, FailDirection::k01}, 100,
                         std::vector<CellFails>{{7, 100}, {9, 25}});
        writer.addSparse({1, array, 0, 0, 0, FailDirection::k10}, 50,
                         std::vector<CellFails>{{9, 25}, {127, 1}});
        writer.addSparse({1, array, 1, 0, 0, FailDirection::k01}, 100, {});
    }
    writer.commit();

    const Profile profile = Profile::open(folder / "c.h5");
    EXPECT_EQ(profile.encoding(), Encoding::kCounts);
    EXPECT_TRUE(profile.sealed());
    EXPECT_EQ(profile.info().version.minor, 1U);
    EXPECT_EQ(profile.referenceVoltages(), (std::vector<double>{0.5, 0.6}));
    EXPECT_EQ(textOf(cellsAt(profile, 1, {0.5})),
              "7:1.000000,0.000000 9:0.250000,0.500000 127:0.000000,0.020000 "
              "135:1.000000,0.000000 137:0.250000,0.500000 255:0.000000,0.020000 "
              "263:1.000000,0.000000 265:0.250000,0.500000 383:0.000000,0.020000 ");
    const MeasuredCells low = profile.counts()->cells(1, {0.5});
    EXPECT_EQ(low.cells, 384U);
    EXPECT_EQ(low.measured01, 384U);
    EXPECT_EQ(low.measured10, 384U);
    const MeasuredCells high = profile.counts()->cells(1, {0.6});
    EXPECT_TRUE(high.failing.empty());
    EXPECT_EQ(high.measured01, 384U);
    EXPECT_EQ(high.measured10, 0U);
    const MeasuredCells never = profile.counts()->cells(0, {0.5});
    EXPECT_TRUE(never.failing.empty());
    EXPECT_EQ(never.measured01 + never.measured10, 0U);
    EXPECT_EQ(cellsAt(profile, 1, {0.5}).size(), 9U);
    EXPECT_EQ(describeProfile(profile, {0.5}, {}).front().meanCells, 4.5);
    EXPECT_FALSE(hasError(validateProfile(folder / "c.h5")));
}

TEST(Counts, GiveBackEveryNumberWhateverItsSizeAndTheOrderOfTheArrays) {
    // Arrays that share a chunk, fill one, and take several.
    for (const SramGeometry& geometry :
         {SramGeometry{5, 16, 8, 1}, SramGeometry{3, 1024, 64, 1}, SramGeometry{2, 1500, 64, 2}}) {
        for (const std::uint32_t most : {100U, 300U, 70000U}) {
            const TemporaryFolder folder;
            std::mt19937 random(most);
            std::vector<CountsPlace> places;
            for (std::uint32_t array = 0; array < geometry.arrays; ++array) {
                for (std::uint32_t voltage = 0; voltage < 2; ++voltage) {
                    for (const auto direction : {FailDirection::k01, FailDirection::k10}) {
                        places.push_back({0, array, voltage, 0, 0, direction});
                    }
                }
            }
            std::shuffle(places.begin(), places.end(), random);
            places.pop_back();  // never measured
            std::vector<std::vector<std::uint32_t>> fails;
            CountsWriter writer(folder / "c.h5", headerOfCounts(geometry),
                                {1, {{0.5, 0.6}, {}, {}}, most});
            for (std::size_t i = 0; i < places.size(); ++i) {
                const auto trials = static_cast<std::uint32_t>(most - i % 3);
                std::vector<std::uint32_t> one(geometry.cellsPerArray());
                for (std::uint32_t& cell : one) {
                    const auto kind = random() % 8;
                    cell = kind == 0 ? kNotMeasured : kind == 1 ? random() % (trials + 1) : 0;
                }
                one[3] = trials;
                writer.add(places[i], trials, one);
                fails.push_back(one);
            }
            writer.commit();
            const Profile profile = Profile::open(folder / "c.h5");
            for (std::size_t i = 0; i < places.size(); ++i) {
                const ArrayCounts read = profile.counts()->array(places[i]);
                ASSERT_EQ(read.fails, fails[i]);
                for (std::size_t k = 0; k < read.trials.size(); ++k) {
                    ASSERT_EQ(read.trials[k],
                              fails[i][k] == kNotMeasured ? kNotMeasured : most - i % 3);
                }
            }
        }
    }
}

TEST(Counts, TellNotMeasuredFromNeverFailed) {
    const TemporaryFolder folder;
    CountsWriter writer(folder / "c.h5", headerOfCounts(kSmall), {1, {{0.5}, {}, {}}, 10});
    std::vector<std::uint32_t> fails(128, kNotMeasured);
    std::fill(fails.begin(), fails.begin() + 64, 0);
    fails[1] = 10;
    writer.add({0, 1, 0, 0, 0, FailDirection::k01}, 10, fails);
    writer.addSparse({0, 2, 0, 0, 0, FailDirection::k01}, 10,
                     std::vector<CellFails>{{5, kNotMeasured}});
    writer.commit();
    const Profile profile = Profile::open(folder / "c.h5");
    const MeasuredCells measured = profile.counts()->cells(0, {0.5});
    EXPECT_EQ(measured.measured01, 64U + 127);
    EXPECT_EQ(measured.measured10, 0U);
    EXPECT_EQ(textOf(measured.failing), "129:1.000000,0.000000 ");
    EXPECT_EQ(profile.counts()->array({0, 0, 0, 0, 0, FailDirection::k01}).fails[0], kNotMeasured);
    EXPECT_EQ(profile.counts()->array({0, 1, 0, 0, 0, FailDirection::k10}).fails[1], kNotMeasured);
}

TEST(Counts, OfUnknownDirectionFlipTheCellUnlessADirectionIsKnown) {
    const TemporaryFolder folder;
    CountsWriter writer(folder / "c.h5", headerOfCounts(kSmall), {1, {{0.5}, {}, {}}, 10});
    writer.addSparse({0, 0, 0, 0, 0, FailDirection::kUnknown}, 10,
                     std::vector<CellFails>{{1, 10}, {2, 5}, {3, 4}});
    std::vector<std::uint32_t> known(128, kNotMeasured);
    known[3] = 10;
    writer.add({0, 0, 0, 0, 0, FailDirection::k01}, 10, known);
    writer.commit();
    const MeasuredCells measured = Profile::open(folder / "c.h5").counts()->cells(0, {0.5});
    EXPECT_EQ(textOf(measured.failing),
              "1:1.000000,1.000000 2:0.500000,0.500000 3:1.000000,0.400000 ");
    EXPECT_EQ(measured.unknownDirection, 3U);
    EXPECT_EQ(measured.measured01, 128U);
}

TEST(Counts, OfSeveralPatternsAreTheWorstOfEachCell) {
    const TemporaryFolder folder;
    const CountsConditions conditions{{0.5}, {25, 85}, {"solid", "checkerboard"}};
    CountsWriter writer(folder / "c.h5", headerOfCounts(kSmall), {1, conditions, 10});
    const auto add = [&](std::uint32_t temperature, std::uint32_t pattern,
                         const std::vector<CellFails>& failing) {
        writer.addSparse({0, 0, 0, temperature, pattern, FailDirection::k10}, 10, failing);
    };
    add(0, 0, {{1, 3}, {2, 10}, {3, 1}});
    add(0, 1, {{1, 4}, {2, kNotMeasured}, {4, 2}});
    add(1, 1, {{1, 9}});
    writer.commit();
    const Profile profile = Profile::open(folder / "c.h5");
    EXPECT_EQ(profile.counts()->conditions().patterns, conditions.patterns);
    EXPECT_EQ(textOf(cellsAt(profile, 0, {0.5, 25})),
              "1:0.000000,0.400000 2:0.000000,1.000000 3:0.000000,0.100000 4:0.000000,0.200000 ");
    EXPECT_EQ(textOf(cellsAt(profile, 0, {0.5, 85})), "1:0.000000,0.900000 ");
    EXPECT_THAT(errorOf([&] { cellsAt(profile, 0, {0.5}); }),
                HasSubstr("c.h5: holds several temperatures; expected to be asked for one of 25, "
                          "85 degrees Celsius"));
    EXPECT_THAT(errorOf([&] {
                    cellsAt(profile, 0, {0.5, 40});
                }),
                HasSubstr("c.h5: says nothing about 40 degrees Celsius"));
}

// What an import of 0.1.0 made of numpy.arange: each line's fails in one of two measurements.
TEST(Counts, AtSuppliesThatDifferByNoiseAreOneMeasurement) {
    const TemporaryFolder folder;
    const double noisy = 0.6000000000000001;
    CountsWriter writer(folder / "c.h5", headerOfCounts(kSmall),
                        {1, {{0.5, 0.6, noisy, 0.7}, {}, {}}, 20});
    const auto add = [&](std::uint32_t voltage, std::uint32_t trials,
                         const std::vector<CellFails>& failing) {
        writer.addSparse({0, 0, voltage, 0, 0, FailDirection::k10}, trials, failing);
    };
    add(0, 10, {{1, 9}});
    add(1, 10, {{1, 3}, {2, 10}, {3, kNotMeasured}, {6, 1}});
    add(2, 20, {{1, 4}, {2, kNotMeasured}, {3, 2}, {6, 4}});
    add(3, 10, {{5, 1}});
    writer.commit();
    const Profile profile = Profile::open(folder / "c.h5");
    EXPECT_THAT(profile.counts()->conditions().voltages, testing::ElementsAre(0.5, 0.6, 0.7));
    EXPECT_THAT(profile.referenceVoltages(), testing::ElementsAre(0.5, 0.6, 0.7));
    EXPECT_THAT(profile.counts()->storedVoltages(), testing::ElementsAre(0.5, 0.6, noisy, 0.7));
    const std::string worst =
        "1:0.000000,0.300000 2:0.000000,1.000000 3:0.000000,0.100000 6:0.000000,0.200000 ";
    for (const double asked : {0.6, noisy}) EXPECT_EQ(textOf(cellsAt(profile, 0, {asked})), worst);
    EXPECT_EQ(textOf(cellsAt(profile, 0, {0.5})), "1:0.000000,0.900000 ");
    EXPECT_EQ(textOf(cellsAt(profile, 0, {0.7})), "5:0.000000,0.100000 ");
    const ArrayCounts array = profile.counts()->array({0, 0, 1, 0, 0, FailDirection::k10});
    const auto countsOf = [&](std::size_t cell) {
        return std::make_pair(array.fails[cell], array.trials[cell]);
    };
    EXPECT_EQ(countsOf(1), std::make_pair(3U, 10U));
    EXPECT_EQ(countsOf(2), std::make_pair(10U, 10U));
    EXPECT_EQ(countsOf(3), std::make_pair(2U, 20U));
    EXPECT_EQ(countsOf(6), std::make_pair(4U, 20U));
    EXPECT_EQ(profile.counts()->array({0, 0, 2, 0, 0, FailDirection::k10}).fails[5], 1U);
    const std::vector<Finding> findings = validateProfile(folder / "c.h5");
    EXPECT_FALSE(hasError(findings));
    EXPECT_TRUE(std::any_of(findings.begin(), findings.end(), [](const Finding& one) {
        return one.message.find("0.6 and 0.6000000000000001 are taken as one supply") == 0;
    }));
}

// The greatest number of each type stands for "not measured", so a cell that failed as often as
// that needs the next larger type.
TEST(Counts, KeepACellThatFailsInEveryReadHoweverManyThereAre) {
    const TemporaryFolder folder;
    for (const std::uint32_t reads : {1U, 254U, 255U, 256U, 65534U, 65535U, 65536U, 1U << 31}) {
        const auto path = folder / std::to_string(reads);
        CountsWriter writer(path, headerOfCounts(kSmall), {1, {{0.5}, {}, {}}, reads});
        writer.addSparse({0, 0, 0, 0, 0, FailDirection::k01}, reads,
                         std::vector<CellFails>{{3, reads}});
        writer.commit();
        const Profile profile = Profile::open(path);
        const ArrayCounts counts = profile.counts()->array({0, 0, 0, 0, 0, FailDirection::k01});
        EXPECT_EQ(counts.fails[3], reads);
        EXPECT_EQ(counts.trials[3], reads);
        EXPECT_EQ(counts.fails[4], 0U);
        const auto cells = cellsAt(profile, 0, {0.5});
        ASSERT_EQ(cells.size(), 1U) << reads;
        EXPECT_EQ(cells[0].p01, 1);
    }
}

TEST(Counts, AnswerOnlyAtMeasuredVoltages) {
    const TemporaryFolder folder;
    CountsWriter writer(folder / "c.h5", headerOfCounts(kSmall), {1, {{0.5, 0.6}, {}, {}}, 10});
    writer.addSparse({0, 0, 0, 0, 0, FailDirection::k01}, 10, {});
    writer.commit();
    const Profile profile = Profile::open(folder / "c.h5");
    EXPECT_EQ(profile.supplies().supply({0.75, VoltageUnit::kVmin}), 0.6);
    EXPECT_THAT(errorOf([&] {
                    profile.supplies().supply({0.55, VoltageUnit::kVolt});
                }),
                HasSubstr("c.h5: 0.55 V was not measured; the profile has counts at 0.5, 0.6 V"));
    // 0.5 was meant in volts.
    EXPECT_THAT(errorOf([&] {
                    profile.supplies().supply({0.5, VoltageUnit::kVmin});
                }),
                HasSubstr("c.h5: 0.5 Vmin is 0.4 V, which was not measured; the profile has counts "
                          "at 0.5, 0.6 V (volts are written 0.5V)"));
    EXPECT_THAT(errorOf([&] { profile.chip(0); }), HasSubstr("c.h5: holds counts, which know of"));
    EXPECT_THAT(errorOf([&] { cellsAt(profile, 1, {0.5}); }), HasSubstr("has no chip 1"));
}

TEST(CountsWriter, LeavesNothingWithoutCommit) {
    const TemporaryFolder folder;
    const auto path = folder / "c.h5";
    {
        CountsWriter writer(path, headerOfCounts(kSmall), {1, {{0.5}, {}, {}}, 10});
        writer.addSparse({0, 0, 0, 0, 0, FailDirection::k01}, 10, {});
        EXPECT_EQ(filesIn(folder.path()), 1U);
        writer.cancel();
        EXPECT_EQ(filesIn(folder.path()), 0U);
    }
    {
        CountsWriter writer(path, headerOfCounts(kSmall), {1, {{0.5}, {}, {}}, 10});
        writer.addSparse({0, 0, 0, 0, 0, FailDirection::k01}, 10, {});
    }
    EXPECT_EQ(filesIn(folder.path()), 0U);
    {
        CountsWriter writer(path, headerOfCounts(kSmall), {1, {{0.5}, {}, {}}, 10});
        EXPECT_THAT(errorOf([&] { writer.commit(); }), HasSubstr("c.h5: nothing was measured"));
    }
    EXPECT_EQ(filesIn(folder.path()), 0U);
}

TEST(CountsWriter, RefusesWhatCannotBe) {
    const TemporaryFolder folder;
    const auto error = [&](const CountsShape& shape) {
        return errorOf([&] { CountsWriter(folder / "c.h5", headerOfCounts(kSmall), shape); });
    };
    EXPECT_THAT(error({0, {{0.5}, {}, {}}, 10}), HasSubstr("0 chips"));
    EXPECT_THAT(error({1, {{}, {}, {}}, 10}), HasSubstr("0 voltages"));
    EXPECT_THAT(error({1, {{0.6, 0.5}, {}, {}}, 10}), HasSubstr("voltages: don't ascend"));
    EXPECT_THAT(error({1, {{0.5}, {25, 25}, {}}, 10}), HasSubstr("temperatures: don't ascend"));
    EXPECT_THAT(error({1, {{0.5}, {}, {"a", "a"}}, 10}), HasSubstr("patterns: two have the same"));
    EXPECT_THAT(error({1, {{0.5}, {}, {}}, 0}), HasSubstr("largest number of reads"));

    CountsWriter writer(folder / "c.h5", headerOfCounts(kSmall), {1, {{0.5}, {}, {}}, 10});
    const CountsPlace place{0, 0, 0, 0, 0, FailDirection::k01};
    const auto sparse = [&](const CountsPlace& at, std::uint32_t trials,
                            const std::vector<CellFails>& failing) {
        return errorOf([&] { writer.addSparse(at, trials, failing); });
    };
    const std::string where = "chip 0, array 0, voltage 0, temperature 0, pattern 0, fails01: ";
    EXPECT_EQ(sparse(place, 10, {{5, 11}}), where + "cell 5 has 11 fails in 10 trials");
    EXPECT_EQ(sparse(place, 10, {{128, 1}}),
              where + "cell 128 is outside the 128 cells of an array");
    EXPECT_EQ(sparse(place, 10, {{5, 1}, {5, 2}}), where + "cell 5 is named twice");
    EXPECT_EQ(sparse(place, 0, {}), where + "0 trials; expected 1 to 10");
    EXPECT_EQ(sparse(place, 11, {}), where + "11 trials; expected 1 to 10");
    EXPECT_THAT(sparse({1, 0, 0, 0, 0, FailDirection::k01}, 10, {}), HasSubstr("is outside"));
    EXPECT_THAT(sparse({0, 3, 0, 0, 0, FailDirection::k01}, 10, {}), HasSubstr("is outside"));
    EXPECT_THAT(sparse({0, 0, 1, 0, 0, FailDirection::k01}, 10, {}), HasSubstr("is outside"));
    EXPECT_EQ(errorOf([&] { writer.add(place, 10, std::vector<std::uint32_t>(127)); }),
              where + "has counts of 127 cells; expected 128");
    std::vector<std::uint32_t> fails(128);
    fails[9] = 11;
    EXPECT_EQ(errorOf([&] { writer.add(place, 10, fails); }),
              where + "cell 9 has 11 fails in 10 trials");
    fails[9] = 10;
    writer.add(place, 10, fails);
    EXPECT_EQ(errorOf([&] { writer.add(place, 10, fails); }), where + "is added twice");
    writer.commit();
    EXPECT_EQ(cellsAt(Profile::open(folder / "c.h5"), 0, {0.5}).size(), 1U);
}

}  // namespace
}  // namespace brownout
