#include <filesystem>
#include <iostream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "hardware/frames/frame_memory.h"
#include "hardware/frames/open_device.h"
#include "model/functional_memory.h"
#include "sim/rtl_memory.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/cosim_setup.h"
#include "tools/brownout/fpga_traffic.h"
#include "tools/brownout/output.h"
#include "tools/report/progress.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

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

/// An FPGA's cost isn't known.
CosimRow accountOf(const FrameMemory& /*memory*/) { return {}; }

ExecutePiece executorOf(SimulatedMemory& memory) {
    return [&](const TrafficPiece& piece, Span<Word> words, Span<WordStatus> statuses) {
        memory.execute(piece.ops, piece.pressure, words, statuses);
    };
}

ExecutePiece executorOf(FrameMemory& memory) {
    return [&](const TrafficPiece& piece, Span<Word> words, Span<WordStatus> statuses) {
        executeOnFpga(memory, piece, words, statuses);
    };
}

/// Compares one memory with the functional one, at all supplies.
template <typename Memory>
std::vector<CosimRow> compareAtAll(const CosimSetup& setup, const std::string& name, Memory& memory,
                                   ProgressDisplay& progress) {
    FunctionalMemory golden(setup.memory.chips, setup.protection);
    golden.insert(setup.load);
    memory.insert(setup.load);
    std::vector<CosimRow> rows;
    for (const LabelledSupply& supply : setup.supplies) {
        const CosimRow before = accountOf(memory);
        golden.setSupply(supply.supply);
        memory.setSupply(supply.supply);
        const Comparison compared =
            compareMemories(golden, executorOf(memory), setup.traffic,
                            [&](std::uint64_t words) { progress.advance(words); });
        const CosimRow after = accountOf(memory);
        rows.push_back(
            {name, supply.label, supply.supply, compared, difference(after.cycles, before.cycles),
             difference(after.time, before.time), difference(after.dynamicJ, before.dynamicJ),
             difference(after.leakageJ, before.leakageJ)});
    }
    return rows;
}

/// The functional memory has no time; its energy is that of its accesses.
CosimRow functionalRow(const CosimSetup& setup, const CosimRow& compared) {
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

void simulate(const CommandLine& line, CosimSetup& setup, RtlBufferModel buffer) {
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
void compareFpga(const CommandLine& line, CosimSetup& setup) {
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
    const std::vector<CosimRow> rows = compareAtAll(setup, "fpga", memory, progress);
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
    addCosimOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the network whose weights to send");
    line.require("profile", "the chips");

    CosimSetup setup = cosimSetupOf(line);
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
