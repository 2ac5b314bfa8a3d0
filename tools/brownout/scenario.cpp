#include "emulation/scenario/scenario.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/accelerator_energy.h"
#include "tools/brownout/accelerator_options.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/data_options.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/output.h"
#include "tools/brownout/scenario_output.h"
#include "tools/brownout/supply_options.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

double numberOf(const CommandLine& line, const char* option) {
    return parseNumber(std::string("--") + option, line.get<std::string>(option));
}

RegulatorSettings regulatorOf(const CommandLine& line) {
    RegulatorSettings regulator;
    regulator.supply = supplySettingsOf(line);
    regulator.step = numberOf(line, "step");
    regulator.railF = line.between("rail", 0, 1);
    regulator.efficiency = line.between("efficiency", 0, 1);
    return regulator;
}

PolicyRequest policyOf(const CommandLine& line) {
    PolicyRequest policy;
    policy.name = line.get<std::string>("policy");
    policy.rate = numberOf(line, "ber");
    if (line.has("test-temperatures")) {
        const auto& list = line.get<std::string>("test-temperatures");
        for (const std::string& text : splitList("--test-temperatures", list)) {
            policy.testTemperaturesC.push_back(parseNumber("--test-temperatures", text));
        }
    }
    if (line.has("table")) policy.measured = openProfile(line.get<std::string>("table"));
    policy.canaries = *line.count("canaries");
    policy.margin = numberOf(line, "margin");
    policy.budget = parseWhole("--budget", line.get<std::string>("budget"), 0);
    policy.patience =
        static_cast<std::uint32_t>(parseWhole("--patience", line.get<std::string>("patience"), 0));
    return policy;
}

ScenarioRequest requestOf(const CommandLine& line) {
    ScenarioRequest request;
    request.trace =
        readTrace(*openInput(line.get<std::string>("trace")), line.between("rate", 0, 1e12));
    Network network = networkOf(line);
    const StorageSettings storage = storageOf(network, line);
    const Network* const one = &network;
    request.data = openData(line, {one});
    request.network = {
        std::move(network), line.get<std::string>("model"), {storage.format}, storage.store};
    request.memory.profile = openProfile(line.get<std::string>("profile"));
    request.memory.protections = protectionsOf(line);
    request.memory.detected = detectedPolicyFromString(line.get<std::string>("detected"));
    request.intervalS = numberOf(line, "interval");
    if (line.has("guard-band")) {
        request.guardBand = parseVoltage(line.get<std::string>("guard-band"), "--guard-band");
    }
    if (line.has("vmin")) {
        const Voltage vmin = parseVoltage(line.get<std::string>("vmin"), "--vmin");
        if (vmin.unit != VoltageUnit::kVolt) {
            throw UsageError(
                "--vmin", "'" + line.get<std::string>("vmin") + "'; expected volts, such as 0.55V");
        }
        request.vminV = vmin.value;
    }
    request.regulator = regulatorOf(line);
    request.policy = policyOf(line);
    const std::uint32_t there = request.memory.profile->chipCount();
    request.chips = line.count("chips").value_or(std::min<std::uint32_t>(10, there));
    request.seed = line.common().seed;
    request.drop = line.between("drop", 0, 100) / 100;
    request.memoryKind = line.get<std::string>("memory");
    if (line.has("accelerator")) {
        request.accelerator = acceleratorNamed(line);
        takeEnergy(request.accelerator->accelerator, DataKind::kWeights, request.memory.profile);
    }
    return request;
}

