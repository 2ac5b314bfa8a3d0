#include "emulation/strata.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

// Strata against their definition, and estimates against all subsets or many draws.

namespace brownout {
namespace {

/// 200 images, every ninth of them wrong, whose margins rise with (image * 37) % 200.
struct Images {
    std::vector<bool> wrong;
    std::vector<double> margins;
    std::vector<int> classes;
    Images() {
        for (int i = 0; i < 200; ++i) {
            wrong.push_back(i % 9 == 0);
            margins.push_back((i * 37) % 200);
            classes.push_back(10 * (i % 7));
        }
    }
};

std::uint32_t sumOf(const Allocation& allocation) {
    return std::accumulate(allocation.begin(), allocation.end(), 0U);
}

TEST(Strata, DivideRightAndWrongImagesByMarginFinerWhereItIsSmall) {
    const Images images;
    const Strata strata(images.wrong, images.margins, images.classes);
    EXPECT_EQ(sumOf(strata.sizes().margin), 200U);
    const auto all = strata.draw(Division::kMargin, strata.sizes().margin, 1, 0, 0);
    EXPECT_EQ(std::set<std::uint32_t>(all.begin(), all.end()).size(), 200U);
    std::size_t next = 0;
    for (std::size_t h = 0; h < kStrata; ++h) {
        const bool isRight = h < kRightStrata;
        const auto k = static_cast<double>(isRight ? h : h - kRightStrata);
        const auto of = static_cast<double>(isRight ? kRightStrata : kWrongStrata);
        const double expected = (2 * k + 1) * (isRight ? 177 : 23) / (of * of);
        EXPECT_NEAR(strata.sizes().margin[h], expected, 1) << h;
        double most = -1;
        for (std::uint32_t i = 0; i < strata.sizes().margin[h]; ++i, ++next) {
            EXPECT_EQ(images.wrong[all[next]], h >= kRightStrata);
            most = std::max(most, images.margins[all[next]]);
        }
        const bool last = h + 1 == kRightStrata || h + 1 == kStrata;
        for (std::size_t i = next; !last && i < next + strata.sizes().margin[h + 1]; ++i) {
            EXPECT_GT(images.margins[all[i]], most);
        }
    }
}

TEST(Strata, DivideRightAndWrongImagesByClassToo) {
    const Images images;
    const Strata strata(images.wrong, images.margins, images.classes);
    const Allocation& sizes = strata.sizes().byClass;
    const auto all = strata.draw(Division::kClass, sizes, 1, 0, 0);
    ASSERT_EQ(all.size(), 200U);
    EXPECT_EQ(std::set<std::uint32_t>(all.begin(), all.end()).size(), 200U);
    std::size_t next = 0;
    for (std::size_t h = 0; h < kStrata; ++h) {
        const std::size_t place = h < kRightStrata ? h : h - kRightStrata;
        EXPECT_EQ(sizes[h] > 0, place < 7) << h;
        for (std::uint32_t i = 0; i < sizes[h]; ++i, ++next) {
            EXPECT_EQ(images.wrong[all[next]], h >= kRightStrata);
            EXPECT_EQ(images.classes[all[next]], 10 * static_cast<int>(place));
        }
    }
}

TEST(Strata, OfMoreClassesThanStrataAreSharedByNeighbours) {
    std::vector<int> classes(400);
    std::iota(classes.begin(), classes.end(), -5);
    std::vector<bool> wrong(400);
    for (std::size_t i = 0; i < 400; ++i) wrong[i] = i % 4 == 0;
    const Strata strata(wrong, std::vector<double>(400), classes);
    const auto all = strata.draw(Division::kClass, strata.sizes().byClass, 1, 0, 0);
    ASSERT_EQ(all.size(), 400U);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.begin() + 300));
    EXPECT_TRUE(std::is_sorted(all.begin() + 300, all.end()));
    for (std::size_t h = 0; h < kStrata; ++h) {
        EXPECT_NEAR(strata.sizes().byClass[h], h < kRightStrata ? 300.0 / 24 : 100.0 / 12, 1) << h;
    }
}

TEST(Strata, SaysFromTheirSizesHowATrialsImagesWereDivided) {
    const Images images;
    const Strata strata(images.wrong, images.margins, images.classes);
    for (const Division division : {Division::kMargin, Division::kClass}) {
        StratumCounts counts(kStrata);
        for (std::size_t h = 0; h < kStrata; ++h) {
            counts[h].images = strata.sizes()[division][h];
        }
        EXPECT_EQ(divisionOf(counts, strata.sizes()), division);
    }
}

