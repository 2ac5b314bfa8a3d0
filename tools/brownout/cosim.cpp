#include <filesystem>
#include <iostream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/injection.h"
#include "emulation/network_codes.h"
#include "emulation/points.h"
#include "hardware/frames/frame_memory.h"
#include "hardware/frames/open_device.h"
#include "inference/network.h"
#include "inference/onnx/onnx_import.h"
#include "model/functional_memory.h"
#include "sim/rtl_memory.h"
#include "sim/user_buffer.h"
#include "tools/brownout/chip_option.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/cosim_report.h"
#include "tools/brownout/fpga_traffic.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/output.h"
#include "tools/brownout/simulated_hardware.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

/// All that a co-simulation works on, read and checked before anything is simulated.
struct Setup {
    std::optional<Profile> profile;
    std::vector<LabelledSupply> supplies;
    std::shared_ptr<const Protection> protection;
    LoadId load;  ///< chip, and the outcome of cells that fail only sometimes, of all memories
    SimulatedMemorySettings memory;
    TrafficSettings traffic;
    CosimReport report;
};

/// The file of waves, and one that its recorder keeps beside it until it is closed.
struct Waves {
    explicit Waves(const std::string& path)
        : file(path), hierarchy(file.temporary().string() + ".hier") {}

    AtomicFile file;
    TemporaryName hierarchy;
};

/// Returns the file of waves that --waves names, which the recorder is to write. Throws UsageError
/// or Error if it can't be made.
std::unique_ptr<Waves> wavesOf(const CommandLine& line) {
    if (!line.has("waves")) return nullptr;
    const auto& path = line.get<std::string>("waves");
    if (fs::path(path).extension() != ".fst") {
        throw UsageError("--waves", "'" + path + "'; waves are written as FST, to FILE.fst");
    }
    return std::make_unique<Waves>(path);
}

void addOptions(CommandLine& line) {
    line.options().add_options()  //
        ("model,m", po::value<std::string>()->value_name("FILE"),
         "a trained network, ONNX: its weights are the first traffic");
    addStorageOptions(line);
    line.options().add_options()                                                               //
        ("profile,p", po::value<std::string>()->value_name("FILE"), "chips: an SRAM profile")  //
        ("chip", po::value<std::string>()->value_name("N")->default_value("0"),
         "chip of the profile, from 0")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST")->default_value("profile"),
         "supplies, as for 'sweep'");
    addProtectionOption(
        line, "NAME",
        "of a word by itself; ours in RTL are none, parity, parity-byte, secded, op-weight, "
        "op-8, op-16, op-32, op-64, op-64-largest and in-place-ecc:");
    line.options().add_options()  //
        ("words", po::value<std::string>()->value_name("N")->default_value("1000000"),
         "random words at random addresses, each written and read")  //
        ("memory", po::value<std::string>()->value_name("ADDRESS"),
         "an FPGA that plays the chips (rtl/fpga), tcp://HOST:PORT or "
         "uart:///dev/ttyUSB0?baud=1000000, instead of the simulated memories")  //
        ("waves", po::value<std::string>()->value_name("FILE.fst"),
         "record the RTL, for a waveform viewer")  //
        ("wave-cycles", po::value<std::string>()->value_name("N")->default_value("20000"),
         "how many clock cycles to record, from the first on")  //
        ("rtl-dir", po::value<std::string>()->value_name("DIR"),
         "your own weight buffer instead of ours: all .sv and .v files there, with the ports of "
         "rtl/README.md")                                                              //
        ("rtl-top", po::value<std::string>()->value_name("MODULE"), "its top module")  //
        ("rtl-param", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
         "a parameter of its top module; repeat for several");
    addSupplyOptions(line);
}

void setUpTraffic(const CommandLine& line, const EncodedNetwork& network, Setup& setup) {
    setup.traffic.data =
        CheckPlacement(setup.memory.chips->geometry(), *setup.protection).dataGeometry();
    const MemoryMap map = layOut(network, setup.traffic.data, {});
    const std::vector<Word> image = storeNetwork(network, map, setup.protection).image;
    for (std::uint64_t i = 0; i < image.size(); ++i) {
        setup.traffic.image.emplace_back(static_cast<std::uint32_t>(map.physicalWord(i)), image[i]);
    }
    setup.traffic.randomWords = parseCount("--words", line.get<std::string>("words"));
    setup.traffic.seed = line.common().seed;
}

