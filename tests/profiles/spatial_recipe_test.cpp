#include <gmock/gmock.h>

#include <boost/math/distributions/binomial.hpp>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "base/temporary_files.h"
#include "model/random.h"
#include "profiles/generator/normal.h"
#include "profiles/profile.h"
#include "test_profiles.h"

namespace brownout {
namespace {

using testing::HasSubstr;

double normalFrom(double uniform) { return probit(uniform + 0x1p-54); }

/// Ranks of a column as FORMAT.md tells them, without a thought of speed.
std::vector<double> ranksOfColumn(std::uint64_t seed, std::uint32_t chip, std::uint32_t line,
                                  std::uint32_t rows) {
    std::vector<double> ranks(rows, -1);
    for (int k = 10; k >= 0; --k) {
        RandomStream stream(seed, RandomDomain::kSpatialRank, chip,
                            line * 16 + static_cast<std::uint32_t>(k));
        const double low = k == 10 ? 0 : std::pow(2, -(k + 1));
        const double width = std::pow(2, -k) - low;
        double position = -1;
        for (;;) {
            const double u = stream.uniform();
            position += 1;
            if (k > 0) position += std::floor(std::log1p(-u) / std::log1p(-width / (1 - low)));
            if (position >= rows) break;
            const double rank = low + width * (stream.uniform() + 0x1p-54);
            auto& known = ranks[static_cast<std::size_t>(position)];
            if (known < 0) known = rank;
        }
    }
    return ranks;
}

/// Every cell of a chip, one by one: what drawChip must agree with to the bit.
std::vector<FaultyCell> denseChip(const Recipe& recipe, const SramGeometry& g, std::uint32_t chip,
                                  double floor) {
    const SpatialParameters& p = *recipe.spatial;
    const auto uniform = [&](std::uint32_t component, std::uint32_t line) {
        return uniformAt(recipe.seed, RandomDomain::kRecipeSpread, chip, component, line);
    };
    const auto normal = [&](std::uint32_t component, std::uint32_t line) {
        return normalFrom(uniform(component, line));
    };
    const auto edge = [](double index, double count) { return (index + 0.5) / count - 0.5; };
    const std::uint32_t across = p.across(g);
    const std::uint32_t down = (g.arrays + across - 1) / across;
    std::vector<FaultyCell> cells;
    for (std::uint32_t a = 0; a < g.arrays; ++a) {
        std::vector<double> rowHeight(g.rows);
        std::vector<std::uint32_t> order(g.rows);
        for (std::uint32_t r = 0; r < g.rows; ++r) {
            order[r] = r;
            rowHeight[r] = std::sqrt(p.rowShare) * normal(2, a * g.rows + r);
            rowHeight[r] += p.gradientY * edge(a / across * g.rows + r, down * g.rows);
        }
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t i, std::uint32_t k) {
            return rowHeight[i] > rowHeight[k];
        });
        for (std::uint32_t c = 0; c < g.columns; ++c) {
            const std::uint32_t line = a * g.columns + c;
            double height = std::sqrt(p.columnShare) * normal(1, line);
            height += p.gradientX * edge(a % across * g.columns + c, across * g.columns);
            height += std::sqrt(p.arrayShare) * normal(0, a);
            const auto ranks = ranksOfColumn(recipe.seed, chip, line, g.rows);
            for (std::uint32_t i = 0; i < g.rows; ++i) {
                const std::uint32_t r = order[i];
                const double z =
                    height + rowHeight[r] - std::sqrt(p.cellShare()) * probit(ranks[i]);
                const double rank = normalDistribution(-z);
                FaultyCell cell{static_cast<std::uint32_t>(cellAt(g, {a, r, c})), 0, 0, 0};
                if (rank < recipe.curve.points().front().rate) {
                    cell.criticalVoltage = static_cast<float>(
                        static_cast<double>(recipe.curve.criticalVoltage(rank)) + p.ageingShift);
                }
                RandomStream own(recipe.seed, RandomDomain::kCellDirection, chip, cell.cell);
                const double direction = normalDistribution(
                    std::sqrt(1 - p.directionArrayShare - p.directionColumnShare) *
                        normalFrom(own.uniform()) +
                    std::sqrt(p.directionArrayShare) * normal(3, a) +
                    std::sqrt(p.directionColumnShare) * normal(4, line));
                double q = 1;
                if (own.uniform() >= p.persistentShare) {
                    const double s = p.intermittentSpread;
                    q = normalDistribution(probit(p.intermittentMean) * std::hypot(1, s) +
                                           s * normalFrom(own.uniform()));
                }
                double u = direction;
                const bool columnBroken = uniform(5, line) < p.columnDefectRate;
                if (columnBroken || uniform(6, a * g.rows + r) < p.rowDefectRate) {
                    cell.criticalVoltage =
                        std::max(cell.criticalVoltage, static_cast<float>(p.defectVoltage));
                    u = columnBroken ? uniform(7, line) : uniform(8, a * g.rows + r);
                    q = 1;
                }
                const bool one = u < recipe.shares.stuckAt1;
                const bool both = !one && u < recipe.shares.stuckAt1 + recipe.shares.flipping;
                cell.p01 = one || both ? static_cast<float>(q) : 0.F;
                cell.p10 = one ? 0.F : static_cast<float>(q);
                if (static_cast<double>(cell.criticalVoltage) > floor) cells.push_back(cell);
            }
        }
    }
    return cells;
}

