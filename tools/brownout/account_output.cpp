#include "tools/brownout/account_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "tools/report/columns.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

using nlohmann::json;

json memoriesJson(const Accelerator& accelerator, const LayerUse& layer,
                  const LayerEnergy& energy) {
    json memories = json::object();
    for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
        const AcceleratorMemory& memory = accelerator.memories[i];
        const MemoryUse& use = layer.memories.at(i);
        const MemoryEnergy& joules = energy.memories.at(i);
        const auto known = [&](double value) { return memory.energy ? json(value) : json(); };
        memories[memory.name] = {{"reads", use.reads},
                                 {"writes", use.writes},
                                 {"read_words", use.readWords},
                                 {"write_words", use.writeWords},
                                 {"energy_j", known(joules.dynamicJ + joules.leakageJ)},
                                 {"dynamic_j", known(joules.dynamicJ)},
                                 {"leakage_j", known(joules.leakageJ)}};
    }
    return memories;
}

/// Returns what layers and their total have in common.
json useJson(const Accelerator& accelerator, const LayerUse& layer, const LayerEnergy& energy) {
    return {{"macs", layer.macs},
            {"cycles", layer.cycles},
            {"stall_cycles", energy.stallCycles},
            {"utilization", layer.utilization},
            {"time_s", energy.seconds},
            {"energy_j", energy.totalJ()},
            {"dram_bytes", dramBytes(layer)},
            {"memories", memoriesJson(accelerator, layer, energy)},
            {"compute",
             {{"mac_j", energy.macJ},
              {"register_j", energy.registerJ},
              {"transfer_j", energy.transferJ},
              {"leakage_j", energy.arrayLeakageJ},
              {"energy_j", energy.computeJ()}}}};
}

json descriptionJson(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    json memories = json::object();
    for (const AcceleratorMemory& memory : a.memories) {
        json holds = json::array();
        for (const DataKind kind : memory.holds) holds.push_back(nameOf(kind));
        if (memory.isDram) holds.push_back("dram");
        memories[memory.name] = {
            {"holds", holds},
            {"bytes", memory.isDram ? json() : json(memory.bytes)},
            {"domain", memory.domain},
            {"protection", memory.protection},
            {"energy_source", memory.energy ? json(memory.energy->source()) : json()}};
    }
    return {{"name", a.name},
            {"file", report.file},
            {"rows", a.array.rows},
            {"columns", a.array.columns},
            {"dataflow", nameOf(a.array.dataflow)},
            {"energy_source", a.array.energySource},
            {"memories", memories}};
}

std::string milliseconds(double seconds) { return humanNumber(1e3 * seconds, 3); }

std::string energyOrDash(const AcceleratorMemory& memory, double joules) {
    return memory.energy ? humanEnergy(joules) : "-";
}

std::string accessTable(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    std::vector<std::vector<std::string>> rows{{"layer", "operator", "MACs", "cycles", "used %"}};
    for (const AcceleratorMemory& memory : a.memories) {
        rows[0].push_back(memory.name + " reads");
        rows[0].push_back("writes");
    }
    const auto add = [&](const LayerUse& layer) {
        std::vector<std::string> row{layer.name, layer.op, std::to_string(layer.macs),
                                     std::to_string(layer.cycles),
                                     layer.macs > 0 ? percent(layer.utilization, 1) : "-"};
        for (const MemoryUse& use : layer.memories) {
            row.push_back(std::to_string(use.reads));
            row.push_back(std::to_string(use.writes));
        }
        rows.push_back(std::move(row));
    };
    for (const LayerUse& layer : report.account.layers) {
        if (costs(layer)) add(layer);
    }
    add(report.account.total());
    return alignedColumns(rows, 2);
}

