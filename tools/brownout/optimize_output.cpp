#include "tools/brownout/optimize_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "tools/report/columns.h"
#include "tools/report/diagram.h"
#include "tools/report/html.h"
#include "tools/report/measure_text.h"
#include "tools/report/page.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

std::string errorText(const OptimizedSetting& setting) {
    if (!setting.error) return "-";
    return percent(setting.error->mean) + intervalText(setting.error->ci95);
}

std::string yieldText(const YieldCount& yield) {
    return std::to_string(yield.passed) + " of " + std::to_string(yield.chips) +
           intervalText(yield.interval(), 0);
}

/// Returns a setting's supplies as text: "conv1 1, rest 0.85".
std::string suppliesText(const OptimizeReport& report, const OptimizedSetting& setting) {
    std::string text;
    for (std::size_t d = 0; d < setting.supplies.size(); ++d) {
        text += (d == 0 ? "" : ", ") + report.domains[d] + " " + setting.supplies[d];
    }
    return text;
}

Row rowOf(const OptimizeReport& report, const OptimizedSetting& setting) {
    Row row = {suppliesText(report, setting), setting.format, setting.protection,
               humanEnergy(setting.joules)};
    row.push_back(percent(1 - setting.joules / report.found.nominal->joules, 1));
    row.push_back(errorText(setting));
    row.push_back(yieldText(setting.yield));
    row.push_back(setting.good ? "yes" : "no");
    return row;
}

Row headings(const OptimizeReport& report) {
    return {"supplies, " + report.unit,
            "format",
            "protection",
            "energy",
            "saved %",
            "error %",
            "pass",
            "good"};
}

std::string searchText(const OptimizeReport& report) {
    const Optimized& found = report.found;
    return std::to_string(found.tried.size()) + " of " + std::to_string(found.settings) +
           " settings were tried, in " + std::to_string(found.trials) +
           " trials; all of them on all " + std::to_string(found.chips) + " chips would take " +
           std::to_string(found.allTrials) + ".";
}

std::string askedText(const OptimizeReport& report) {
    const double reference = report.found.referenceError;
    return "Error at most " + percent(reference + report.drop) + " % (" + percent(reference) +
           " % without faults, and " + humanNumber(100 * report.drop, 3) + " more), on " +
           humanNumber(100 * report.yield, 4) + " % of " + std::to_string(report.found.chips) +
           " chips and, with its interval, in the mean. [95 % intervals; of the chips that pass, "
           "in %.]";
}

json settingJson(const OptimizeReport& report, const OptimizedSetting& setting) {
    json supplies = json::object();
    for (std::size_t d = 0; d < setting.supplies.size(); ++d) {
        supplies[report.domains[d]] = setting.supplies[d];
    }
    json result = {{"supplies", supplies},
                   {"format", setting.format},
                   {"protection", setting.protection},
                   {"energy", {{"per_inference_j", setting.joules}}}};
    if (setting.yield.chips > 0) {
        result["yield"] = {{"passed", setting.yield.passed},
                           {"chips", setting.yield.chips},
                           {"ci95", intervalJson(setting.yield.interval())}};
        result["whole"] = setting.whole;
        result["good"] = setting.good;
    }
    if (setting.error) {
        result["error"] = {{"mean", setting.error->mean},
                           {"ci95", intervalJson(setting.error->ci95)}};
    }
    return result;
}

}  // namespace

std::string optimizeText(const OptimizeReport& report) {
    std::string text =
        report.network + " on the chips of " + report.profile + "\n" + askedText(report) + "\n\n";
    const auto block = [&](const std::string& title, std::vector<Row> rows) {
        rows.insert(rows.begin(), headings(report));
        text += title + "\n" + alignedColumns(rows, 3) + "\n";
    };
    if (!report.found.best) {
        text += "No setting is good enough: not even the highest supplies, " +
                std::to_string(report.found.tried.size()) + " settings tried.\n\n";
    } else {
        std::vector<Row> rows = {rowOf(report, *report.found.best)};
        block("Least energy", rows);
        if (report.found.test) {
            block("The same setting on chips that it was not chosen on",
                  {rowOf(report, *report.found.test)});
        }
    }
    std::vector<Row> front;
    for (const OptimizedSetting& setting : report.front) front.push_back(rowOf(report, setting));
    if (!front.empty()) block("No other setting tried has less energy and less error", front);
    text += searchText(report) + "\n";
    if (!report.bestCommand.empty()) text += "Again: " + report.bestCommand + "\n";
    return text;
}