Recipe everything() {
    Recipe recipe{"spatial",
                  "",
                  77,
                  3,
                  CalibrationCurve({{0.5, 0.4}, {0.6, 0.05}, {0.7, 1e-4}, {0.8, 0}}),
                  {0.1, 0.3, 0.6},
                  SpatialParameters{}};
    SpatialParameters& p = *recipe.spatial;
    p.arrayShare = 0.1;
    p.columnShare = 0.3;
    p.rowShare = 0.15;
    p.gradientX = 0.7;
    p.gradientY = -0.4;
    p.directionArrayShare = 0.2;
    p.directionColumnShare = 0.3;
    p.persistentShare = 0.4;
    p.intermittentMean = 0.6;
    p.intermittentSpread = 0.8;
    p.columnDefectRate = 0.05;
    p.rowDefectRate = 0.02;
    p.defectVoltage = 0.65;
    p.ageingShift = 0.0125;
    return recipe;
}

TEST(SpatialRecipe, DrawsTheCellsOfTheDenseReferenceToTheBit) {
    const SramGeometry geometry{5, 70, 24, 2};
    Recipe plain = everything();
    plain.spatial = SpatialParameters{};
    plain.spatial->columnShare = 0.6;
    for (const Recipe& recipe : {everything(), plain}) {
        for (const double floor : {recipe.lowestVoltage(), 0.58, 0.651, 0.7}) {
            for (std::uint32_t chip = 0; chip < 2; ++chip) {
                const Chip expected(geometry, denseChip(recipe, geometry, chip, floor), floor);
                const Chip drawn = drawChip(recipe, geometry, chip, floor);
                ASSERT_GE(drawn.cells().size(), floor < 0.6 ? 500U : 0U);
                ASSERT_EQ(drawn.cells().size(), expected.cells().size()) << floor;
                ASSERT_EQ(bytesOf(drawn), bytesOf(expected)) << floor;
            }
        }
    }
}

TEST(SpatialRecipe, AHigherFloorGivesTheSameCellsWithoutTheLowOnes) {
    const SramGeometry geometry{2, 256, 64, 1};
    const Recipe recipe = everything();
    const Chip whole = drawChip(recipe, geometry, 1);
    for (double floor = recipe.lowestVoltage(); floor < 0.82; floor += 0.00731) {
        const Chip part = drawChip(recipe, geometry, 1, floor);
        const auto expected = whole.cellsAbove(floor);
        ASSERT_EQ(part.cells().size(), expected.size()) << floor;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_EQ(part.cells()[i].cell, expected[i].cell);
            ASSERT_EQ(part.cells()[i].criticalVoltage, expected[i].criticalVoltage);
            ASSERT_EQ(part.cells()[i].p01, expected[i].p01);
            ASSERT_EQ(part.cells()[i].p10, expected[i].p10);
        }
    }
    for (std::size_t i = 0; i < whole.cells().size(); i += 197) {
        const double floor = whole.cells()[i].criticalVoltage;
        EXPECT_EQ(drawChip(recipe, geometry, 1, floor).cells().size(),
                  whole.cellsAbove(floor).size());
    }
}