TEST(Strata, TellHowMuchOfTheVarianceTheyLeaveWithin) {
    StratumCounts counts(kStrata);
    counts[0] = {100, 10, 10};             // all wrong
    counts[1] = {100, 10, 0};              // none
    counts[kRightStrata - 1] = {0, 0, 0};  // ends the right side
    counts[kStrata - 1] = {200, 20, 10};   // half
    const ImageVariance variance = imageVariance(counts);
    EXPECT_DOUBLE_EQ(variance.all, 0.25 + varianceWithin(counts));
    EXPECT_DOUBLE_EQ(variance.within, 0.5 * 0.25 * 20 / 19);
    EXPECT_EQ(imageVariance(StratumCounts(kStrata)).all, 0);
}

TEST(Strata, OfFewerImagesThanStrataAreEmptyInPart) {
    const std::vector<double> margins = {3, 2, std::nan("")};
    const Strata strata({false, true, false}, margins, std::vector<int>{3, 1, 3});
    EXPECT_EQ(sumOf(strata.sizes().margin), 3U);
    EXPECT_EQ(strata.draw(Division::kMargin, strata.sizes().margin, 1, 0, 0).size(), 3U);
}

TEST(Strata, AreDrawnFromByChipAndPointAndNothingElse) {
    const Images images;
    const Strata strata(images.wrong, images.margins, images.classes);
    Allocation three = strata.sizes().margin;
    for (std::uint32_t& some : three) some = std::min(some, 3U);
    const auto one = strata.draw(Division::kMargin, three, 7, 4, 2);
    EXPECT_EQ(one, strata.draw(Division::kMargin, three, 7, 4, 2));
    EXPECT_NE(one, strata.draw(Division::kMargin, three, 8, 4, 2));
    EXPECT_NE(one, strata.draw(Division::kMargin, three, 7, 5, 2));
    EXPECT_NE(one, strata.draw(Division::kMargin, three, 7, 4, 3));
    EXPECT_EQ(std::set<std::uint32_t>(one.begin(), one.end()).size(), one.size());
}

TEST(Strata, WithoutImagesAreDrawnFromTogetherWithTheNextOfTheirSide) {
    Allocation allocation{};
    allocation[7] = 5;
    allocation[8] = 2;
    allocation[kRightStrata - 1] = 2;
    allocation[kStrata - 1] = 1;
    std::vector<std::pair<std::size_t, std::size_t>> joint;
    for (const JointStrata& one : jointStrata(allocation)) joint.push_back({one.first, one.last});
    const std::vector<std::pair<std::size_t, std::size_t>> expected = {
        {0, 7}, {8, 8}, {9, kRightStrata - 1}, {kRightStrata, kStrata - 1}};
    EXPECT_EQ(joint, expected);
    // Images of all strata that are joined are drawn.
    const Images images;
    const Strata strata(images.wrong, images.margins, images.classes);
    const auto order = strata.draw(Division::kMargin, strata.sizes().margin, 1, 0, 0);
    const auto count =
        std::accumulate(strata.sizes().margin.begin(), strata.sizes().margin.begin() + 8, 0);
    const std::set<std::uint32_t> lowest(order.begin(), order.begin() + count);
    std::set<std::uint32_t> seen;
    for (std::uint32_t chip = 0; chip < 200; ++chip) {
        const auto drawn = strata.draw(Division::kMargin, allocation, 3, chip, 1);
        EXPECT_EQ(drawn.size(), 10U);
        seen.insert(drawn.begin(), drawn.begin() + 5);
    }
    EXPECT_EQ(seen, lowest);
}

// Each of the 200 images is drawn n_h / N_h of the time: over 20,000 draws of 2 of 5 to 12 the
// count is binomial with a standard deviation of at most 70; 5.5 of them fail once in 130,000
// seeds.
TEST(Strata, GiveEachOfTheirImagesTheSameChance) {
    const Images images;
    const Strata strata(images.wrong, images.margins, images.classes);
    const auto order = strata.draw(Division::kMargin, strata.sizes().margin, 1, 0, 0);
    Allocation two = strata.sizes().margin;
    for (std::uint32_t& some : two) some = std::min(some, 2U);
    std::vector<int> drawn(200);
    for (std::uint32_t chip = 0; chip < 20000; ++chip) {
        for (const std::uint32_t image : strata.draw(Division::kMargin, two, 3, chip, 1))
            ++drawn[image];
    }
    std::size_t next = 0;
    for (std::size_t h = 0; h < kStrata; ++h) {
        const double expected = 20000.0 * two[h] / std::max(1U, strata.sizes().margin[h]);
        for (std::uint32_t i = 0; i < strata.sizes().margin[h]; ++i, ++next) {
            EXPECT_NEAR(drawn[order[next]], expected, 5.5 * 71) << h;
        }
    }
}

