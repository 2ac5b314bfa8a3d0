#include "emulation/scenario/scenario.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/error.h"
#include "base/threads.h"
#include "emulation/guessing.h"
#include "emulation/scenario/policy.h"
#include "emulation/scenario/scenario_energy.h"
#include "emulation/scenario/scenario_memory.h"
#include "emulation/scenario/scenario_plan.h"
#include "inference/inspect.h"
#include "profiles/profile_chips.h"

namespace brownout {
namespace {

constexpr double kMostResults = 2e7;

/// Checks that a request has all its parts; returns it.
ScenarioRequest complete(ScenarioRequest request) {
    if (!request.data) throw UsageError("data", "is missing: the images to classify");
    if (!request.memory.profile) throw UsageError("profile", "is missing: the chips");
    const Profile& profile = *request.memory.profile;
    if (request.chips == 0 || request.chips > profile.chipCount()) {
        throw UsageError("chips", std::to_string(request.chips) + "; " + profile.path().string() +
                                      " has " + std::to_string(profile.chipCount()));
    }
    if (request.memoryKind != "functional" && request.memoryKind != "systemc") {
        throw UsageError("memory", "'" + request.memoryKind + "'; expected functional or systemc");
    }
    return request;
}

ReadingCounts compact(const TrialCounts& counts) {
    return {counts.wordsRead,
            counts.wordsCorrected,
            counts.wordsDetected,
            counts.wordsMiscorrected,
            counts.wordsSilent,
            counts.wrongPerturbed.value_or(0),
            counts.wrongEither.value_or(0)};
}

}  // namespace

struct Scenario::State {
    ScenarioRequest request;
    ScenarioPlan plan;
    std::shared_ptr<ChipSource> chips;
    ScenarioSubject subject;
    ScenarioEnergyModel energy;
    std::uint64_t wrongClean = 0;  ///< images that are wrong without faults
    std::vector<std::string> warnings = {};

    explicit State(ScenarioRequest asked)
        : request(complete(std::move(asked))),
          plan(planOf(request)),
          chips(cappedChips(
              *request.memory.profile,
              std::make_shared<ProfileChips>(
                  *request.memory.profile, std::thread::hardware_concurrency() + 1, plan.grid[0]))),
          subject(scenarioSubject(request.network, *request.data, request.memory,
                                  request.memory.profile->device().geometry)),
          energy(request, plan.grid, subject) {
        for (const double score : subject.tested.clean) {
            wrongClean += *subject.task->isWrong(score) ? 1 : 0;
        }
    }

