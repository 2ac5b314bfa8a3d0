#include "emulation/scenario/policy.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/numbers.h"
#include "emulation/scenario/self_test.h"
#include "profiles/profile_chips.h"

namespace brownout {
namespace {

/// Returns the temperatures that a chip is tested at; one that is absent is the only one there is.
std::vector<std::optional<double>> testTemperatures(const ScenarioRequest& request,
                                                    const ScenarioPlan& plan) {
    std::vector<std::optional<double>> temperatures;
    for (const double celsius : request.policy.testTemperaturesC) {
        temperatures.push_back(request.memory.profile->supplies().temperature(celsius));
    }
    if (temperatures.empty()) temperatures.push_back(plan.intervals.front().temperatureC);
    return temperatures;
}

TestRange rangeAt(const ScenarioRequest& request, const ScenarioPlan& plan, std::uint32_t chip,
                  std::optional<double> temperatureC) {
    return {chip, temperatureC, plan.lowestAt(*request.memory.profile, temperatureC),
            plan.grid.levels() - 1};
}

/// Returns the table of a chip; supplies at which too many cells fail even at the top are the top.
std::map<double, Level> testedTable(const ScenarioRequest& request, const ScenarioPlan& plan,
                                    ChipSource& chips, std::uint32_t chip) {
    std::map<double, Level> table;
    for (const std::optional<double> celsius : testTemperatures(request, plan)) {
        const TestRange range = rangeAt(request, plan, chip, celsius);
        table[celsius.value_or(0)] =
            lowestFor(chips, range, plan.grid, request.policy.rate).value_or(range.highest);
    }
    return table;
}

/// Returns the table of a chip that a tester measured, its supplies taken up to those of the
/// regulator.
std::map<double, Level> measuredTable(const ScenarioRequest& request, const ScenarioPlan& plan,
                                      std::uint32_t chip) {
    const Profile& measured = *request.policy.measured;
    const CountsConditions& conditions = measured.counts()->conditions();
    ProfileChips chips(measured);
    const SupplyGrid grid(conditions.voltages);
    std::vector<std::optional<double>> temperatures(conditions.temperaturesC.begin(),
                                                    conditions.temperaturesC.end());
    if (temperatures.empty()) temperatures.emplace_back();
    std::map<double, Level> table;
    for (const std::optional<double> celsius : temperatures) {
        const auto found =
            lowestFor(chips, {chip, celsius, 0, grid.levels() - 1}, grid, request.policy.rate);
        const Level top = plan.grid.levels() - 1;
        const bool known = found && grid[*found] <= plan.grid[top];
        table[celsius.value_or(0)] = known ? plan.grid.atLeast(grid[*found]) : top;
    }
    return table;
}

/// Returns the cells that a canary policy watches: those that fail first below a margin above the
/// supply that the self test finds.
std::vector<std::uint32_t> canariesOf(const ScenarioRequest& request, const ScenarioPlan& plan,
                                      ChipSource& chips, std::uint32_t chip) {
    TestRange range = rangeAt(request, plan, chip, testTemperatures(request, plan).front());
    const Level found =
        lowestFor(chips, range, plan.grid, request.policy.rate).value_or(range.highest);
    const double top = std::min(plan.grid[found] + request.policy.margin, plan.grid[range.highest]);
    range.highest = plan.grid.atMost(top);
    return marginalCells(chips, range, plan.grid, request.policy.canaries);
}

}  // namespace

void checkPolicy(const ScenarioRequest& request, const Protection& protection) {
    const PolicyRequest& policy = request.policy;
    const bool tests = policy.name == "table" || policy.name == "canary";
    if (!tests && policy.name != "fixed" && policy.name != "ecc") {
        throw UsageError("policy", "'" + policy.name + "'; expected fixed, table, canary or ecc");
    }
    if (policy.name == "ecc" && protection.showsCells()) {
        throw UsageError("policy",
                         "ecc needs a protection that reports errors; expected one "
                         "besides " +
                             protection.name());
    }
    if (!(policy.rate >= 0 && policy.rate <= 1)) {
        throw UsageError("ber", "'" + shortestNumber(policy.rate) + "'; expected 0 to 1");
    }
    if (!(std::isfinite(policy.margin) && policy.margin >= 0)) {
        throw UsageError("margin", "'" + shortestNumber(policy.margin) + "'; expected 0 or more");
    }
    if (!policy.measured) return;
    const std::string file = policy.measured->path().string();
    if (policy.name != "table") throw UsageError("table", "goes with the policy table");
    if (policy.measured->counts() == nullptr) {
        throw Error(file,
                    "has no measurement; expected a profile that 'brownout bist' or "
                    "'profile import' wrote");
    }
    if (policy.measured->device().geometry != request.memory.profile->device().geometry ||
        policy.measured->device().unit != request.memory.profile->device().unit ||
        policy.measured->chipCount() < request.chips) {
        throw Error(file, "isn't a measurement of the first " + std::to_string(request.chips) +
                              " chips of " + request.memory.profile->path().string());
    }
}

ChipPolicy policyFor(const ScenarioRequest& request, const ScenarioPlan& plan, ChipSource& chips,
                     std::uint32_t chip) {
    const PolicyRequest& policy = request.policy;
    if (policy.name == "table") {
        return {std::make_unique<TableController>(policy.measured
                                                      ? measuredTable(request, plan, chip)
                                                      : testedTable(request, plan, chips, chip))};
    }
    if (policy.name == "canary") {
        return {std::make_unique<CanaryController>(policy.patience),
                canariesOf(request, plan, chips, chip)};
    }
    if (policy.name == "ecc") {
        return {std::make_unique<EccController>(policy.budget, policy.patience)};
    }
    return {std::make_unique<FixedController>()};
}

}  // namespace brownout