// By hand: strata of 100 right and 20 wrong images; 4 of 10 and 3 of 4 drawn are wrong.
// 100 * 4 / 10 + 20 * 3 / 4 = 55 of 120 are wrong, and 40 + 20 wrong with or without faults.
TEST(StrataEstimates, AgreeWithACalculationByHand) {
    StratumCounts strata(kStrata);
    strata[2] = {100, 10, 4};
    strata[kRightStrata + 1] = {20, 4, 3};
    TrialCounts counts;
    addEstimates(strata, counts);
    EXPECT_EQ(counts.imagesInAll, 120U);
    EXPECT_EQ(counts.wrongCleanInAll, 20U);
    EXPECT_EQ(counts.wrongEstimate, 55U);
    EXPECT_EQ(counts.wrongEstimateFraction, 0U);
    EXPECT_EQ(counts.wrongEitherEstimate, 60U);
    // 100 * 90 * 0.24 / 9 + 20 * 16 * 0.1875 / 3 = 240 + 20, of 120^2.
    EXPECT_NEAR(varianceWithin(strata), 260.0 / 14400, 1e-12);
    // Strata without an image that was drawn count with the next one: 10 of the 100 are another's.
    strata[1] = {10, 0, 0};
    strata[2].images = 90;
    addEstimates(strata, counts);
    EXPECT_EQ(counts.imagesInAll, 120U);
    EXPECT_EQ(counts.wrongEstimate, 55U);
    EXPECT_NEAR(varianceWithin(strata), 260.0 / 14400, 1e-12);
    strata[1] = {};
    strata[2] = {100, 3, 1};  // 33 1/3
    addEstimates(strata, counts);
    EXPECT_EQ(counts.wrongEstimate, 48U);
    EXPECT_EQ(counts.wrongEstimateFraction, ((std::uint64_t{1} << 40) + 1) / 3);
}

// The mean of 4,000 estimates is the truth, and their variance what varianceWithin says on average:
// the mean of estimates is normal, and 4.5 standard errors fail once in 150,000 seeds; the ratio of
// variances has a standard error of 2.5 %.
TEST(StrataEstimates, AreUnbiasedAndKnowTheirVariance) {
    const Images images;
    const Strata strata(images.wrong, images.margins, images.classes);
    std::mt19937 random(5);
    std::vector<bool> faulty;
    double truth = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        faulty.push_back(random() % 200 < 180 - images.margins[i] * 0.8);
        truth += faulty.back() ? 1 : 0;
    }
    Allocation allocation{};
    for (std::size_t h = 0; h < kStrata; ++h) {
        // Two of five strata are drawn from together with the next.
        const bool isLast = h + 1 == kRightStrata || h + 1 == kStrata;
        const std::uint32_t wanted = !isLast && (h % 5 == 1 || h % 5 == 3) ? 0 : 2 + h % 3;
        allocation[h] = std::min(strata.sizes().margin[h], wanted);
    }
    const int draws = 4000;
    double sum = 0, squares = 0, within = 0;
    for (std::uint32_t chip = 0; chip < draws; ++chip) {
        std::vector<bool> wrong;
        for (const std::uint32_t i : strata.draw(Division::kMargin, allocation, 11, chip, 0)) {
            wrong.push_back(faulty[i]);
        }
        const auto counts = countByStratum(strata.sizes().margin, allocation, wrong);
        TrialCounts trial;
        addEstimates(counts, trial);
        const double estimate = static_cast<double>(*trial.wrongEstimate) +
                                std::ldexp(static_cast<double>(*trial.wrongEstimateFraction), -40);
        sum += estimate;
        squares += (estimate - truth) * (estimate - truth);
        within += varianceWithin(counts) * 200 * 200;
    }
    EXPECT_NEAR(sum / draws, truth, 4.5 * std::sqrt(squares / draws / draws));
    EXPECT_NEAR(within / squares, 1, 0.1);
}

}  // namespace
}  // namespace brownout
