#include "emulation/optimizer/optimizer.h"

#include <gtest/gtest.h>

#include <random>

#include "emulation/campaign.h"
#include "inference/onnx/onnx_import.h"
#include "tests/sanitized.h"

// Does the optimiser find what trying everything finds, and does what it says hold on other chips?

namespace brownout {
namespace {

/// A space of 3 domains of 5 supplies and 3 protections, with costs that fall with the supplies and
/// a limit of harm that rises as they do.
struct Instance {
    SettingSpace space{3, {5, 5, 5}};
    std::vector<std::vector<std::vector<double>>> cost, harm;
    std::vector<double> limit;

    explicit Instance(std::uint32_t seed) {
        std::mt19937 random(seed);
        std::uniform_real_distribution<double> uniform(0, 1);
        for (std::size_t v = 0; v < 3; ++v) {
            limit.push_back(uniform(random) * 6 - 2);  // sometimes nothing is good
            cost.emplace_back();
            harm.emplace_back();
            for (std::size_t d = 0; d < 3; ++d) {
                double c = 10 * uniform(random), h = 0;
                cost[v].emplace_back();
                harm[v].emplace_back();
                for (std::size_t level = 0; level < 5; ++level) {
                    cost[v][d].push_back(c);
                    harm[v][d].push_back(h);
                    c -= uniform(random);
                    h += uniform(random) * uniform(random) * 4;
                }
            }
        }
    }

    double costOf(const Setting& s) const {
        return cost[s.variant][0][s.levels[0]] + cost[s.variant][1][s.levels[1]] +
               cost[s.variant][2][s.levels[2]];
    }
    bool isGood(const Setting& s) const {
        const auto& h = harm[s.variant];
        // Domains harm each other, too.
        return h[0][s.levels[0]] + h[1][s.levels[1]] +
                   std::max(h[2][s.levels[2]], h[0][s.levels[0]] * h[2][s.levels[2]]) <=
               limit[s.variant];
    }
};

TEST(Cheapest, IsTheCheapestOfAllThatAreGood) {
    std::size_t without = 0, tried = 0;
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        const Instance instance(seed);
        const CheapestSetting found = cheapest(
            instance.space, [&](const Setting& s) { return instance.costOf(s); },
            [&](const Setting& s) { return instance.isGood(s); });
        std::optional<double> least;
        for (std::size_t i = 0; i < instance.space.size(); ++i) {
            const Setting setting = instance.space.at(i);
            ASSERT_EQ(instance.space.indexOf(setting), i);
            if (!instance.isGood(setting)) continue;
            least = std::min(least.value_or(1e9), instance.costOf(setting));
        }
        ASSERT_EQ(found.best.has_value(), least.has_value()) << seed;
        if (least) {
            EXPECT_TRUE(instance.isGood(*found.best));
            EXPECT_EQ(instance.costOf(*found.best), *least) << seed;
        }
        without += least ? 0 : 1;
        tried += found.tried.size();
        for (std::size_t a = 0; a < found.tried.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                EXPECT_FALSE(found.tried[a].setting == found.tried[b].setting) << "tried twice";
            }
        }
    }
    EXPECT_GT(without, 0U);
    EXPECT_LT(without, 30U);
    EXPECT_LT(tried, 100 * 375 / 8U) << "most settings follow from others";
}

TEST(Cheapest, RefusesSpacesThatAreTooLargeOrEmpty) {
    EXPECT_THROW((SettingSpace{1, {100, 100, 101}}.size()), Error);
    EXPECT_THROW((SettingSpace{1, {3, 0}}.size()), Error);
}

OptimizeRequest zooRequest(const char* network, std::size_t images) {
    OptimizeRequest request;
    const std::string path = std::string(BROWNOUT_SOURCE_DIR "/inference/zoo/") + network;
    request.campaign.networks = {requestFor(importOnnx(path))};
    request.campaign.data = openDataset("fashion-mnist").take(images);
    request.campaign.memory.profile = Profile::open(BROWNOUT_SOURCE_DIR "/profiles/14nm.h5");
    return request;
}

