#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/numbers.h"
#include "emulation/campaign.h"
#include "emulation/optimizer/optimizer.h"
#include "tools/brownout/campaign_output.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/failing_options.h"
#include "tools/brownout/optimize_output.h"
#include "tools/brownout/output.h"
#include "tools/brownout/sweep_request.h"
#include "tools/brownout/voltage.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// Returns the domains that --domains names: "conv1,conv2+conv3,rest".
std::vector<OptimizedDomain> domainsOf(const CommandLine& line) {
    std::vector<OptimizedDomain> domains;
    for (const std::string& text : splitList("--domains", line.get<std::string>("domains"))) {
        OptimizedDomain domain{text, {}};
        for (std::size_t begin = 0; begin <= text.size();) {
            const std::size_t end = std::min(text.find('+', begin), text.size());
            if (end == begin) throw UsageError("--domains", "'" + text + "': an empty name");
            domain.members.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
        domains.push_back(std::move(domain));
    }
    return domains;
}

/// Options that `sweepCommand` doesn't pass on: those that `sweep` hasn't, and those for which it
/// takes what the setting says. Opportunistic parity's LSB is part of the name of a protection.
constexpr const char* kNotPassedOn[] = {
    "domains", "accuracy-drop", "yield", "test-chips", "out",       "chips",   "format",
    "bits",    "protection",    "codec", "op-lsb",     "quantizer", "voltages"};

/// Returns the options of the command that were given and `sweep` takes, too, with their values.
std::vector<std::string> passedOn(const CommandLine& line) {
    std::vector<std::string> arguments;
    for (const auto& option : line.options().options()) {
        const std::string& name = option->long_name();
        const po::variable_value& given = line.values()[name];
        if (given.empty() || given.defaulted()) continue;
        if (std::count(std::begin(kNotPassedOn), std::end(kNotPassedOn), name) > 0) continue;
        if (const auto* text = boost::any_cast<std::string>(&given.value())) {
            // A value that may be left out, or looks like an option, must be joined to its own.
            if (option->semantic()->min_tokens() == 0 || (*text)[0] == '-') {
                arguments.push_back("--" + name + "=" + *text);
            } else {
                arguments.insert(arguments.end(), {"--" + name, *text});
            }
        } else if (const auto* list = boost::any_cast<std::vector<std::string>>(&given.value())) {
            for (const std::string& one : *list) {
                arguments.insert(arguments.end(), {"--" + name, one});
            }
        } else if (given.as<bool>()) {
            arguments.push_back("--" + name);
        }
    }
    return arguments;
}

/// Returns the supply of a domain as `sweep` takes it: its label, or where that is rounded, or
/// lacks the unit, all its digits.
std::string exactSupply(const OptimizedSetting& setting, std::size_t domain) {
    const Voltage& voltage = setting.voltages[domain];
    const Voltage shown = parseVoltage(setting.supplies[domain], "--voltages");
    if (shown.unit == voltage.unit && shown.value == voltage.value) return setting.supplies[domain];
    return shortestNumber(voltage.value) + (voltage.unit == VoltageUnit::kVolt ? "V" : "");
}

/// Returns the `sweep` that runs a setting again: the options that were given, with the setting's.
/// `highest` is the supply of all that no domain has.
std::string sweepCommand(const CommandLine& line, const OptimizedSetting& setting,
                         const std::vector<OptimizedDomain>& domains, const std::string& highest,
                         std::uint32_t chips) {
    std::vector<std::string> arguments = passedOn(line);
    const auto add = [&](const std::string& option, const std::string& value) {
        arguments.insert(arguments.end(), {"--" + option, value});
    };
    if (line.common().seed != 1) add("seed", std::to_string(line.common().seed));
    add("format", setting.format);
    add("protection", setting.protection);
    add("chips", std::to_string(chips));
    std::string supplies;
    std::string rest = highest;
    for (std::size_t d = 0; d < domains.size(); ++d) {
        const std::string supply = exactSupply(setting, d);
        for (const std::string& member : domains[d].members) {
            if (member == "rest") {
                rest = supply;
            } else {
                supplies += (supplies.empty() ? "" : ",") + member + "=" + supply;
            }
        }
    }
    add("voltages", rest);
    if (!supplies.empty()) add("supply", supplies);
    return commandLine("sweep", arguments);
}

OptimizeRequest requestOf(const CommandLine& line) {
    line.require("profile", "the chips");
    OptimizeRequest request;
    request.campaign = subjectsOf(line);
    addAccelerator(line, request.campaign);
    if (request.campaign.accelerator && request.campaign.accelerator->failing.size() > 1) {
        throw UsageError("--fail", "expected one choice of memories");
    }
    request.supplies = suppliesIn(line);
    request.domains = domainsOf(line);
    request.drop = parseNumber("--accuracy-drop", line.get<std::string>("accuracy-drop")) / 100;
    request.yield = parseNumber("--yield", line.get<std::string>("yield"));
    request.testChips = line.count("test-chips").value_or(0);
    return request;
}

}  // namespace