std::string optimizeJson(const OptimizeReport& report) {
    json front = json::array();
    for (std::size_t i = 0; i < report.front.size(); ++i) {
        front.push_back(settingJson(report, report.front[i]));
        front.back()["command"] = report.frontCommands[i];
    }
    json tried = json::array();
    for (const OptimizedSetting& setting : report.found.tried) {
        tried.push_back(settingJson(report, setting));
    }
    json best;
    if (report.found.best) {
        best = settingJson(report, *report.found.best);
        best["command"] = report.bestCommand;
        best["relative"] = report.found.best->joules / report.found.nominal->joules;
    }
    const json result = {
        {"network", report.network},
        {"profile", report.profile},
        {"asked", {{"accuracy_drop", report.drop}, {"yield", report.yield}}},
        {"reference_error", report.found.referenceError},
        {"best", best},
        {"test", report.found.test ? settingJson(report, *report.found.test) : json()},
        {"nominal", settingJson(report, *report.found.nominal)},
        {"pareto", front},
        {"tried", tried},
        {"search",
         {{"settings", report.found.settings},
          {"tried", report.found.tried.size()},
          {"trials", report.found.trials},
          {"trials_of_all", report.found.allTrials},
          {"chips", report.found.chips}}}};
    return jsonText(result) + "\n";
}

std::string optimizePage(const OptimizeReport& report) {
    const EnergyUnit unit = energyUnitOf(report.found.nominal->joules);
    Diagram diagram;
    diagram.xLabel = "Energy of an inference (" + unit.name + ")";
    diagram.yLabel = "Error (%)";
    Curve front, others;
    front.name = "no other tried has less of both";
    others.network = 1;
    others.name = "other settings that were run on all chips";
    const auto sampleOf = [&](const OptimizedSetting& setting) {
        Sample sample{setting.joules / unit.joules, 100 * setting.error->mean, {}, {}, false};
        if (setting.error->ci95) {
            sample.interval =
                Interval{100 * setting.error->ci95->low, 100 * setting.error->ci95->high};
        }
        return sample;
    };
    for (const OptimizedSetting& setting : report.front) front.samples.push_back(sampleOf(setting));
    for (const OptimizedSetting& setting : report.found.tried) {
        const bool isFront = std::any_of(
            report.front.begin(), report.front.end(),
            [&](const OptimizedSetting& other) { return other.setting == setting.setting; });
        if (!isFront && setting.whole && setting.error) others.samples.push_back(sampleOf(setting));
    }
    std::sort(others.samples.begin(), others.samples.end(),
              [](const Sample& a, const Sample& b) { return a.x < b.x; });
    front.level = 100 * (report.found.referenceError + report.drop);
    diagram.curves.push_back(front);
    if (!others.samples.empty()) diagram.curves.push_back(others);

    std::string main = paragraph(askedText(report));
    if (report.found.best) {
        main += element("h2", "Least energy") +
                htmlTable(headings(report), {rowOf(report, *report.found.best)}, true) +
                element("pre", htmlText(report.bestCommand));
        if (report.found.test) {
            main += paragraph("On chips that the setting was not chosen on:") +
                    htmlTable(headings(report), {rowOf(report, *report.found.test)}, true);
        }
    } else {
        main += paragraph("No setting is good enough.");
    }
    if (!report.front.empty()) {
        main += plotFigure(draw(diagram, "front", "Energy and error",
                                "Each mark is a setting; the dashed line is the error that may be "
                                "reached. Bars are 95 % intervals over chips."));
        main += element("h2", "The front");
        std::vector<Row> rows;
        for (const OptimizedSetting& setting : report.front) rows.push_back(rowOf(report, setting));
        main += htmlTable(headings(report), rows, true);
        std::string commands;
        for (const std::string& command : report.frontCommands) commands += command + "\n";
        main += element("pre", htmlText(commands));
    }
    main += paragraph(searchText(report));
    return htmlPage("Least energy: " + report.network, paragraph("Chips: " + report.profile), main,
                    madeBy(BROWNOUT_VERSION));
}

}  // namespace brownout