void addOptions(CommandLine& line) {
    line.options().add_options()  //
        ("trace,t", po::value<std::string>()->value_name("FILE"),
         "conditions over time, CSV with the columns time_s, supply (or supply_v), rate_per_s, "
         "load, temperature_c; the last row ends it")  //
        ("policy", po::value<std::string>()->value_name("NAME")->default_value("fixed"),
         "who sets the supply: fixed, table, canary or ecc")  //
        ("model,m", po::value<std::string>()->value_name("FILE"), "a trained network, ONNX");
    addDataOptions(line);
    addImageShapeOption(line);
    addStorageOptions(line);
    line.options().add_options()  //
        ("profile,p", po::value<std::string>()->value_name("FILE"),
         "chips: an SRAM profile, see 'brownout profile'");
    addProtectionOption(line, "NAME", "protection of the stored weights:");
    line.options().add_options()  //
        ("detected", po::value<std::string>()->value_name("WHAT")->default_value("zero-code"),
         "what stands for codes detected as wrong: zero-code or zero-weight, see 'brownout "
         "sweep'")  //
        ("chips", po::value<std::string>()->value_name("N"),
         "chips of the profile, each with a controller of its own (default: 10, or all of a "
         "profile with fewer)")  //
        ("memory", po::value<std::string>()->value_name("NAME")->default_value("functional"),
         "memory that words are read from: functional, or systemc, where they wait while the "
         "supply ramps; decisions are the same")  //
        ("interval", po::value<std::string>()->value_name("S")->default_value("1"),
         "seconds between two decisions")  //
        ("rate", po::value<std::string>()->value_name("N")->default_value("1000"),
         "inferences a second, where the trace has no rate_per_s")  //
        ("guard-band", po::value<std::string>()->value_name("V"),
         "highest supply, where the trace has none: '1', '0.6V' (default: the reference of the "
         "profile's energies)")  //
        ("step", po::value<std::string>()->value_name("V")->default_value("0.005"),
         "of the regulator: its supplies are multiples of this, in the unit of the profile");
    addSupplyOptions(line);
    line.options().add_options()  //
        ("rail", po::value<std::string>()->value_name("F")->default_value("0"),
         "capacitance of the supply rail in farad: a move from U to V takes (1 - efficiency) C "
         "|V^2 - U^2|")  //
        ("efficiency", po::value<std::string>()->value_name("X")->default_value("0.9"),
         "of the regulator, 0 to 1")  //
        ("vmin", po::value<std::string>()->value_name("V"),
         "what Vmin is in volts, where the profile doesn't say: '0.55V'")  //
        ("budget", po::value<std::string>()->value_name("K")->default_value("8"),
         "ecc: corrected words of a reading of all weights that are tolerated")  //
        ("patience", po::value<std::string>()->value_name("N")->default_value("10"),
         "ecc, canary: quiet intervals after which a supply that gave an alarm is tried again")  //
        ("ber", po::value<std::string>()->value_name("P")->default_value("1e-4"),
         "table, canary: share of failing cells that the supply of the self test may have")  //
        ("table", po::value<std::string>()->value_name("FILE"),
         "table: the measurement of the same chips to make it from, a profile that 'brownout bist' "
         "wrote (default: a self test at the regulator's supplies)")  //
        ("test-temperatures", po::value<std::string>()->value_name("LIST"),
         "table, canary: degrees Celsius of the self test (default: those the trace begins "
         "with)")  //
        ("canaries", po::value<std::string>()->value_name("N")->default_value("8"),
         "canary: cells that are watched")  //
        ("margin", po::value<std::string>()->value_name("V")->default_value("0.01"),
         "canary: distance above the supply of the self test at which all of them hold")  //
        ("drop", po::value<std::string>()->value_name("D")->default_value("1"),
         "percentage points of accuracy that a chip may lose; those that lose more are named")  //
        ("accelerator", po::value<std::string>()->value_name("NAME"),
         "accelerator whose energy is counted, all of it, see 'brownout account' (default: the "
         "accesses to the weights, and leakage where the profile has it)")  //
        ("out,o", po::value<std::string>()->value_name("FOLDER"),
         "write scenario.html, scenario.json and scenario.csv");
}

}  // namespace

ExitStatus runScenario(const std::vector<std::string>& arguments) {
    CommandLine line(
        "scenario --trace FILE --policy NAME --model FILE --data DATA --profile FILE [options]",
        "Runs chips through a trace of temperature, load and allowed supply, with a controller "
        "that sets the supply\n"
        "of each of them every --interval, and says what that costs in accuracy and saves in "
        "energy:\n\n"
        "  fixed    the guard band: the highest supply that the trace allows, always\n"
        "  table    the lowest supply at which a self test found at most --ber failing cells, by "
        "temperature\n"
        "  canary   --canaries marginal cells are watched: a step up when one fails, else a step "
        "down\n"
        "  ecc      a step up when the protection corrected more than --budget words of a reading, "
        "or detected\n"
        "           one that it can't correct, else a step down\n\n"
        "In each interval all weights are read at the supply and temperature there, and the images "
        "run with what\n"
        "came out. Savings are against 'fixed' on the same trace, with their interval over chips. "
        "docs/scenario.md\n"
        "explains traces, the regulator and what is published about each policy.",
        "  brownout scenario -t docs/scenario.csv --policy ecc --protection secded \\\n"
        "      -m inference/zoo/fashion-rquant.onnx -d fashion-mnist --images 500 -p warm.h5 "
        "--out scenario/\n"
        "  brownout scenario -t trace.csv --policy canary --margin 0.02 -m net.onnx -d images.h5 "
        "-p chip.h5 --json\n"
        "  brownout bist -p chip.h5 -v 1:0.8:0.02 --chips 4 -o measured.h5\n"
        "  brownout scenario -t trace.csv --policy table --table measured.h5 --chips 4 ...");
    addOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("trace", "the conditions over time");
    line.require("model", "the network to run");
    line.require("data", "the images to classify");
    line.require("profile", "the chips");
    if (line.has("out")) makeWritableFolder(line.get<std::string>("out"));

    const Scenario scenario = line.named([&] { return Scenario(requestOf(line)); });
    for (const std::string& warning : scenario.warnings()) {
        std::cerr << "warning: " << warning << "\n";
    }
    ScenarioResult result;
    {
        const ScenarioRequest& request = scenario.request();
        ProgressDisplay progress(terminalErrors(),
                                 progressStyleFor(STDERR_FILENO, line.common().quiet), "intervals",
                                 scenario.intervals().size() * std::uint64_t{request.chips});
        result = scenario.run(line.common().threads, [&] { progress.advance(); });
        progress.finish();
    }
    const ScenarioReport report{scenario.request(), result,
                                summarize(result, scenario.request().drop)};
    if (line.has("out")) {
        const fs::path folder = line.get<std::string>("out");
        writeAtomically(folder / "scenario.json", scenarioJson(report) + "\n");
        writeAtomically(folder / "scenario.csv", scenarioCsv(report));
        writeAtomically(folder / "scenario.html", scenarioPage(report, BROWNOUT_VERSION));
        if (!line.common().quiet) std::cerr << (folder / "scenario.html").string() << "\n";
    }
    std::cout << (line.common().json ? scenarioJson(report) + "\n" : scenarioTable(report));
    return ExitStatus::kSuccess;
}

}  // namespace brownout
