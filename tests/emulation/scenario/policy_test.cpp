#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "emulation/scenario/scenario_summary.h"
#include "model/functional_memory.h"
#include "profiles/profile_chips.h"
#include "tests/emulation/scenario/scenario_cases.h"
#include "tests/sanitized.h"

// Policies on whole chips: do they end where a search over all supplies ends, and follow it?

namespace brownout {
namespace {

using test::runOn;
using test::scenarioRequest;
using test::writeWarmProfile;

/// Searches every supply of the regulator, from the highest down, for the lowest at which the words
/// of a network, read through a memory's port, show at most `budget` corrected and no detected
/// error, there and above.
Level searched(const ScenarioRequest& request, const std::vector<double>& supplies,
               std::uint32_t chip, std::optional<double> temperatureC) {
    const auto chips = std::make_shared<ProfileChips>(*request.memory.profile);
    FunctionalMemory memory(chips, makeProtection("secded", 64));
    const EncodedNetwork network(request.network.network, request.network.formats.front(),
                                 request.network.store);
    const MemoryMap map = layOut(network, memory.placement(), {});
    memory.insert({request.seed, chip, 0});
    std::vector<Word> words(map.imageWords());
    std::vector<WordStatus> statuses(words.size());
    const double highest = request.memory.profile->supplies().highest() +
                           request.memory.profile->supplies().shiftAt(temperatureC);
    for (auto level = static_cast<Level>(supplies.size()); level-- > 0;) {
        // The words lie one behind the other; their content doesn't matter to a flipping cell.
        memory.setSupply(OperatingPoint{std::min(supplies[level], highest), temperatureC});
        memory.read(0, words, statuses);
        const auto count = [&](WordStatus status) {
            return static_cast<std::uint64_t>(std::count(statuses.begin(), statuses.end(), status));
        };
        if (count(WordStatus::kDetected) > 0 ||
            count(WordStatus::kCorrected) > request.policy.budget) {
            return level + 1;
        }
    }
    return 0;
}

TEST(ScenarioPolicy, EccFindsTheSupplyOfASearchOverAllWithinOneStep) {
    for (const std::uint64_t budget : {0U, 8U, 100000U}) {
        ScenarioRequest request = scenarioRequest("0,,,\n120,,,\n");
        request.policy.name = "ecc";
        request.policy.budget = budget;
        request.chips = 8;
        const ScenarioResult result = runOn(request);
        for (const ChipScenario& chip : result.chips) {
            const Level best = searched(request, result.supplies, chip.chip, {});
            ASSERT_GT(best, 0U);
            ASSERT_LT(best + 1, result.supplies.size());
            // It hunts: the supply that alarms is tried again and again.
            for (std::size_t i = 60; i < chip.intervals.size(); ++i) {
                EXPECT_LE(chip.intervals[i].level, best) << chip.chip << " " << i;
                EXPECT_GE(chip.intervals[i].level + 1, best) << chip.chip << " " << i;
            }
        }
    }
}

TEST(ScenarioPolicy, EccFollowsATemperatureStep) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "warm.h5");
    ScenarioRequest request = scenarioRequest("0,25,,\n80,65,,\n160,25,,\n240,,,\n");
    request.memory.profile = Profile::open(folder.path() / "warm.h5");
    request.policy.name = "ecc";
    request.policy.patience = 4;
    const ScenarioResult result = runOn(request);
    for (const ChipScenario& chip : result.chips) {
        const Level cold = searched(request, result.supplies, chip.chip, 25);
        const Level hot = searched(request, result.supplies, chip.chip, 65);
        EXPECT_EQ(hot, cold + 4) << "40 degrees are four steps of 0.005 Vmin";
        const auto near = [&](std::size_t first, std::size_t last, Level best) {
            for (std::size_t i = first; i < last; ++i) {
                EXPECT_LE(chip.intervals[i].level, best) << i;
                EXPECT_GE(chip.intervals[i].level + 1, best) << i;
            }
        };
        near(60, 80, cold);
        near(90, 160, hot);
        near(200, 240, cold);
        EXPECT_GT(chip.intervals[80].counts->corrected, request.policy.budget) << "too hot at once";
    }
}