std::string energyTable(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    const AccountPoint& point = report.points.front();
    std::vector<std::vector<std::string>> rows{{"layer", "DRAM bytes", "ms"}};
    for (const AcceleratorMemory& memory : a.memories) rows[0].push_back(memory.name);
    for (const char* heading : {"compute", "energy"}) rows[0].emplace_back(heading);
    const auto add = [&](const LayerUse& layer, const LayerEnergy& energy) {
        std::vector<std::string> row{layer.name, std::to_string(dramBytes(layer)),
                                     milliseconds(energy.seconds)};
        for (std::size_t i = 0; i < a.memories.size(); ++i) {
            row.push_back(energyOrDash(a.memories[i],
                                       energy.memories[i].dynamicJ + energy.memories[i].leakageJ));
        }
        row.push_back(humanEnergy(energy.computeJ()));
        row.push_back(humanEnergy(energy.totalJ()));
        rows.push_back(std::move(row));
    };
    for (std::size_t l = 0; l < report.account.layers.size(); ++l) {
        if (costs(report.account.layers[l])) add(report.account.layers[l], point.layers[l]);
    }
    add(report.account.total(), point.total);
    return alignedColumns(rows, 1);
}

std::string partTable(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    const LayerEnergy& total = report.points.front().total;
    const double all = total.totalJ();
    const auto share = [&](double joules) { return all > 0 ? percent(joules / all, 1) : "-"; };
    std::vector<std::vector<std::string>> rows{{"part", "accesses", "leakage", "share %"}};
    for (std::size_t i = 0; i < a.memories.size(); ++i) {
        const MemoryEnergy& energy = total.memories[i];
        rows.push_back({a.memories[i].name, energyOrDash(a.memories[i], energy.dynamicJ),
                        energyOrDash(a.memories[i], energy.leakageJ),
                        share(energy.dynamicJ + energy.leakageJ)});
    }
    rows.push_back({"compute", humanEnergy(total.computeJ() - total.arrayLeakageJ),
                    humanEnergy(total.arrayLeakageJ), share(total.computeJ())});
    return alignedColumns(rows, 1);
}

std::string pointTable(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    std::vector<std::vector<std::string>> rows{{"supplies", "ms"}};
    for (const AcceleratorMemory& memory : a.memories) rows[0].push_back(memory.name);
    for (const char* heading : {"compute", "energy", "relative %"}) rows[0].emplace_back(heading);
    const double first = report.points.front().total.totalJ();
    for (const AccountPoint& point : report.points) {
        std::vector<std::string> row{point.label, milliseconds(point.total.seconds)};
        for (std::size_t i = 0; i < a.memories.size(); ++i) {
            const MemoryEnergy& energy = point.total.memories[i];
            row.push_back(energyOrDash(a.memories[i], energy.dynamicJ + energy.leakageJ));
        }
        row.push_back(humanEnergy(point.total.computeJ()));
        row.push_back(humanEnergy(point.total.totalJ()));
        row.push_back(first > 0 ? percent(point.total.totalJ() / first, 1) : "-");
        rows.push_back(std::move(row));
    }
    return alignedColumns(rows, 1);
}

/// Says what the account decided by itself.
std::string decisions(const AccountReport& report) {
    const Account& account = report.account;
    const Accelerator& a = report.accelerator;
    std::string text;
    const auto weights = a.holder(DataKind::kWeights);
    if (weights) {
        text += "  Weights " +
                std::string(account.weightsStay ? "stay in '" : "stream from the DRAM through '") +
                a.memories[*weights].name + "'. ";
    } else {
        text += "  Weights come from the DRAM: no memory holds them. ";
    }
    text += std::to_string(account.keptTensors) + " of " + std::to_string(account.tensors) +
            " tensors of activations stay on chip.\n";
    std::vector<std::string> fused;
    for (const LayerUse& layer : account.layers) {
        if (layer.fused) fused.push_back(layer.name);
    }
    if (!fused.empty()) {
        text += "  Applied to results on their way out: " + std::to_string(fused.size()) +
                " layers (" + fused.front() + (fused.size() > 1 ? ", ...)" : ")") + ".\n";
    }
    if (a.array.dataflow == Dataflow::kRowStationary) {
        text += "  Mappings, as given or chosen:\n";
        for (const LayerUse& layer : account.layers) {
            if (!layer.order.empty()) text += "    " + layer.name + ": " + layer.order + "\n";
        }
    }
    return text;
}

}  // namespace

