#include "tools/brownout/scenario_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "tools/report/columns.h"
#include "tools/report/measure_text.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::json;

json spreadJson(const Spread& spread) {
    return {{"min", spread.least}, {"mean", spread.mean}, {"max", spread.most}};
}

json policyJson(const PolicyRequest& policy) {
    json settings = {{"name", policy.name}};
    if (policy.name == "table" || policy.name == "canary") {
        settings["rate"] = policy.rate;
        settings["test_temperatures_c"] = policy.testTemperaturesC;
    }
    if (policy.name == "table") {
        settings["table"] = policy.measured ? json(policy.measured->path().string()) : json();
    }
    if (policy.name == "canary") {
        settings["canaries"] = policy.canaries;
        settings["margin"] = policy.margin;
    }
    if (policy.name == "ecc") settings["budget"] = policy.budget;
    if (policy.name == "canary" || policy.name == "ecc") settings["patience"] = policy.patience;
    return settings;
}

json scenarioPart(const ScenarioReport& report) {
    const ScenarioRequest& request = report.request;
    const ScenarioSummary& summary = report.summary;
    const bool energy = report.result.hasEnergy;
    return {{"trace", request.trace.place},
            {"network", request.network.path},
            {"format", request.network.formats.front()->name()},
            {"protection", request.memory.protections.front()},
            {"profile", request.memory.profile->path().string()},
            {"memory", request.memoryKind},
            {"accelerator", request.accelerator ? json(request.accelerator->path) : json()},
            {"unit", nameOf(request.memory.profile->device().unit)},
            {"seed", request.seed},
            {"policy", policyJson(request.policy)},
            {"regulator",
             {{"step", request.regulator.step},
              {"slew_per_s", request.regulator.supply.slewPerS},
              {"settling_s", request.regulator.supply.settlingS},
              {"rail_f", request.regulator.railF},
              {"efficiency", request.regulator.efficiency}}},
            {"interval_s", request.intervalS},
            {"images", report.result.images},
            {"clean_error", summary.cleanError},
            {"drop", request.drop},
            {"error", estimateJson(summary.error)},
            {"energy_j", energy ? estimateJson(summary.energyJ) : json()},
            {"leakage_counted", report.result.hasLeakage},
            {"guard_band_j", energy ? json(report.result.chips.front().guardBandJ) : json()},
            {"saving", estimateJson(summary.saving)},
            {"chips_below", summary.chipsBelow}};
}

json timePart(const ScenarioReport& report) {
    json time = json::array();
    for (std::size_t i = 0; i < report.result.intervals.size(); ++i) {
        const ScenarioInterval& interval = report.result.intervals[i];
        const IntervalSummary& one = report.summary.intervals[i];
        const bool energy = report.result.hasEnergy;
        const bool read = one.reading > 0;
        time.push_back({{"time_s", secondsIn(interval.start)},
                        {"duration_s", secondsIn(interval.end - interval.start)},
                        {"temperature_c", orNull(interval.temperatureC)},
                        {"load", interval.load},
                        {"inferences", interval.inferences},
                        {"supply", spreadJson(one.supply)},
                        {"supply_allowed", report.result.supplies[interval.highest]},
                        {"chips_read", one.reading},
                        {"error", estimateJson(one.error)},
                        {"worst_error", read ? json(one.worstError) : json()},
                        {"words", read ? json({{"corrected", one.corrected},
                                               {"detected", one.detected},
                                               {"miscorrected", one.miscorrected},
                                               {"silent", one.silent}})
                                       : json()},
                        {"energy_j", energy ? json(one.energyJ) : json()},
                        {"power_w", energy ? json(one.powerW) : json()}});
    }
    return time;
}

json chipsPart(const ScenarioReport& report) {
    json chips = json::array();
    for (const ChipSummary& chip : report.summary.chips) {
        json one = {{"chip", chip.chip},
                    {"supply", spreadJson(chip.supply)},
                    {"error", orNull(chip.error)},
                    {"worst_error", orNull(chip.worstError)},
                    {"intervals_below", chip.intervalsBelow},
                    {"inferences", chip.inferences},
                    {"inferences_below", chip.inferencesBelow},
                    {"inferences_missed", chip.missed},
                    {"moves", chip.moves},
                    {"transition_s", chip.transitionS},
                    {"saving", orNull(chip.saving)},
                    {"canaries", report.result.chips[chips.size()].canaries}};
        if (report.result.hasEnergy) {
            one["energy"] = {{"access_j", chip.energy.accessJ},
                             {"leakage_j", chip.energy.leakageJ},
                             {"transition_j", chip.energy.transitionJ},
                             {"total_j", chip.energy.totalJ()}};
        }
        chips.push_back(std::move(one));
    }
    return chips;
}

