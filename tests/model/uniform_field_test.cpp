#include "model/uniform_field.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "model/random.h"
#include "tests/model/poisson_oracle.h"

namespace brownout {
namespace {

constexpr std::uint64_t kCells = 1 << 20;

std::vector<RankedCell> drawn(const UniformField& field, double rate,
                              std::uint64_t cells = kCells) {
    std::vector<RankedCell> out;
    field.draw(rate, cells, out);
    return out;
}

bool same(const std::vector<RankedCell>& a, const std::vector<RankedCell>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const RankedCell& x, const RankedCell& y) {
                          return x.cell == y.cell && x.rank == y.rank;
                      });
}

/// The oracle: throws the darts of all strata that begin below `rate` as field_strata.h says,
/// deepest first; at rate 1 every cell gets its rank.
std::map<std::uint32_t, double> ranksOfAllCells(std::uint64_t seed, std::uint32_t chip,
                                                std::uint64_t cells, double rate = 1) {
    const auto stream = [&](std::uint32_t b) {
        return RandomStream(seed, RandomDomain::kUniformField, chip, b);
    };
    const auto firstBitsAt = [&](std::uint32_t b, std::uint32_t position) {
        return uniformAt(seed, RandomDomain::kUniformField, chip, b, position);
    };
    std::map<std::uint32_t, double> ranks;
    for (std::uint32_t stratum = 0; stratum < 97; ++stratum) {
        const int octave = 24 - (static_cast<int>(stratum) - 1) / 4;
        const double width = stratum == 0 ? 0x1p-24 : std::ldexp(0.25, -octave);
        const double lowest =
            stratum == 0 ? 0 : std::ldexp(1.0, -octave) + (stratum - 1) % 4 * width;
        const int bits = stratum == 0 ? 32 : lowest < 0x1p-18 ? 28 : lowest < 0x1p-12 ? 22 : 16;
        if (lowest >= rate) break;
        const auto hit = [&](std::uint64_t cell) {
            if (cell >= cells) return;
            const double place = firstBitsAt(0, static_cast<std::uint32_t>(cell));
            const double rank = lowest + width * std::floor(place * 0x1p21) * 0x1p-21;
            ranks.emplace(static_cast<std::uint32_t>(cell), rank);  // keeps what is there
        };
        for (std::uint32_t block = 0; std::uint64_t{block} << bits < cells; ++block) {
            const std::uint64_t firstCell = std::uint64_t{block} << bits;
            if (stratum == 96) {
                for (std::uint64_t i = 0; i < 65536; ++i) hit(firstCell + i);
                continue;
            }
            const double mean = std::ldexp(-std::log1p(-width / (1 - lowest)), bits);
            std::uint32_t darts = poissonQuantile(mean, firstBitsAt(256 + stratum, block));
            RandomStream places = stream(((stratum + 1) << 16) + block);
            const int each = bits == 16 ? 16 : 32;
            while (darts > 0) {
                std::uint64_t random = places.next();
                for (int i = 0; i < 64 / each && darts > 0; ++i, --darts) {
                    const std::uint64_t place = random & ((std::uint64_t{1} << each) - 1);
                    hit(firstCell + (place >> (each - bits)));
                    random = each == 16 ? random >> 16 : random >> 32;
                }
            }
        }
    }
    return ranks;
}

void expectRanks(const std::map<std::uint32_t, double>& ranks, const UniformField& field,
                 double rate, std::uint64_t cells) {
    std::vector<RankedCell> expected;
    for (const auto& [cell, rank] : ranks) {
        if (rank < rate) expected.push_back({cell, static_cast<float>(rank)});
    }
    EXPECT_TRUE(same(drawn(field, rate, cells), expected)) << rate;
}

TEST(UniformField, AgreesWithTheRanksOfAllCells) {
    constexpr std::uint64_t kFew = 20000;
    for (std::uint32_t chip = 0; chip < 5; ++chip) {
        const auto ranks = ranksOfAllCells(77, chip, kFew);
        ASSERT_EQ(ranks.size(), kFew);
        for (const double rate : {0.0, 1e-4, 0.003, 0.01, 0.25, 0.3, 0.75, 0.9, 1.0}) {
            expectRanks(ranks, UniformField(77, chip), rate, kFew);
        }
    }
}