    std::unique_ptr<ScenarioMemory> makeMemory() const;
    ChipScenario runChip(std::uint32_t chip, ScenarioMemory& memory,
                         const std::function<void()>& done) const;
    double guardBandJ() const;
};

std::unique_ptr<ScenarioMemory> Scenario::State::makeMemory() const {
    if (request.memoryKind == "functional") {
        return std::make_unique<FunctionalScenarioMemory>(subject, chips, request.seed);
    }
    return systemcScenarioMemory(subject, chips, request.seed, request.regulator.supply,
                                 plan.grid[plan.intervals.front().highest]);
}

/// Runs one chip: decides, moves the supply, reads and counts, interval by interval.
ChipScenario Scenario::State::runChip(std::uint32_t chip, ScenarioMemory& memory,
                                      const std::function<void()>& done) const {
    const ChipPolicy policy = policyFor(request, plan, *chips, chip);
    ChipScenario result{chip, {}, {}, 0, policy.canaries};
    result.intervals.reserve(plan.intervals.size());
    const ScenarioInterval& first = plan.intervals.front();
    SupplyDomain domain(plan.grid[first.highest], request.regulator.supply);
    memory.insert(chip, {plan.grid[first.highest], first.temperatureC}, policy.canaries);
    Sensed sensed;
    Level before = first.highest;
    for (std::uint32_t i = 0; i < plan.intervals.size(); ++i) {
        const ScenarioInterval& interval = plan.intervals[i];
        sensed.lowest = interval.lowest;
        sensed.highest = interval.highest;
        sensed.temperatureC = interval.temperatureC;
        IntervalResult now;
        now.level = policy.controller->next(sensed);
        const double supply = plan.grid[now.level];
        domain.request(supply, interval.start);
        now.ready = domain.usableFrom(interval.start);
        const bool reads = interval.inferences > 0 && now.ready < interval.end;
        const ReadingTime time{{supply, interval.temperatureC}, i, interval.start};
        sensed.words.reset();
        sensed.failedCanaries.reset();
        if (reads) {
            const Reading reading = memory.read(time);
            now.counts = compact(reading.counts);
            now.failedCanaries = reading.failedCanaries;
            sensed.words =
                WordsSeen{now.counts->wordsRead, now.counts->corrected + now.counts->miscorrected,
                          now.counts->detected};
            sensed.failedCanaries = reading.failedCanaries;
        } else {
            memory.move(time);
        }
        now.energy = energy.of(domain, interval.start, interval.end, before, now.level,
                               reads ? interval.inferences : 0);
        result.energy += now.energy;
        before = now.level;
        result.intervals.push_back(now);
        done();
    }
    return result;
}

/// Returns the energy of any chip under the fixed policy.
double Scenario::State::guardBandJ() const {
    SupplyDomain domain(plan.grid[plan.intervals.front().highest], request.regulator.supply);
    ScenarioEnergy sum;
    Level before = plan.intervals.front().highest;
    for (const ScenarioInterval& interval : plan.intervals) {
        domain.request(plan.grid[interval.highest], interval.start);
        const bool reads = domain.usableFrom(interval.start) < interval.end;
        sum += energy.of(domain, interval.start, interval.end, before, interval.highest,
                         reads ? interval.inferences : 0);
        before = interval.highest;
    }
    return sum.totalJ();
}

Scenario::Scenario(ScenarioRequest request) : state_(std::make_unique<State>(std::move(request))) {
    State& state = *state_;
    checkPolicy(state.request, *state.subject.protection);
    if (static_cast<double>(state.plan.intervals.size()) * state.request.chips > kMostResults) {
        throw UsageError("interval", "the trace has " +
                                         std::to_string(state.plan.intervals.size()) +
                                         " intervals on " + std::to_string(state.request.chips) +
                                         " chips; expected at most 2e7 in all");
    }
    state.warnings = state.subject.notes;
    const auto guessing =
        guessingWarning(state.request.network.path, state.wrongClean, state.subject.images(),
                        interfaceOf(state.subject.network.graph()).classes);
    if (guessing) state.warnings.push_back(*guessing);
}

Scenario::Scenario(Scenario&&) noexcept = default;
Scenario::~Scenario() = default;

const ScenarioRequest& Scenario::request() const { return state_->request; }
const std::vector<std::string>& Scenario::warnings() const { return state_->warnings; }
const std::vector<ScenarioInterval>& Scenario::intervals() const { return state_->plan.intervals; }

ScenarioResult Scenario::run(unsigned threads, const std::function<void()>& done) const {
    const State& state = *state_;
    ScenarioResult result;
    result.supplies = state.plan.grid.supplies();
    result.intervals = state.plan.intervals;
    result.images = state.subject.images();
    result.wrongClean = state.wrongClean;
    result.hasEnergy = state.energy.has();
    result.hasLeakage = state.energy.hasLeakage();
    result.chips.resize(state.request.chips);
    const double guardBandJ = state.guardBandJ();
    std::atomic<std::uint32_t> next{0};
    std::atomic<bool> stop{false};
    const bool alone = state.request.memoryKind != "functional";
    onThreads(alone ? 1 : std::min(threads, state.request.chips), stop, [&](unsigned /*worker*/) {
        const auto memory = state.makeMemory();
        for (std::uint32_t chip = next++; chip < state.request.chips && !stop; chip = next++) {
            result.chips[chip] = state.runChip(chip, *memory, done);
            result.chips[chip].guardBandJ = guardBandJ;
        }
    });
    return result;
}

}  // namespace brownout
