#include <filesystem>
#include <iostream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/numbers.h"
#include "emulation/accelerator_energy.h"
#include "inference/layer_shapes.h"
#include "tools/brownout/accelerator_options.h"
#include "tools/brownout/account_output.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/output.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

constexpr std::uint32_t kMostImages = 1U << 20;

std::string memoryNames(const Accelerator& accelerator) {
    std::vector<std::string> names;
    for (const AcceleratorMemory& memory : accelerator.memories) names.push_back(memory.name);
    return joined(names);
}

/// The accelerator with the energies that --profile gives its memories.
AcceleratorRequest acceleratorOf(const CommandLine& line) {
    AcceleratorRequest request = acceleratorNamed(line);
    if (!line.has("profile")) return request;
    for (const std::string& text : line.get<std::vector<std::string>>("profile")) {
        const auto [name, path] = namedValue("--profile", text, "MEMORY=FILE");
        AcceleratorMemory* memory = memoryNamed(request.accelerator, name);
        if (memory == nullptr) {
            throw UsageError("--profile", "'" + name + "' is no memory of " + request.path +
                                              "; expected one of " +
                                              memoryNames(request.accelerator));
        }
        takeEnergy(*memory, openProfile(path));
    }
    return request;
}

/// The supplies that --supply fixes: of the array, of a memory or of a domain.
struct FixedSupplies {
    AcceleratorSupplies supplies;
    std::vector<bool> fixed;  ///< of each memory
    std::string label;
};

FixedSupplies fixedSupplies(const CommandLine& line, const Accelerator& accelerator) {
    const char kOption[] = "--supply";
    FixedSupplies result{nominalSupplies(accelerator), {}, ""};
    result.fixed.assign(accelerator.memories.size(), false);
    if (!line.has("supply")) return result;
    result.label = line.get<std::string>("supply");
    for (const std::string& item : splitList(kOption, result.label)) {
        const auto [name, text] = namedValue(kOption, item, "NAME=VOLTAGE");
        const Voltage voltage = parseVoltage(text, kOption);
        bool found = name == "array";
        if (found) {
            if (voltage.unit != VoltageUnit::kVolt) {
                throw UsageError(kOption, "'" + item + "'; expected volts, such as array=0.8V");
            }
            result.supplies.arrayV = voltage.value;
        }
        for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
            const AcceleratorMemory& memory = accelerator.memories[i];
            if ((memory.name != name && memory.domain != name) || !memory.energy) continue;
            result.supplies.memories[i] = supplyFor(memory, voltage, kOption);
            result.fixed[i] = true;
            found = true;
        }
        if (!found) {
            throw UsageError(kOption, "'" + name +
                                          "' is no memory or domain with energies; "
                                          "expected array or some of " +
                                          memoryNames(accelerator));
        }
    }
    return result;
}

std::vector<AccountPoint> pointsOf(const CommandLine& line, const Accelerator& accelerator,
                                   const Account& account) {
    const FixedSupplies fixed = fixedSupplies(line, accelerator);
    std::vector<AccountPoint> points;
    const auto add = [&](const std::string& label, const AcceleratorSupplies& supplies) {
        AccountPoint point{label, supplies, energyOf(accelerator, account, supplies), {}};
        point.total = totalOf(point.layers);
        points.push_back(std::move(point));
    };
    if (!line.has("voltages")) {
        add(fixed.label.empty() ? "nominal" : fixed.label, fixed.supplies);
        return points;
    }
    for (const SupplyRequest& asked : parseVoltages(line.get<std::string>("voltages"))) {
        AcceleratorSupplies supplies = fixed.supplies;
        bool any = false;
        for (std::size_t i = 0; i < accelerator.memories.size(); ++i) {
            const AcceleratorMemory& memory = accelerator.memories[i];
            if (memory.isDram || fixed.fixed[i] || !memory.energy) continue;
            supplies.memories[i] = supplyFor(memory, asked.voltage, "--voltages");
            any = true;
        }
        if (!any) {
            throw UsageError("--voltages",
                             "no memory on the chip has energies at supplies that "
                             "aren't fixed by --supply");
        }
        add(asked.label + (fixed.label.empty() ? "" : ", " + fixed.label), supplies);
    }
    return points;
}

}  // namespace