TEST(UniformField, AgreesWithTheRanksOfAllCellsAcrossWindowsAndBlocks) {
    constexpr std::uint64_t kWindows = 3 * 65536 + 1234;
    const auto ranks = ranksOfAllCells(78, 3, kWindows);
    for (const double rate : {2e-4, 0.02, 1.0}) {
        expectRanks(ranks, UniformField(78, 3), rate, kWindows);
    }
}

TEST(UniformField, AgreesWithTheRanksOfAllCellsAcrossBlocksOfEveryLevel) {
    const struct {
        std::uint64_t cells;
        double rate;
    } cases[] = {{(1 << 24) + 99, 3e-5}, {(1 << 29) + 777, 2e-6}, {std::uint64_t{1} << 32, 1e-7}};
    for (const auto& [cells, rate] : cases) {
        const auto ranks = ranksOfAllCells(79, 1, cells, rate);
        EXPECT_GT(ranks.size(), 200U);
        expectRanks(ranks, UniformField(79, 1), rate, cells);
    }
}

TEST(UniformField, WhatFailsAtARateFailsAtEveryHigherOneWithTheSameRank) {
    const UniformField field(5, 1);
    const auto high = drawn(field, 0.2);
    std::map<std::uint32_t, float> ranks;
    for (const RankedCell& cell : high) ranks[cell.cell] = cell.rank;
    for (const double rate : {1e-6, 1e-5, 1e-3, 0.0078, 0.1, 0.19}) {
        std::size_t expected = 0;
        for (const RankedCell& cell : high) expected += cell.rank < rate;
        const auto low = drawn(field, rate);
        EXPECT_EQ(low.size(), expected);
        for (const RankedCell& cell : low) EXPECT_EQ(ranks.at(cell.cell), cell.rank);
    }
}

TEST(UniformField, DoesNotDependOnHowManyCellsThereAre) {
    const UniformField field(5, 2);
    const auto all = drawn(field, 0.01, kCells);
    auto few = drawn(field, 0.01, kCells / 3);
    const auto end = std::find_if(all.begin(), all.end(),
                                  [](const RankedCell& c) { return c.cell >= kCells / 3; });
    EXPECT_TRUE(same(few, {all.begin(), end}));
}

TEST(UniformField, NoCellIsDrawnTwice) {
    const auto cells = drawn(UniformField(6, 0), 0.3);
    for (std::size_t i = 1; i < cells.size(); ++i) ASSERT_LT(cells[i - 1].cell, cells[i].cell);
}

TEST(UniformField, FaultsAtIndexZeroAreNotLost) {
    // Cell 0 fails at rate 1/2 on half of the chips: binomial(1000, 1/2), 4.5 sigma = 71, false
    // alarm 7e-6.
    int failing = 0;
    for (std::uint32_t chip = 0; chip < 1000; ++chip) {
        failing += static_cast<int>(drawn(UniformField(9, chip), 0.5, 1).size());
    }
    EXPECT_NEAR(failing, 500, 71);
}

// The number of faults is binomial(n, p): each of 6 rates over 20 chips within 4.5 sigma, false
// alarm 120 * 7e-6 < 0.1 %.
TEST(UniformField, TheNumberOfFaultsIsBinomial) {
    for (const double rate : {1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.4}) {
        for (std::uint32_t chip = 0; chip < 20; ++chip) {
            const double mean = rate * kCells;
            const double sigma = std::sqrt(mean * (1 - rate));
            const auto count = static_cast<double>(drawn(UniformField(11, chip), rate).size());
            EXPECT_NEAR(count, mean, std::max(4.5 * sigma, 12.0)) << "rate " << rate;
        }
    }
}