TEST(ScenarioPolicy, CanariesKeepTheAccuracyOrTheReportSaysOnWhichChips) {
    ScenarioRequest request = scenarioRequest("0,,,\n40,,,\n", 100);
    request.policy.name = "canary";
    request.memory.protections = {"none"};
    request.chips = test::kSanitized ? 20 : 50;
    request.regulator.step = 0.01;
    std::size_t below = 0;
    for (const double rate :
         {1e-4, 1e-2}) {  // one that the network stands, and one that it doesn't
        request.policy.rate = rate;
        const ScenarioResult result = runOn(request);
        const ScenarioSummary summary = summarize(result, request.drop);
        std::vector<std::uint32_t> expected;
        for (const ChipScenario& chip : result.chips) {
            EXPECT_EQ(chip.canaries.size(), 8U);
            const bool fell = std::any_of(
                chip.intervals.begin(), chip.intervals.end(), [&](const IntervalResult& now) {
                    return now.counts->wrong > result.wrongClean + 1;  // 1 % of 100 images
                });
            if (fell) expected.push_back(chip.chip);
        }
        EXPECT_EQ(summary.chipsBelow, expected);
        if (rate == 1e-4) {
            EXPECT_THAT(summary.chipsBelow, testing::IsEmpty());
            EXPECT_GT(summary.saving->ci95->low, 0.1);
        }
        below += expected.size();
    }
    EXPECT_GT(below, request.chips / 10) << "the second rate is to be too much for some chips";
}

TEST(ScenarioPolicy, CanariesAreRaisedAsSoonAsOneFails) {
    ScenarioRequest request = scenarioRequest("0,,,\n60,,,\n");
    request.policy.name = "canary";
    const ScenarioResult result = runOn(request);
    for (const ChipScenario& chip : result.chips) {
        int raised = 0;
        for (std::size_t i = 1; i < chip.intervals.size(); ++i) {
            if (chip.intervals[i - 1].failedCanaries == 0) continue;
            EXPECT_EQ(chip.intervals[i].level, chip.intervals[i - 1].level + 1);
            ++raised;
        }
        EXPECT_GT(raised, 0);
    }
}

TEST(ScenarioPolicy, ATableHoldsTheRateItWasMadeForAtTheTemperatureOfItsTest) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "warm.h5");
    ScenarioRequest request = scenarioRequest("0,25,,\n5,65,,\n10,,,\n");
    request.memory.profile = Profile::open(folder.path() / "warm.h5");
    request.policy.name = "table";
    ProfileChips chips(*request.memory.profile);
    const double most = 1e-4 * static_cast<double>(chips.geometry().cells());
    const auto failing = [&](std::uint32_t chip, double supply, double celsius) {
        return static_cast<double>(chips.faults(chip, {supply, celsius})->failingCells());
    };
    const ScenarioResult cold = runOn(request);
    request.policy.testTemperaturesC = {25, 65};
    const ScenarioResult both = runOn(request);
    for (std::uint32_t chip = 0; chip < 2; ++chip) {
        const double supply = cold.supplies[cold.chips[chip].intervals[0].level];
        EXPECT_LE(failing(chip, supply, 25), most);
        EXPECT_GT(failing(chip, supply - 0.005, 25), most);
        EXPECT_EQ(cold.chips[chip].intervals[9].level, cold.chips[chip].intervals[0].level)
            << "a table of one temperature knows no other";
        EXPECT_GT(failing(chip, supply, 65), most);
        EXPECT_EQ(both.chips[chip].intervals[9].level, both.chips[chip].intervals[0].level + 4);
    }
}

TEST(ScenarioPolicy, WithoutLoadNothingIsReadAndTheSupplyStays) {
    ScenarioRequest request = scenarioRequest("0,,1,\n10,,0,\n20,,1,\n30,,,\n");
    request.policy.name = "ecc";
    const ScenarioResult result = runOn(request);
    for (const ChipScenario& chip : result.chips) {
        EXPECT_EQ(chip.intervals[9].level + 1, chip.intervals[8].level);
        EXPECT_EQ(chip.intervals[10].level + 1, chip.intervals[9].level);
        for (std::size_t i = 10; i < 20; ++i) {
            EXPECT_FALSE(chip.intervals[i].counts);
            EXPECT_EQ(chip.intervals[i].energy.totalJ(), 0);  // the profile has no leakage
            EXPECT_EQ(chip.intervals[i].level, chip.intervals[10].level);
        }
        EXPECT_TRUE(chip.intervals[20].counts);
    }
}

}  // namespace
}  // namespace brownout