/// Returns the means of the intervals of one row of the trace, and what its last one ends with.
std::vector<std::string> rowText(const ScenarioReport& report, const TraceRow& row,
                                 std::size_t first, std::size_t end) {
    double supply = 0, seconds = 0, energy = 0, error = 0, worst = 0, inferences = 0;
    double corrected = 0, detected = 0, silent = 0, readings = 0;
    for (std::size_t i = first; i < end; ++i) {
        const ScenarioInterval& interval = report.result.intervals[i];
        const IntervalSummary& one = report.summary.intervals[i];
        const double length = secondsIn(interval.end - interval.start);
        seconds += length;
        supply += one.supply.mean * length;
        energy += one.energyJ;
        if (!one.error) continue;
        error += one.error->mean * interval.inferences;
        inferences += interval.inferences;
        worst = std::max(worst, one.worstError);
        corrected += one.corrected;
        detected += one.detected;
        silent += one.silent + one.miscorrected;
        ++readings;
    }
    const auto mean = [&](double words) {
        return readings > 0 ? humanNumber(words / readings, 3) : std::string("-");
    };
    const auto& celsius = report.result.intervals[first].temperatureC;
    return {humanNumber(row.startS, 6),
            celsius ? humanNumber(*celsius, 4) : "-",
            humanNumber(row.load, 3),
            humanNumber(supply / seconds, 4),
            humanNumber(report.summary.intervals[end - 1].supply.least, 4),
            readings > 0 ? percent(error / inferences) : "-",
            readings > 0 ? percent(worst) : "-",
            mean(corrected),
            mean(detected),
            mean(silent),
            report.result.hasEnergy ? humanNumber(1e6 * energy / seconds, 4) : "-"};
}

std::string traceTable(const ScenarioReport& report) {
    std::vector<std::vector<std::string>> rows{{"from, s", "°C", "load", "supply", "lowest at end",
                                                "error %", "worst %", "corrected", "detected",
                                                "silent", "µW"}};
    const auto& intervals = report.result.intervals;
    std::size_t first = 0;
    for (const TraceRow& row : report.request.trace.rows) {
        std::size_t end = first;
        while (end < intervals.size() && intervals[end].start < picosecondsIn(row.endS)) ++end;
        rows.push_back(rowText(report, row, first, end));
        first = end;
    }
    return alignedColumns(rows, 0);
}

/// Returns the mean error with its interval, and the one without faults.
std::string errorText(const ScenarioReport& report) {
    const ScenarioSummary& summary = report.summary;
    const std::string clean = percent(summary.cleanError) + " % without faults";
    if (!summary.error) return "Nothing was read; error " + clean;
    return "Error " + percent(summary.error->mean) + " %" + intervalText(summary.error->ci95) +
           " over all inferences, " + clean;
}

}  // namespace

std::string scenarioJson(const ScenarioReport& report) {
    return jsonText({{"scenario", scenarioPart(report)},
                     {"time", timePart(report)},
                     {"chips", chipsPart(report)}});
}

std::string scenarioCsv(const ScenarioReport& report) {
    std::string csv =
        "chip,time_s,duration_s,temperature_c,load,inferences,supply,settled_s,words_read,"
        "words_corrected,words_detected,words_miscorrected,words_silent,failed_canaries,error,"
        "access_j,leakage_j,transition_j\n";
    for (const ChipScenario& chip : report.result.chips) {
        for (std::size_t i = 0; i < chip.intervals.size(); ++i) {
            const ScenarioInterval& interval = report.result.intervals[i];
            const IntervalResult& now = chip.intervals[i];
            csv += std::to_string(chip.chip) + "," + shortestNumber(secondsIn(interval.start)) +
                   "," + shortestNumber(secondsIn(interval.end - interval.start)) + "," +
                   csvNumber(interval.temperatureC) + "," + shortestNumber(interval.load) + "," +
                   shortestNumber(interval.inferences) + "," +
                   shortestNumber(report.result.supplies[now.level]) + "," +
                   shortestNumber(secondsIn(now.ready)) + ",";
            if (const auto& counts = now.counts) {
                for (const std::uint64_t words :
                     {counts->wordsRead, counts->corrected, counts->detected, counts->miscorrected,
                      counts->silent}) {
                    csv += std::to_string(words) + ",";
                }
                csv += std::to_string(now.failedCanaries) + "," +
                       shortestNumber(static_cast<double>(counts->wrong) /
                                      static_cast<double>(report.result.images)) +
                       ",";
            } else {
                csv += ",,,,,,,";
            }
            const auto joules = [&](double value) {
                return csvNumber(report.result.hasEnergy ? std::optional(value) : std::nullopt);
            };
            csv += joules(now.energy.accessJ) + "," + joules(now.energy.leakageJ) + "," +
                   joules(now.energy.transitionJ) + "\n";
        }
    }
    return csv;
}

std::string scenarioTable(const ScenarioReport& report) {
    std::string text = policyText(report) + "\n\n" + traceTable(report) +
                       "\nMeans over chips and intervals; words are those of one reading.\n\n" +
                       alignedColumns(chipRows(report), 0) + "\n" + errorText(report) + "; " +
                       chipsBelowText(report) + ".\n";
    double missed = 0;
    for (const ChipSummary& chip : report.summary.chips) missed += chip.missed;
    if (missed > 0) {
        text += humanNumber(missed, 4) +
                " inferences of all chips were not made: the supply didn't settle in time.\n";
    }
    if (report.summary.saving) {
        text += "Energy saved against the guard band: " + savingText(report.summary) +
                ", mean over chips with 95 % interval" +
                (report.result.hasLeakage ? ".\n" : "; accesses only, no leakage.\n");
    }
    return text;
}

}  // namespace brownout