Setup setUp(const CommandLine& line) {
    Setup setup;
    setup.profile = openProfile(line.get<std::string>("profile"));
    const Profile& profile = *setup.profile;
    setup.supplies = suppliesOf(profile, suppliesIn(line));
    const std::vector<std::string> protections = protectionsOf(line);
    if (protections.size() != 1) throw UsageError("--protection", "expected one");
    const auto& path = line.get<std::string>("model");
    const Network graph = importOnnx(path);
    const StorageSettings storage = storageOf(graph, line);
    const EncodedNetwork network(graph, storage.format, storage.store);
    setup.protection =
        protectionFor(protections.front(), profile.device().geometry.wordBits(), network);
    requireSingleWords(*setup.protection, "the simulated hardware");
    setup.memory =
        simulatedMemorySettings(profile, lowestOf(setup.supplies), setup.protection, line);
    const std::uint32_t chip = chipNumber(line, "chip", profile);
    setup.report.model = fs::path(path).filename().string();
    setup.report.profile = profile.path().filename().string();
    setup.report.chip = chip;
    setup.report.protection = setup.protection->name();
    setup.report.seed = line.common().seed;
    setUpTraffic(line, network, setup);
    setup.report.data = setup.traffic.data;
    setup.load = {line.common().seed, chip, 0};
    return setup;
}

RtlBufferModel bufferOf(const CommandLine& line, const Setup& setup) {
    if (line.has("rtl-dir") != line.has("rtl-top")) {
        throw UsageError("brownout cosim", "--rtl-dir and --rtl-top go together");
    }
    if (!line.has("rtl-dir")) {
        if (line.has("rtl-param")) {
            throw UsageError("--rtl-param", "is for a buffer of your own, with --rtl-dir");
        }
        return builtInBuffer(setup.protection->name());
    }
    UserBufferSettings user;
    user.top = line.get<std::string>("rtl-top");
    user.folder = line.get<std::string>("rtl-dir");
    if (line.has("rtl-param")) {
        user.parameters = line.get<std::vector<std::string>>("rtl-param");
    }
    user.waves = line.has("waves");
    return buildUserBuffer(user);
}

/// Sums of a memory's activity so far.
CosimRow accountOf(const SimulatedMemory& memory) {
    const MemoryActivity activity = memory.activity();
    CosimRow sum;
    sum.cycles = activity.cycles;
    sum.time = activity.time;
    for (const SupplyInterval& interval : activity.intervals) {
        if (interval.dynamicJ) sum.dynamicJ = sum.dynamicJ.value_or(0) + *interval.dynamicJ;
        if (interval.leakageJ) sum.leakageJ = sum.leakageJ.value_or(0) + *interval.leakageJ;
    }
    return sum;
}

template <typename T>
std::optional<T> difference(const std::optional<T>& after, const std::optional<T>& before) {
    return after ? std::optional<T>(*after - before.value_or(T{})) : std::nullopt;
}

/// One memory against the functional one, at all supplies.
std::vector<CosimRow> compareAtAll(const Setup& setup, const std::string& name,
                                   SimulatedMemory& memory, ProgressDisplay& progress) {
    FunctionalMemory golden(setup.memory.chips, setup.protection);
    golden.insert(setup.load);
    memory.insert(setup.load);
    std::vector<CosimRow> rows;
    for (const LabelledSupply& supply : setup.supplies) {
        const CosimRow before = accountOf(memory);
        golden.setSupply(supply.supply);
        memory.setSupply(supply.supply);
        const Comparison compared = compareMemories(
            golden, memory, setup.traffic, [&](std::uint64_t words) { progress.advance(words); });
        const CosimRow after = accountOf(memory);
        rows.push_back(
            {name, supply.label, supply.supply, compared, difference(after.cycles, before.cycles),
             difference(after.time, before.time), difference(after.dynamicJ, before.dynamicJ),
             difference(after.leakageJ, before.leakageJ)});
    }
    return rows;
}

/// An FPGA against the functional memory, at all supplies. What it costs isn't known.
std::vector<CosimRow> compareFpgaAtAll(const Setup& setup, FrameMemory& memory,
                                       ProgressDisplay& progress) {
    FunctionalMemory golden(setup.memory.chips, setup.protection);
    golden.insert(setup.load);
    memory.insert(setup.load);
    std::vector<CosimRow> rows;
    for (const LabelledSupply& supply : setup.supplies) {
        golden.setSupply(supply.supply);
        memory.setSupply(supply.supply);
        CosimRow row;
        row.memory = "fpga";
        row.label = supply.label;
        row.supply = supply.supply;
        row.compared =
            compareMemories(golden,
                            ExecutePiece([&](const TrafficPiece& piece, Span<Word> words,
                                             Span<WordStatus> statuses) {
                                executeOnFpga(memory, piece, words, statuses);
                            }),
                            setup.traffic, [&](std::uint64_t words) { progress.advance(words); });
        rows.push_back(std::move(row));
    }
    return rows;
}

/// The functional memory has no time; its energy is that of its accesses.
CosimRow functionalRow(const Setup& setup, const CosimRow& compared) {
    CosimRow row;
    row.memory = "functional";
    row.label = compared.label;
    row.supply = compared.supply;
    row.compared.words = compared.compared.words;
    row.compared.writes = compared.compared.writes;
    row.compared.corrected = compared.compared.corrected;
    row.compared.detected = compared.compared.detected;
    const EnergySettings energy = energyOf(setup.memory);
    if (energy.model) {
        row.dynamicJ =
            energy.accessFactor *
            (static_cast<double>(row.compared.words) * energy.model->readJ(row.supply) +
             static_cast<double>(row.compared.writes) * energy.model->writeJ(row.supply));
    }
    return row;
}