ExitStatus runAccount(const std::vector<std::string>& arguments) {
    CommandLine line(
        "account --model FILE --accelerator NAME [options]",
        "Counts what a network costs on an accelerator, layer by layer and in closed form: cycles, "
        "how much of the\n"
        "array works, reads and writes of every memory, DRAM traffic, time, and energy by memory "
        "(accesses and leakage)\n"
        "and arithmetic. No weight fails here: that is what 'brownout sweep' is for.\n\n"
        "An accelerator is a YAML file, or the name of a shipped one: systolic-32x32, edge-16x16, "
        "eyeriss-like;\n"
        "docs/accelerators.md says what is in it. --profile gives a memory the words and energies "
        "of the arrays of a\n"
        "profile. --voltages shows the energy at several supplies of the memories on the chip, "
        "--supply sets single ones.\n"
        "--out writes a page with stacked bars (account.html), the JSON and the CSV.",
        "  brownout account -m inference/zoo/fashion-rquant.onnx -a systolic-32x32\n"
        "  brownout account -m inference/zoo/fashion-rquant.onnx -a edge-16x16 --voltages "
        "1,0.9,0.8 --out account/\n"
        "  brownout account -m inference/zoo/fashion-rquant.onnx -a edge-16x16 --supply "
        "weights=0.8,activations=0.9\n"
        "  brownout account -m inference/zoo/fashion-rquant.onnx -a mine.yaml --profile "
        "weights=profiles/14nm.h5 --json");
    line.options().add_options()                                                        //
        ("model,m", po::value<std::string>()->value_name("FILE"), "the network, ONNX")  //
        ("accelerator,a", po::value<std::string>()->value_name("NAME"),
         "the accelerator: a YAML file or a shipped one's name")  //
        ("profile,p", po::value<std::vector<std::string>>()->value_name("MEMORY=FILE"),
         "words and energies of a memory from the arrays of a profile; may be repeated")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST"),
         "supplies of the memories on the chip: '1,0.9,0.8', '0.55V', '1:0.75:0.05'")  //
        ("supply", po::value<std::string>()->value_name("NAME=V,..."),
         "supplies of single memories, domains or the array: 'weights=0.8,array=0.8V'")  //
        ("batch", po::value<std::string>()->value_name("N")->default_value("1"),
         "images that are computed together")  //
        ("csv", po::value<std::string>()->value_name("FILE"),
         "write a row for each layer and supply")  //
        ("out,o", po::value<std::string>()->value_name("FOLDER"),
         "write account.html, account.json and account.csv");
    addImageShapeOption(line);
    addStorageOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the network to account for");
    line.require("accelerator", "what it runs on");

    AccountReport report;
    AcceleratorRequest accelerator = acceleratorOf(line);
    report.accelerator = std::move(accelerator.accelerator);
    report.file = accelerator.path;
    if (line.has("csv")) checkCanWrite(line.get<std::string>("csv"));
    const Network graph = networkOf(line);
    const StorageSettings storage = storageOf(graph, line);
    report.network = graph.file;
    report.format = storage.format->name();
    const std::uint64_t batch = line.count("batch", kMostImages).value_or(1);
    const NetworkShape shapes = layerShapesOf(graph, storage);
    try {
        report.account = accountOf(report.accelerator, shapes, batch);
    } catch (const Error& error) {
        throw Error(report.file, error.what());
    }
    report.points = pointsOf(line, report.accelerator, report.account);

    if (line.has("csv")) writeAtomically(line.get<std::string>("csv"), accountCsv(report));
    if (line.has("out")) {
        const std::filesystem::path folder = line.get<std::string>("out");
        makeWritableFolder(folder);
        writeAtomically(folder / "account.json", accountJson(report) + "\n");
        writeAtomically(folder / "account.csv", accountCsv(report));
        writeAtomically(folder / "account.html", accountPage(report, BROWNOUT_VERSION));
        if (!line.common().quiet) std::cerr << (folder / "account.html").string() << "\n";
    }
    if (line.common().json) {
        std::cout << accountJson(report) << "\n";
    } else {
        std::cout << accountTable(report);
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
