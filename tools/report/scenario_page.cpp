#include <algorithm>

#include "base/numbers.h"
#include "tools/report/html.h"
#include "tools/report/measure_text.h"
#include "tools/report/page.h"
#include "tools/report/scenario_report.h"
#include "tools/report/time_panels.h"

namespace brownout {
namespace {

/// Most steps of a curve: of longer scenarios neighbouring intervals are drawn as one.
constexpr std::size_t kMostSteps = 2000;

std::string unitOf(const ScenarioReport& report) {
    return nameOf(report.request.memory.profile->device().unit);
}

/// The intervals that one step of the curves stands for.
struct Steps {
    std::size_t stride = 1;
    std::vector<double> edges;
    std::vector<std::size_t> first;  ///< first interval of each step
};

Steps stepsOf(const ScenarioReport& report) {
    const auto& intervals = report.result.intervals;
    Steps steps;
    steps.stride = (intervals.size() + kMostSteps - 1) / kMostSteps;
    for (std::size_t i = 0; i < intervals.size(); i += steps.stride) {
        steps.first.push_back(i);
        steps.edges.push_back(secondsIn(intervals[i].start));
    }
    steps.edges.push_back(secondsIn(intervals.back().end));
    return steps;
}

/// Returns the mean of a figure over the intervals of each step; nothing where none has it.
template <typename Of>
std::vector<std::optional<double>> meansOf(const ScenarioReport& report, const Steps& steps,
                                           Of of) {
    std::vector<std::optional<double>> values;
    for (const std::size_t first : steps.first) {
        double sum = 0;
        std::size_t count = 0;
        const std::size_t end = std::min(first + steps.stride, report.summary.intervals.size());
        for (std::size_t i = first; i < end; ++i) {
            const std::optional<double> value = of(i);
            if (!value) continue;
            sum += *value;
            ++count;
        }
        values.push_back(count > 0 ? std::optional(sum / static_cast<double>(count))
                                   : std::nullopt);
    }
    return values;
}

/// Returns the ends of a figure over the intervals of each step.
template <typename Of>
std::vector<std::optional<Interval>> bandsOf(const ScenarioReport& report, const Steps& steps,
                                             Of of) {
    std::vector<std::optional<Interval>> bands;
    for (const std::size_t first : steps.first) {
        std::optional<Interval> whole;
        const std::size_t end = std::min(first + steps.stride, report.summary.intervals.size());
        for (std::size_t i = first; i < end; ++i) {
            const std::optional<Interval> one = of(i);
            if (!one) continue;
            whole = whole
                        ? Interval{std::min(whole->low, one->low), std::max(whole->high, one->high)}
                        : *one;
        }
        bands.push_back(whole);
    }
    return bands;
}

std::string figure(const ScenarioReport& report) {
    const ScenarioResult& result = report.result;
    const auto& intervals = report.summary.intervals;
    const Steps steps = stepsOf(report);
    const auto means = [&](auto of) { return meansOf(report, steps, of); };
    std::vector<TimePanel> panels;
    panels.push_back(
        {"supply, " + unitOf(report),
         {{"supply: mean of the chips, and from the lowest to the highest",
           means([&](std::size_t i) { return std::optional(intervals[i].supply.mean); }),
           bandsOf(report, steps,
                   [&](std::size_t i) {
                       const Spread& supply = intervals[i].supply;
                       return std::optional(Interval{supply.least, supply.most});
                   })},
          {"supply that is allowed (guard band)", means([&](std::size_t i) {
               return std::optional(result.supplies[result.intervals[i].highest]);
           })}}});
    const auto temperature = means([&](std::size_t i) { return result.intervals[i].temperatureC; });
    if (temperature.front()) panels.push_back({"°C", {{"", temperature}}});
    panels.push_back(
        {"error, %",
         {{"error: mean of the chips with its 95 % interval", means([&](std::size_t i) {
               const auto& error = intervals[i].error;
               return error ? std::optional(100 * error->mean) : std::nullopt;
           }),
           bandsOf(
               report, steps,
               [&](std::size_t i) {
                   const auto& error = intervals[i].error;
                   if (!error || !error->ci95) return std::optional<Interval>();
                   return std::optional(Interval{100 * error->ci95->low, 100 * error->ci95->high});
               })},
          {"error of the worst chip", means([&](std::size_t i) {
               return intervals[i].error ? std::optional(100 * intervals[i].worstError)
                                         : std::nullopt;
           })}},
         false,
         true});
    if (result.hasEnergy) {
        panels.push_back(
            {"power, µW",
             {{"", means([&](std::size_t i) { return std::optional(1e6 * intervals[i].powerW); })}},
             false,
             true});
    }
    const auto words = [&](double IntervalSummary::*member) {
        return means([&, member](std::size_t i) {
            return intervals[i].reading > 0 ? std::optional(intervals[i].*member) : std::nullopt;
        });
    };
    panels.push_back(
        {"words",
         {{"words corrected in a reading, mean of the chips", words(&IntervalSummary::corrected)},
          {"words detected, not corrected", words(&IntervalSummary::detected)},
          {"words silently wrong or miscorrected", means([&](std::size_t i) {
               const IntervalSummary& one = intervals[i];
               return one.reading > 0 ? std::optional(one.silent + one.miscorrected) : std::nullopt;
           })}},
         true});
    std::string caption =
        "What isn't drawn among the words is none. Where no line is drawn for the error, nothing "
        "was read.";
    if (steps.stride > 1) {
        caption += " Each step is the mean of " + std::to_string(steps.stride) + " intervals.";
    }
    return plotFigure(drawPanels(steps.edges, panels, "scenario", "Over time", caption),
                      "grid-column:1/-1");
}

}  // namespace

std::vector<std::vector<std::string>> chipRows(const ScenarioReport& report) {
    std::vector<std::vector<std::string>> rows{{"chip", "lowest supply", "mean supply", "error %",
                                                "worst %", "intervals below", "moves", "energy",
                                                "saved %"}};
    const auto share = [](const std::optional<double>& value, int decimals) {
        return value ? percent(*value, decimals) : "-";
    };
    for (const ChipSummary& chip : report.summary.chips) {
        rows.push_back({std::to_string(chip.chip), humanNumber(chip.supply.least, 4),
                        humanNumber(chip.supply.mean, 4), share(chip.error, 2),
                        share(chip.worstError, 2), std::to_string(chip.intervalsBelow),
                        std::to_string(chip.moves),
                        report.result.hasEnergy ? humanEnergy(chip.energy.totalJ()) : "-",
                        share(chip.saving, 1)});
    }
    return rows;
}

std::string policyText(const ScenarioReport& report) {
    const PolicyRequest& policy = report.request.policy;
    const std::string patience =
        "; " + std::to_string(policy.patience) + " quiet intervals before the next try";
    if (policy.name == "ecc") {
        return "ecc: at most " + std::to_string(policy.budget) +
               " corrected words a reading, none detected" + patience;
    }
    if (policy.name == "canary") {
        return "canary: " + std::to_string(policy.canaries) + " cells that hold " +
               humanNumber(policy.margin, 3) + " above the supply at which " +
               humanNumber(policy.rate, 3) + " of the cells fail" + patience;
    }
    if (policy.name == "table") {
        return "table: lowest supply at which at most " + humanNumber(policy.rate, 3) +
               " of the cells failed, from " +
               (policy.measured ? policy.measured->path().string() : std::string("a self test"));
    }
    return "fixed: the guard band";
}

std::string savingText(const ScenarioSummary& summary) {
    if (!summary.saving) return "";
    return percent(summary.saving->mean) + " %" + intervalText(summary.saving->ci95);
}

std::string chipsBelowText(const ScenarioReport& report) {
    const std::string allowed = percent(report.request.drop) + " points";
    const auto& below = report.summary.chipsBelow;
    if (below.empty()) return "no chip lost more than " + allowed + " in any interval";
    std::string text = below.size() == 1 ? "chip" : "chips";
    for (const std::uint32_t chip : below) {
        text += (chip == below.front() ? " " : ", ") + std::to_string(chip);
    }
    return text + " lost more than " + allowed + " in some interval";
}

std::string scenarioPage(const ScenarioReport& report, const std::string& version) {
    const ScenarioRequest& request = report.request;
    const RegulatorSettings& regulator = request.regulator;
    const std::string unit = unitOf(report);
    std::vector<std::pair<std::string, std::string>> terms{
        {"network", request.network.path + ", " + request.network.formats.front()->name() + ", " +
                        request.memory.protections.front()},
        {"chips", counted(request.chips, "chip") + " of " +
                      request.memory.profile->path().filename().string()},
        {"trace", request.trace.place + ", " + humanNumber(request.trace.endS(), 6) + " s in " +
                      counted(report.result.intervals.size(), "interval")},
        {"policy", policyText(report)},
        {"regulator", "steps of " + humanNumber(regulator.step, 4) + " " + unit + ", " +
                          shortestNumber(regulator.supply.slewPerS) + " " + unit +
                          "/s, settles in " + shortestNumber(regulator.supply.settlingS) + " s"},
        {"accuracy", chipsBelowText(report)}};
    if (report.summary.saving) {
        terms.emplace_back("energy saved against the guard band",
                           savingText(report.summary) + ", mean over chips with 95 % interval");
    }
    std::vector<std::vector<std::string>> chips = chipRows(report);
    const std::vector<std::string> headings = chips.front();
    chips.erase(chips.begin());
    std::string main = figure(report) + element("h2", "Chips") + htmlTable(headings, chips, true);
    if (const auto& energy = request.memory.profile->energy()) {
        main += element("h2", "Where the energies come from") + paragraph(energy->source());
    }
    if (report.result.hasEnergy && !report.result.hasLeakage) {
        main += paragraph("The energies have no leakage: what is shown are accesses" +
                          std::string(regulator.railF > 0 ? " and moves of the supply." : "."));
    }
    return htmlPage("A supply that changes: " + request.policy.name, htmlTerms(terms), main,
                    madeBy(version));
}

}  // namespace brownout