void simulate(const CommandLine& line, Setup& setup, RtlBufferModel buffer) {
    const std::unique_ptr<Waves> waves = wavesOf(line);
    setup.report.buffer = buffer.name;
    std::vector<CosimRow> systemcRows;
    std::vector<CosimRow> rtlRows;
    {
        ProgressDisplay progress(
            terminalErrors(), progressStyleFor(STDERR_FILENO, line.common().quiet),
            "words compared", comparedWords(setup.traffic) * setup.supplies.size() * 2);
        SimulationKernel kernel;
        SystemCMemory systemc(kernel, setup.memory);
        RtlMemory rtl(kernel, std::move(buffer), setup.memory);
        if (waves)
            rtl.record(waves->file.temporary().string(),
                       parseCount("--wave-cycles", line.get<std::string>("wave-cycles")));
        systemcRows = compareAtAll(setup, "systemc", systemc, progress);
        rtlRows = compareAtAll(setup, "rtl", rtl, progress);
        progress.finish();
    }
    if (waves) waves->file.commit();
    for (std::size_t i = 0; i < rtlRows.size(); ++i) {
        setup.report.rows.push_back(functionalRow(setup, rtlRows[i]));
        setup.report.rows.push_back(systemcRows[i]);
        setup.report.rows.push_back(rtlRows[i]);
    }
}

/// Prints a report; returns the status that says what it found.
ExitStatus printed(const CosimReport& report, bool json) {
    std::cout << (json ? toJson(report) : toText(report));
    return report.mismatches() > 0 ? ExitStatus::kMismatch : ExitStatus::kSuccess;
}

/// Compares the FPGA that --memory names.
void compareFpga(const CommandLine& line, Setup& setup) {
    for (const char* const option : {"rtl-dir", "rtl-top", "rtl-param", "waves"}) {
        if (line.has(option)) {
            throw UsageError("--" + std::string(option), "doesn't go with --memory");
        }
    }
    FrameMemory memory(openFrameDevice("--memory", line.get<std::string>("memory")),
                       setup.memory.chips, setup.protection, setup.profile->path().string());
    setup.report.buffer = "at " + memory.device().name();
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, line.common().quiet),
                             "words compared",
                             comparedWords(setup.traffic) * setup.supplies.size());
    const std::vector<CosimRow> rows = compareFpgaAtAll(setup, memory, progress);
    progress.finish();
    for (const CosimRow& row : rows) {
        setup.report.rows.push_back(functionalRow(setup, row));
        setup.report.rows.push_back(row);
    }
}

}  // namespace

ExitStatus runCosim(const std::vector<std::string>& arguments) {
    CommandLine line(
        "cosim --model FILE --profile FILE [--voltages LIST] [--protection NAME] [options]",
        "Sends the same traffic through the functional memory, the SystemC memory and the "
        "verilated RTL at each\n"
        "supply, and compares every word and every decode status: the network's weights, then "
        "directed corner\n"
        "cases, then random words at random addresses. Any difference: exit status 3, with the "
        "first ten words\n"
        "bit by bit. Corner cases and random words aren't prepared for protections that alter "
        "weights: hardware\n"
        "takes whatever is written, and a group that is odd by itself reads as 0, detected, at "
        "every supply.\n\n"
        "Your own weight buffer takes the place of ours with --rtl-dir and --rtl-top, as long as "
        "it "
        "has the ports\n"
        "of rtl/README.md (sim/README.md has an example); that takes Verilator and a C++ compiler. "
        "With --memory, an\n"
        "FPGA takes the place of both.",
        "  brownout cosim -m inference/zoo/fashion-rquant.onnx -p profiles/14nm.h5 -v "
        "1,0.875,0.833 --protection secded\n"
        "  brownout cosim -m a.onnx -p chip.h5 -v 0.833 --words 10000 --waves rtl.fst\n"
        "  brownout cosim -m a.onnx -p chip.h5 -v 0.833 --rtl-dir my_rtl --rtl-top my_buffer\n"
        "  brownout cosim -m a.onnx -p chip.h5 -v 0.833 --memory uart:///dev/ttyUSB1");
    addOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the network whose weights to send");
    line.require("profile", "the chips");

    Setup setup = setUp(line);
    if (line.has("memory")) {
        compareFpga(line, setup);
        return printed(setup.report, line.common().json);
    }
    // Waves that can't be written are found out before anything is built or simulated.
    wavesOf(line);
    RtlBufferModel buffer = bufferOf(line, setup);
    checkFits(buffer, setup.memory.chips->geometry(), *setup.memory.protection,
              setup.profile->path().string());
    try {
        simulate(line, setup, std::move(buffer));
    } catch (const RtlError& error) {
        throw MismatchError("cosim", error.what());
    }
    return printed(setup.report, line.common().json);
}

}  // namespace brownout