std::string accountJson(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    const AccountPoint& first = report.points.front();
    json layers = json::array();
    for (std::size_t l = 0; l < report.account.layers.size(); ++l) {
        const LayerUse& layer = report.account.layers[l];
        json one = useJson(a, layer, first.layers[l]);
        one["name"] = layer.name;
        one["op"] = layer.op;
        one["fused"] = layer.fused;
        one["order"] = layer.order.empty() ? json() : json(layer.order);
        layers.push_back(std::move(one));
    }
    const LayerUse total = report.account.total();
    json points = json::array();
    for (const AccountPoint& point : report.points) {
        json supplies = json::object();
        for (std::size_t i = 0; i < a.memories.size(); ++i) {
            supplies[a.memories[i].name] = point.supplies.memories[i];
        }
        points.push_back({{"label", point.label},
                          {"array_v", point.supplies.arrayV},
                          {"supplies", supplies},
                          {"total", useJson(a, total, point.total)}});
    }
    return jsonText({{"accelerator", a.name},
                     {"description", descriptionJson(report)},
                     {"network", report.network},
                     {"format", report.format},
                     {"images", report.account.batch},
                     {"weights_stay", report.account.weightsStay},
                     {"kept_tensors", report.account.keptTensors},
                     {"tensors", report.account.tensors},
                     {"layers", layers},
                     {"total", useJson(a, total, first.total)},
                     {"points", points}});
}

std::string accountCsv(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    std::string text = "supplies,layer,op,macs,cycles,stall_cycles,utilization,time_s,dram_bytes";
    for (const AcceleratorMemory& memory : a.memories) {
        for (const char* column :
             {"reads", "writes", "read_words", "write_words", "dynamic_j", "leakage_j"}) {
            text += "," + memory.name + "_" + column;
        }
    }
    text += ",mac_j,register_j,transfer_j,array_leakage_j,energy_j\n";
    for (const AccountPoint& point : report.points) {
        for (std::size_t l = 0; l < report.account.layers.size(); ++l) {
            const LayerUse& layer = report.account.layers[l];
            const LayerEnergy& energy = point.layers[l];
            text += csvText(point.label) + "," + csvText(layer.name) + "," + csvText(layer.op) +
                    "," + std::to_string(layer.macs) + "," + std::to_string(layer.cycles) + "," +
                    csvNumber(energy.stallCycles) + "," + csvNumber(layer.utilization) + "," +
                    csvNumber(energy.seconds) + "," + std::to_string(dramBytes(layer));
            for (std::size_t i = 0; i < a.memories.size(); ++i) {
                const MemoryUse& use = layer.memories[i];
                const auto known = [&](double joules) {
                    return a.memories[i].energy ? csvNumber(joules) : std::string();
                };
                text += "," + std::to_string(use.reads) + "," + std::to_string(use.writes) + "," +
                        std::to_string(use.readWords) + "," + std::to_string(use.writeWords) + "," +
                        known(energy.memories[i].dynamicJ) + "," +
                        known(energy.memories[i].leakageJ);
            }
            for (const double joules : {energy.macJ, energy.registerJ, energy.transferJ,
                                        energy.arrayLeakageJ, energy.totalJ()}) {
                text += "," + csvNumber(joules);
            }
            text += "\n";
        }
    }
    return text;
}

std::string accountTable(const AccountReport& report) {
    const Accelerator& a = report.accelerator;
    const AccountPoint& first = report.points.front();
    std::string text =
        report.network + " (" + report.format + ") on " + a.name + ": " +
        std::to_string(a.array.rows) + " x " + std::to_string(a.array.columns) + ", " +
        nameOf(a.array.dataflow) + "; " + std::to_string(report.account.batch) +
        (report.account.batch == 1 ? " image" : " images") + "; accesses in elements\n\n";
    text += accessTable(report) + "\n" + energyTable(report) + "\n" + partTable(report) + "\n";
    if (report.points.size() > 1) text += pointTable(report) + "\n";
    text += decisions(report);
    text += "  " + milliseconds(first.total.seconds) + " ms, " + humanEnergy(first.total.totalJ());
    if (first.total.stallCycles > 0.5) {
        text +=
            ", of the time " +
            percent(first.total.stallCycles / (first.total.stallCycles +
                                               static_cast<double>(report.account.total().cycles)),
                    1) +
            " % waiting for memories";
    }
    return text + "; supplies: " + first.label + "\n";
}

}  // namespace brownout