// Three times: the spread of the mean over 150 chips is known only from the chips themselves, so
// the bound is 4 of their standard errors, 6e-5 false alarms each.
TEST(SpatialRecipe, FailsAsOftenAsItsCurveSaysWhateverTheShares) {
    const SramGeometry geometry{4, 128, 32, 1};
    Recipe recipe = everything();
    for (int i = 0; i < 2; ++i) {
        recipe.chips = 150;
        for (const double v : {0.53, 0.6125, 0.66}) {
            double sum = 0, squares = 0;
            for (std::uint32_t chip = 0; chip < recipe.chips; ++chip) {
                const auto n =
                    static_cast<double>(drawChip(recipe, geometry, chip, v).cells().size());
                sum += n;
                squares += n * n;
            }
            const double n = recipe.chips;
            const double mean = sum / n;
            const double error = std::sqrt((squares / n - mean * mean) / (n - 1));
            EXPECT_NEAR(mean, recipe.expectedRate(v) * static_cast<double>(geometry.cells()),
                        4 * error)
                << v;
        }
        recipe.spatial->gradientX = recipe.spatial->gradientY = 0;
        recipe.spatial->rowDefectRate = recipe.spatial->columnDefectRate = 0;
        EXPECT_NEAR(recipe.expectedRate(0.6125), 0.05, 1e-9);
    }
}

TEST(SpatialRecipe, CostsInProportionToTheFaultsAndTheLines) {
    // 2^28 cells of which about 60 fail: all of them could not be looked at in the time.
    Recipe recipe = recipePreset("28nm-column").recipe;
    const SramGeometry geometry{64, 65536, 64, 1};
    const auto start = std::chrono::steady_clock::now();
    const Chip chip = drawChip(recipe, geometry, 0, 0.59);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_LT(chip.cells().size(), 20000U);
    EXPECT_LT(seconds.count(), 1.0);
}

TEST(SpatialRecipe, SurvivesItsFile) {
    const TemporaryFolder folder;
    RecipePreset preset = recipePreset("28nm-column", SramGeometry{3, 64, 32, 2});
    Recipe recipe = everything();
    recipe.spatial->readNoise = 0.003;
    recipe.spatial->temperatureCoefficient = -1e-4;
    recipe.spatial->referenceTemperature = 40;
    recipe.spatial->arraysAcross = 3;
    ProfileHeader header = headerOf(preset);
    header.referenceVoltages = {0.55, 0.6};
    header.energy.reset();
    writeRecipeProfile(folder / "all.h5", header, recipe);
    const Profile profile = Profile::open(folder / "all.h5");
    ASSERT_TRUE(profile.recipe()->spatial);
    const SpatialParameters& read = *profile.recipe()->spatial;
    EXPECT_EQ(read.arraysAcross, 3U);
    EXPECT_EQ(read.readNoise, 0.003);
    EXPECT_EQ(read.temperatureCoefficient, -1e-4);
    EXPECT_EQ(read.referenceTemperature, 40);
    EXPECT_EQ(read.defectVoltage, 0.65);
    EXPECT_NEAR(profile.supplies().lowest(), 0.5125 + 5 * 0.003, 1e-12);  // the reach of the noise
    EXPECT_EQ(bytesOf(profile.chip(2)), bytesOf(drawChip(recipe, preset.device.geometry, 2)));
}

TEST(SpatialRecipe, RefusesWhatIsNoRecipe) {
    const auto errorWith = [](auto change) {
        Recipe recipe = everything();
        change(recipe);
        return errorOf([&] { recipe.validate(); });
    };
    EXPECT_THAT(errorWith([](Recipe& r) { r.spatial.reset(); }), HasSubstr("needs spatial"));
    EXPECT_THAT(errorWith([](Recipe& r) { r.generator = "iid"; }), HasSubstr("takes no spatial"));
    EXPECT_THAT(errorWith([](Recipe& r) { r.spatial->columnShare = 0.9; }),
                HasSubstr("left for the cell"));
    EXPECT_THAT(errorWith([](Recipe& r) { r.spatial->rowShare = std::nan(""); }),
                HasSubstr("share_row"));
    EXPECT_THAT(errorWith([](Recipe& r) { r.spatial->readNoise = -1; }), HasSubstr("read_noise"));
    EXPECT_THAT(errorWith([](Recipe& r) { r.spatial->intermittentMean = 1; }),
                HasSubstr("intermittent_mean"));
    EXPECT_THAT(errorWith([](Recipe& r) { r.spatial->directionColumnShare = 0.9; }),
                HasSubstr("direction_array + direction_column"));
}

}  // namespace
}  // namespace brownout
