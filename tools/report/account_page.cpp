#include <algorithm>

#include "base/numbers.h"
#include "tools/report/account_report.h"
#include "tools/report/html.h"
#include "tools/report/page.h"

namespace brownout {
namespace {

/// A part of a stacked bar.
struct BarPart {
    std::string name;
    double joules = 0;
};

/// A bar of energies on top of each other, drawn from the left.
struct Bar {
    std::string name;
    std::vector<BarPart> parts;

    double total() const {
        double sum = 0;
        for (const BarPart& part : parts) sum += part.joules;
        return sum;
    }
};

/// Returns the colour of a part, one of the curves' (Okabe and Ito). Pointing at a part names it.
std::string colourOf(std::size_t part) { return "var(--curve" + std::to_string(part % 8) + ")"; }

std::string seconds(double value) { return humanNumber(1e3 * value, 3) + " ms"; }

Bar barOf(const std::string& name, const Accelerator& accelerator, const LayerEnergy& energy) {
    Bar bar{name, {}};
    for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
        const std::string& memory = accelerator.memories[i].name;
        bar.parts.push_back({memory, energy.memories[i].dynamicJ});
        bar.parts.push_back({memory + ", leakage", energy.memories[i].leakageJ});
    }
    bar.parts.push_back({"compute", energy.computeJ()});
    return bar;
}

/// Drops the parts that no bar has.
void dropEmptyParts(std::vector<Bar>& bars) {
    for (std::size_t part = bars.front().parts.size(); part-- > 0;) {
        const bool empty = std::all_of(bars.begin(), bars.end(), [part](const Bar& bar) {
            return bar.parts[part].joules == 0;
        });
        if (!empty) continue;
        for (Bar& bar : bars)
            bar.parts.erase(bar.parts.begin() + static_cast<std::ptrdiff_t>(part));
    }
}

/// Returns stacked bars on one scale. Widths are percentages, so that they fit any screen.
std::string barsFigure(const std::string& title, const std::string& caption,
                       std::vector<Bar> bars) {
    if (bars.empty()) return "";
    dropEmptyParts(bars);
    double most = 0;
    for (const Bar& bar : bars) most = std::max(most, bar.total());
    if (!(most > 0)) return "";
    std::string keys;
    for (std::size_t part = 0; part < bars.front().parts.size(); ++part) {
        keys += colourKey(colourOf(part), bars.front().parts[part].name);
    }
    std::string rows;
    for (const Bar& bar : bars) {
        std::string parts;
        for (std::size_t part = 0; part < bar.parts.size(); ++part) {
            const double share = 100 * bar.parts[part].joules / most;
            if (!(share >= 0.05)) continue;
            parts += "<span style=\"width:" + humanNumber(share, 4) +
                     "%;background:" + colourOf(part) + "\" title=\"" +
                     htmlText(bar.parts[part].name + ": " + humanEnergy(bar.parts[part].joules)) +
                     "\"></span>";
        }
        rows += "<div class=\"bar\"><span class=\"barname\">" + htmlText(bar.name) +
                "</span><span class=\"barline\">" + parts + "</span><span class=\"barsum\">" +
                htmlText(humanEnergy(bar.total())) + "</span></div>\n";
    }
    static const std::string kStyle =
        "<style>.bar{display:grid;grid-template-columns:minmax(4rem,9rem) 1fr 5.5rem;gap:.5rem;"
        "align-items:center;font-size:.85rem;margin:.15rem 0}.barname{overflow-wrap:anywhere}"
        ".barline{display:flex;height:1em}.barline span{display:block;height:1em}"
        ".barsum{text-align:right;font-variant-numeric:tabular-nums}</style>\n";
    return htmlFigure(title, kStyle + rows, keys + "<br>" + htmlText(caption));
}

std::string layerTable(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    std::vector<std::string> headings{"layer",          "operator", "MACs",       "cycles",
                                      "utilisation, %", "time",     "DRAM, bytes"};
    for (const AcceleratorMemory& memory : a.memories) {
        headings.push_back(memory.name + " reads");
        headings.push_back(memory.name + " writes");
        headings.push_back(memory.name + " energy");
    }
    headings.push_back("compute energy");
    headings.push_back("energy");
    std::vector<std::vector<std::string>> rows;
    const auto add = [&](const LayerUse& layer, const LayerEnergy& energy) {
        std::vector<std::string> row{layer.name,
                                     layer.op,
                                     groupedNumber(layer.macs),
                                     groupedNumber(layer.cycles),
                                     layer.macs > 0 ? percent(layer.utilization, 1) : "-",
                                     seconds(energy.seconds),
                                     groupedNumber(dramBytes(layer))};
        for (std::size_t i = 0; i < a.memories.size(); ++i) {
            row.push_back(groupedNumber(layer.memories[i].reads));
            row.push_back(groupedNumber(layer.memories[i].writes));
            row.push_back(humanEnergy(energy.memories[i].dynamicJ + energy.memories[i].leakageJ));
        }
        row.push_back(humanEnergy(energy.computeJ()));
        row.push_back(humanEnergy(energy.totalJ()));
        rows.push_back(std::move(row));
    };
    for (std::size_t l = 0; l < report.account.layers.size(); ++l) {
        if (costs(report.account.layers[l])) {
            add(report.account.layers[l], report.points.front().layers[l]);
        }
    }
    add(report.account.total(), report.points.front().total);
    return htmlTable(headings, rows, true);
}

std::string sources(const AccountReport& report) {
    std::vector<std::pair<std::string, std::string>> terms;
    for (const AcceleratorMemory& memory : report.accelerator.memories) {
        terms.emplace_back(memory.name, memory.energy ? memory.energy->source()
                                                      : "no energy figures: accesses only");
    }
    const std::string& array = report.accelerator.array.energySource;
    terms.emplace_back("compute", array.empty() ? "no energy figures" : array);
    return htmlTerms(terms);
}

}  // namespace