TEST(Optimizer, FindsWhatTryingEverythingFinds) {
    constexpr std::size_t kImages = 200;
    OptimizeRequest request = zooRequest("fashion-rquant.onnx", kImages);
    request.campaign.chips = 4;
    request.campaign.memory.protections = {"none", "secded"};
    request.domains = {{"conv1", {"conv1"}}, {"rest", {"rest"}}};
    request.supplies = {{{0.9}}, {{0.85}}, {{0.8333}}};
    request.drop = 0.02;
    request.yield = 0.75;
    const Optimized found = optimize(request, 2);
    ASSERT_TRUE(found.best);
    EXPECT_EQ(found.settings, 18U);
    EXPECT_LT(found.trials, found.allTrials);

    // Everything, with campaigns of their own.
    std::optional<double> least;
    for (const char* protection : {"none", "secded"}) {
        for (const double conv1 : {0.9, 0.85, 0.8333}) {
            for (const double rest : {0.9, 0.85, 0.8333}) {
                CampaignRequest campaign = request.campaign;
                campaign.memory.protections = {protection};
                campaign.supplies = {{{rest}}};
                campaign.fixedSupplies = {{"conv1", {conv1}}};
                const Campaign made(campaign);
                std::vector<TrialResult> trials;
                made.run(
                    1, [](const TrialKey&) { return false; },
                    [&](const TrialResult& trial) { trials.push_back(trial); });
                std::uint32_t passed = 0;
                for (const TrialResult& trial : trials) {
                    passed += static_cast<double>(*trial.counts.wrongPerturbed) / kImages <=
                                      found.referenceError + 0.02 + 1e-9
                                  ? 1
                                  : 0;
                }
                const Summary summary = summarize(made.spec(), trials);
                const SummaryRow& row = summary.rows.at(0);
                const bool good = passed >= 3 && row.main().faulty->ci95->high <=
                                                     found.referenceError + 0.02 + 1e-9;
                const double joules = *row.energyPerInferenceJ;
                if (good) least = std::min(least.value_or(1), joules);
                if (found.best->protection == protection && found.best->joules == joules) {
                    EXPECT_EQ(found.best->yield.passed, passed);
                }
            }
        }
    }
    ASSERT_TRUE(least);
    EXPECT_NEAR(found.best->joules, *least, 1e-12 * *least);
}

TEST(Optimizer, DropsAreFromTheBestFormatWithoutFaults) {
    OptimizeRequest request = zooRequest("fashion-rquant.onnx", 100);
    request.campaign.chips = 2;
    request.campaign.networks[0].formats = {numberFormat("rquant2"), numberFormat("rquant8")};
    request.domains = {{"rest", {"rest"}}};
    request.supplies = {{{1}}, {{0.9167}}};
    request.drop = 0.05;
    const Optimized found = optimize(request, 1);
    CampaignRequest eight = request.campaign;
    eight.networks[0].formats = {numberFormat("rquant8")};
    eight.supplies = {{{1}}};
    EXPECT_EQ(found.referenceError, *Campaign(eight).run(1).rows.at(0).main().clean);
    // Two bits cost more than five points by themselves.
    ASSERT_TRUE(found.best);
    EXPECT_EQ(found.best->format, "rquant8");
}

// Chips 0 to 31 say what share passes; chips 32 to 63, which were not looked at, are within the 95
// % interval of that. Fixed chips: the test can't fail by chance. The share is neither 0 nor 1.
TEST(Optimizer, ItsYieldHoldsOnChipsThatItDidNotSee) {
    OptimizeRequest request = zooRequest("fashion-rquant.onnx", test::kSanitized ? 100 : 300);
    request.domains = {{"rest", {"rest"}}};
    request.campaign.chips = 32;
    request.testChips = 32;
    request.yield = 0.6;
    request.drop = 0.02;
    request.supplies = {{{0.9}}, {{0.875}}, {{0.86}}, {{0.85}}};
    const Optimized found = optimize(request, 2);
    ASSERT_TRUE(found.best && found.test);
    EXPECT_EQ(found.best->yield.chips, 32U);
    EXPECT_EQ(found.test->yield.chips, 32U);
    const Interval interval = found.best->yield.interval();
    EXPECT_GE(found.test->yield.share(), interval.low);
    EXPECT_LE(found.test->yield.share(), interval.high);
    EXPECT_NE(found.test->error->mean, found.best->error->mean) << "other chips";
    request.testChips = 33;
    EXPECT_THROW(optimize(request, 2), UsageError);
}

TEST(Optimizer, ASettingIsGoodIfEnoughChipsPassAndTheIntervalOfTheMeanDoes) {
    const Estimate small{0.05, 0.01, Interval{0.04, 0.08}};
    EXPECT_TRUE(isGood({29, 32}, 0.9, small, 0.08)) << "3 of 32 may fail";
    EXPECT_FALSE(isGood({28, 32}, 0.9, small, 0.08));
    EXPECT_TRUE(isGood({9, 10}, 0.9, small, 0.08)) << "1 of 10, whatever the rounding of 0.9";
    EXPECT_FALSE(isGood({31, 32}, 0.99, small, 0.08));
    EXPECT_FALSE(isGood({32, 32}, 0.9, small, 0.079)) << "the mean is, its interval isn't";
    EXPECT_TRUE(isGood({1, 1}, 0.9, Estimate{0.05, {}, {}}, 0.05)) << "one chip has no interval";
}

TEST(Optimizer, TheFrontHasNothingThatIsWorseInBoth) {
    const auto setting = [](double joules, double error) {
        OptimizedSetting made;
        made.joules = joules;
        made.error = Estimate{error, {}, {}};
        made.whole = true;
        return made;
    };
    std::vector<OptimizedSetting> all = {setting(3, 0.1), setting(1, 0.5), setting(2, 0.5),
                                         setting(2, 0.3), setting(4, 0.2)};
    all.push_back(setting(0.5, 0.9));
    all.back().whole = false;
    std::vector<double> joules;
    for (const OptimizedSetting& made : paretoFront(all)) joules.push_back(made.joules);
    EXPECT_EQ(joules, (std::vector<double>{1, 2, 3}));
}

}  // namespace
}  // namespace brownout