// Fisher's variance test: the variance of the counts over chips is binomial too (a sampler that
// draws a fixed number, or clusters, fails it). chi^2 with 399 degrees of freedom: within 4.5 sigma
// of its mean, sigma = sqrt(2 * 399).
TEST(UniformField, CountsVaryFromChipToChipAsTheyShould) {
    constexpr int kChips = 400;
    const double rate = 0.002;
    const double mean = rate * kCells;
    double chiSquare = 0;
    for (std::uint32_t chip = 0; chip < kChips; ++chip) {
        const auto count = static_cast<double>(drawn(UniformField(13, chip), rate).size());
        chiSquare += (count - mean) * (count - mean) / (mean * (1 - rate));
    }
    EXPECT_NEAR(chiSquare, kChips, 4.5 * std::sqrt(2.0 * kChips));
}

// Ranks are uniform: Kolmogorov-Smirnov over 2^20 cells at the 1e-5 level (critical value 2.47 /
// sqrt(n)).
TEST(UniformField, RanksAreUniform) {
    auto cells = drawn(UniformField(15, 0), 1.0);
    ASSERT_EQ(cells.size(), kCells);
    std::vector<float> ranks;
    for (const RankedCell& cell : cells) ranks.push_back(cell.rank);
    std::sort(ranks.begin(), ranks.end());
    double distance = 0;
    const auto n = static_cast<double>(ranks.size());
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        distance = std::max(
            {distance, std::abs(static_cast<double>(ranks[i]) - static_cast<double>(i) / n),
             std::abs(static_cast<double>(ranks[i]) - static_cast<double>(i + 1) / n)});
    }
    EXPECT_LT(distance, 2.47 / std::sqrt(n));
}

// Every bit of a word fails alike: chi^2 over 64 columns, 63 degrees of freedom, 4.5 sigma.
TEST(UniformField, EveryBitPositionFailsAlike) {
    std::vector<double> perBit(64, 0);
    double total = 0;
    for (std::uint32_t chip = 0; chip < 50; ++chip) {
        for (const RankedCell& cell : drawn(UniformField(17, chip), 0.01)) {
            perBit[cell.cell % 64] += 1;
            total += 1;
        }
    }
    double chiSquare = 0;
    for (const double count : perBit) {
        chiSquare += (count - total / 64) * (count - total / 64) / (total / 64);
    }
    EXPECT_NEAR(chiSquare, 63, 4.5 * std::sqrt(2.0 * 63));
}

TEST(UniformField, ChipsAndSeedsAreUnrelated) {
    // Two fields at rate 0.1 share 1 % of the cells: binomial, 4.5 sigma.
    const auto a = drawn(UniformField(1, 0), 0.1);
    for (const auto& other :
         {UniformField(1, 1), UniformField(2, 0), UniformField(1ULL << 32, 0)}) {
        std::set<std::uint32_t> cells;
        for (const RankedCell& cell : drawn(other, 0.1)) cells.insert(cell.cell);
        double shared = 0;
        for (const RankedCell& cell : a) shared += static_cast<double>(cells.count(cell.cell));
        EXPECT_NEAR(shared, 0.01 * kCells, 4.5 * std::sqrt(0.01 * 0.99 * kCells));
    }
}

TEST(UniformField, RefusesRatesThatAreNoProbabilities) {
    std::vector<RankedCell> out;
    EXPECT_THROW(UniformField(1, 1).draw(-0.1, 10, out), Error);
    EXPECT_THROW(UniformField(1, 1).draw(1.1, 10, out), Error);
    EXPECT_THROW(UniformField(1, 1).draw(std::nan(""), 10, out), Error);
}

// Files and published results depend on these: they may never change.
TEST(UniformField, DrawsTheSameFaultsForEver) {
    const auto cells = drawn(UniformField(2021, 0), 1e-5);
    std::vector<std::uint32_t> numbers;
    for (const RankedCell& cell : cells) numbers.push_back(cell.cell);
    EXPECT_EQ(numbers,
              (std::vector<std::uint32_t>{19944, 119705, 202349, 445977, 593026, 765382, 789725}));
}

}  // namespace
}  // namespace brownout