bool costs(const LayerUse& layer) {
    return layer.cycles > 0 ||
           std::any_of(layer.memories.begin(), layer.memories.end(),
                       [](const MemoryUse& use) { return use.reads + use.writes > 0; });
}

std::uint64_t dramBytes(const LayerUse& layer) {
    std::uint64_t bits = 0;
    for (const MemoryUse& use : layer.memories) bits += use.dramBits;
    return (bits + 7) / 8;
}

std::string accountPage(const AccountReport& report, const std::string& version) {
    const Accelerator& a = report.accelerator;
    std::vector<Bar> layers, points;
    for (std::size_t l = 0; l < report.account.layers.size(); ++l) {
        if (!costs(report.account.layers[l])) continue;
        layers.push_back(barOf(report.account.layers[l].name, a, report.points.front().layers[l]));
    }
    for (const AccountPoint& point : report.points) {
        points.push_back(barOf(point.label, a, point.total));
    }
    const std::string header =
        htmlTerms({{"network", report.network + ", weights " + report.format},
                   {"array", std::to_string(a.array.rows) + " x " +
                                 std::to_string(a.array.columns) + ", " + nameOf(a.array.dataflow)},
                   {"images", std::to_string(report.account.batch)},
                   {"time", seconds(report.points.front().total.seconds)},
                   {"energy", humanEnergy(report.points.front().total.totalJ())}});
    std::string main = element("h2", "Energy");
    main += barsFigure("Layers, supplies: " + report.points.front().label,
                       "Accesses, leakage and arithmetic of each layer.", layers);
    if (points.size() > 1) {
        main += barsFigure("Supplies of the memories", "All layers together.", points);
    }
    main += element("h2", "In figures") + layerTable(report);
    main += element("h2", "Where the energies come from") + sources(report);
    return htmlPage(a.name, header, main, madeBy(version));
}

}  // namespace brownout