ExitStatus runOptimize(const std::vector<std::string>& arguments) {
    CommandLine line(
        "optimize --model FILE --data DATA --profile FILE [options]",
        "Finds the supplies, number format and protection of least energy with which enough chips "
        "lose little\n"
        "accuracy. --domains names what may have a supply of its own: 'rest' (all weights that no "
        "other domain\n"
        "has), layers ('conv1', 'conv1+conv2' for one supply of two), or memories of an "
        "accelerator "
        "('weights',\n"
        "'activations', 'accumulators'). Faults are nested over supplies, so a setting below one "
        "that fails fails, too, and most\n"
        "settings need not be tried: docs/optimize.md. The answer, and all settings that no other "
        "is better than in\n"
        "both energy and error, come with the 'sweep' that runs them again. --test-chips tries the "
        "answer on chips\n"
        "that it was not chosen on. --out writes optimize.html, optimize.json.",
        "  brownout optimize -m inference/zoo/fashion-randbet.onnx -d fashion-mnist -p "
        "profiles/14nm.h5 --chips 32 --test-chips 32\n"
        "  brownout optimize -m inference/zoo/fashion-rquant.onnx -d fashion-mnist -p "
        "profiles/14nm.h5 --domains conv1,fc,rest --protection none,secded\n"
        "  brownout optimize -m inference/zoo/fashion-rquant.onnx -d fashion-mnist -p "
        "profiles/14nm.h5 --accelerator systolic-32x32 --fail weights+activations --calibrate 64 "
        "--domains weights,activations");
    addSubjectOptions(line);
    line.options().add_options()  //
        ("profile,p",
         po::value<std::vector<std::string>>()->value_name("[MEMORY=]FILE")->composing(),
         "chips: an SRAM profile; 'activations=FILE' or 'accumulators=FILE' for those of these "
         "memories")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST")->default_value("profile"),
         "supplies to choose from, as 'brownout sweep' has them")  //
        ("temperature", po::value<std::string>()->value_name("T"),
         "degrees Celsius at which the chips are asked")  //
        ("domains", po::value<std::string>()->value_name("LIST")->default_value("rest"),
         "supply domains: layers, memories, 'rest'; '+' joins what shares a supply")  //
        ("accuracy-drop", po::value<std::string>()->value_name("D")->default_value("1"),
         "percentage points that a chip may lose, against the best format and protection without "
         "faults")  //
        ("yield", po::value<std::string>()->value_name("Y")->default_value("0.99"),
         "share of the chips that has to lose no more")  //
        ("chips", po::value<std::string>()->value_name("N"),
         "chips to choose on (default: all of the profile but those to test on)")  //
        ("test-chips", po::value<std::string>()->value_name("N"),
         "try the answer on the N chips after those")  //
        ("out,o", po::value<std::string>()->value_name("FOLDER"),
         "write optimize.html and optimize.json there");
    addFailingOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    if (line.has("supply")) throw UsageError("--supply", "is what optimize chooses; see --domains");

    const OptimizeRequest request = line.named([&] { return requestOf(line); });
    OptimizeReport report;
    report.network = line.get<std::vector<std::string>>("model").at(0);
    report.profile = request.campaign.memory.profile->path().string();
    report.unit = nameOf(request.campaign.memory.profile->device().unit);
    report.drop = request.drop;
    report.yield = request.yield;
    for (const OptimizedDomain& domain : request.domains) report.domains.push_back(domain.name);
    const bool quiet = line.common().quiet;
    const auto tell = [&](const OptimizedSetting& tried) {
        if (quiet) return;
        std::string supplies;
        for (std::size_t d = 0; d < tried.supplies.size(); ++d) {
            supplies += " " + report.domains[d] + "=" + tried.supplies[d];
        }
        std::cerr << (tried.good ? "good  " : "fails ") << tried.format << " " << tried.protection
                  << supplies << ": " << humanEnergy(tried.joules) << ", " << tried.yield.passed
                  << " of " << tried.yield.chips << " chips\n";
    };
    report.found = line.named([&] { return optimize(request, line.common().threads, tell); });
    report.front = paretoFront(report.found.tried);
    const std::string highest = exactSupply(*report.found.nominal, 0);
    const auto commandOf = [&](const OptimizedSetting& setting) {
        return sweepCommand(line, setting, request.domains, highest, report.found.chips);
    };
    for (const OptimizedSetting& setting : report.front) {
        report.frontCommands.push_back(commandOf(setting));
    }
    if (report.found.best) report.bestCommand = commandOf(*report.found.best);
    if (line.has("out")) {
        const fs::path folder = line.get<std::string>("out");
        fs::create_directories(folder);
        writeAtomically(folder / "optimize.json", optimizeJson(report));
        writeAtomically(folder / "optimize.html", optimizePage(report));
    }
    std::cout << (line.common().json ? optimizeJson(report) : optimizeText(report));
    return ExitStatus::kSuccess;
}

}  // namespace brownout
