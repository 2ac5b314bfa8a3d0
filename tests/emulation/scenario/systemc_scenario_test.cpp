#include <gtest/gtest.h>

#include "emulation/scenario/scenario.h"
#include "tests/emulation/scenario/scenario_cases.h"

// The controller against the simulated memory, whose words wait while the supply ramps.

namespace brownout {
namespace {

using test::scenarioRequest;
using test::writeWarmProfile;

TEST(SystemCScenario, DecidesAsOnTheFunctionalMemory) {
    const TemporaryFolder folder;
    writeWarmProfile(folder.path() / "noisy.h5", {5e-4, 0.002, 2});
    ScenarioRequest request = scenarioRequest("0,25,,\n30,45,0.5,\n45,25,0,\n50,,1,\n60,,,\n");
    request.memory.profile = Profile::open(folder.path() / "noisy.h5");
    request.policy.name = "ecc";
    request.policy.patience = 2;
    request.regulator.supply = {0.01, 0.1};  // half a second for a step, and a tenth to settle
    const ScenarioResult functional = Scenario(request).run(2, [] {});
    request.memoryKind = "systemc";
    const ScenarioResult simulated = Scenario(request).run(2, [] {});
    std::uint64_t alarms = 0;
    for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t i = 0; i < functional.intervals.size(); ++i) {
            const IntervalResult& a = functional.chips[c].intervals[i];
            const IntervalResult& b = simulated.chips[c].intervals[i];
            ASSERT_EQ(a.level, b.level) << c << " " << i;
            EXPECT_EQ(a.ready, b.ready);
            EXPECT_EQ(a.energy.totalJ(), b.energy.totalJ());
            ASSERT_EQ(a.counts.has_value(), b.counts.has_value());
            if (!a.counts) continue;
            EXPECT_EQ(a.counts->corrected, b.counts->corrected);
            EXPECT_EQ(a.counts->detected, b.counts->detected);
            EXPECT_EQ(a.counts->miscorrected, b.counts->miscorrected);
            EXPECT_EQ(a.counts->silent, b.counts->silent);
            EXPECT_EQ(a.counts->wrong, b.counts->wrong);
            alarms += a.counts->corrected > request.policy.budget ? 1 : 0;
        }
    }
    EXPECT_GT(alarms, 5U);
}

}  // namespace
}  // namespace brownout
