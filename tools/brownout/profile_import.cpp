#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/import/file_names.h"
#include "profiles/import/read_measurement.h"
#include "profiles/import/write_measurement.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/output.h"
#include "tools/brownout/profile_commands.h"
#include "tools/brownout/profile_import_options.h"
#include "tools/report/progress.h"
#include "tools/results/json_values.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
using nlohmann::json;

constexpr std::uint64_t kMegabyte = 1000000;
constexpr std::size_t kMostHistory = 20;  // lines; all of it is on stderr

/// Reads all files, with a bar of megabytes if their sizes are known.
std::unique_ptr<Measurement> read(const std::vector<NamedFile>& named, const ImportOptions& options,
                                  const std::optional<FailDirection>& direction,
                                  const std::filesystem::path& folder, ImportNotes& notes,
                                  bool quiet) {
    std::vector<ImportFile> files;
    std::uint64_t bytes = 0;
    for (const NamedFile& file : named) {
        std::error_code unknown;
        const auto size = std::filesystem::file_size(file.path, unknown);
        if (!unknown) bytes += size;
        files.push_back({openInput(file.path), file.voltage, direction});
    }
    ProgressDisplay progress(terminalErrors(), progressStyleFor(STDERR_FILENO, quiet), "MB",
                             bytes / kMegabyte + 1);
    std::uint64_t done = 0;
    for (ImportFile& file : files) {
        file.input->watch([&](std::size_t count) {
            const std::uint64_t before = done / kMegabyte;
            done += count;
            if (done / kMegabyte > before) progress.advance(done / kMegabyte - before);
        });
    }
    auto measurement = readMeasurement(files, options, folder, notes);
    progress.advance(bytes / kMegabyte + 1 - std::min(done, bytes) / kMegabyte);
    return measurement;
}

void write(const std::filesystem::path& out, const ProfileHeader& header, Measurement& measurement,
           bool quiet) {
    ProgressDisplay progress(
        terminalErrors(),
        ::isatty(STDERR_FILENO) == 1 && !quiet ? ProgressStyle::kBar : ProgressStyle::kSilent,
        "% written", 100);
    std::uint64_t shown = 0;
    writeMeasurement(out, header, measurement, [&](double share) {
        const auto percent = static_cast<std::uint64_t>(100 * share);
        if (percent > shown) progress.advance(percent - shown);
        shown = percent;
    });
}

std::string historyOf(const std::vector<NamedFile>& files, const ImportOptions& options) {
    const auto name = [](const NamedFile& file) {
        return std::filesystem::path(file.path).filename().string();
    };
    std::string text =
        std::string("imported from ") + nameOf(options.format) + ": " + name(files.front());
    if (files.size() > 1) {
        text += (files.size() > 2 ? " to " : " and ") + name(files.back()) + ", " +
                std::to_string(files.size()) + " files";
    }
    if (options.dedupBytes) text += ", mirrored bytes once";
    return text;
}

void report(const std::string& out, const Measurement& measurement, const ImportNotes& notes,
            const CommonOptions& common) {
    const SramGeometry geometry = measurement.map().geometry(measurement.blocks());
    const auto fails = [&](FailDirection direction) { return measurement.failingReads(direction); };
    if (common.json) {
        std::cout << jsonText(json{{"path", out},
                                   {"chips", measurement.chips()},
                                   {"arrays", geometry.arrays},
                                   {"rows", geometry.rows},
                                   {"columns", geometry.columns},
                                   {"column_mux", geometry.columnMux},
                                   {"measurements", measurement.entries()},
                                   {"failing_reads",
                                    {{"01", fails(FailDirection::k01)},
                                     {"10", fails(FailDirection::k10)},
                                     {"unknown", fails(FailDirection::kUnknown)}}},
                                   {"notes", notes.lines}})
                  << "\n";
        return;
    }
    for (const std::string& line : notes.lines) std::cerr << "brownout: " << line << "\n";
    if (common.quiet) return;
    std::cerr << out << ": " << measurement.chips()
              << (measurement.chips() == 1 ? " chip" : " chips") << " of " << geometry.arrays
              << " arrays of " << geometry.rows << " x " << geometry.columns << ", "
              << measurement.entries() << " measurements; failing reads "
              << fails(FailDirection::k01) << " 0->1, " << fails(FailDirection::k10) << " 1->0";
    if (fails(FailDirection::kUnknown) > 0) {
        std::cerr << ", " << fails(FailDirection::kUnknown) << " of unknown direction";
    }
    std::cerr << "\n";
}

}  // namespace

ExitStatus runProfileImport(const std::vector<std::string>& arguments) {
    CommandLine line(
        "profile import --format FORMAT --out FILE [options] FILES...",
        "Turns what a tester or a lab recorded into a profile of counts: how often each cell\n"
        "failed at each voltage. profiles/IMPORT.md describes the formats, the descramble map and\n"
        "what counts as measured.",
        "  brownout profile import --format hex-dump -o chip.h5 dumps/board-0.5?V.hex\n"
        "  brownout profile import --format hex-dump --dedup-bytes --mux 2 -o chip.h5 0.58V:a.hex\n"
        "  brownout profile import --format csv --rows 512 --columns 64 --reads 100 \\\n"
        "      --columns chip=die,voltage=vdd -o chips.h5 fails.csv");
    line.options().add_options()  //
        ("out,o", po::value<std::string>()->value_name("FILE"), "the profile to write");
    addImportOptions(line);
    line.options().add_options()  //
        ("vmin", po::value<std::string>()->value_name("V"),
         "lowest voltage at which nothing fails (default: unknown)")                            //
        ("node", po::value<std::string>()->value_name("TEXT"), "process, for example '28 nm'")  //
        ("file", po::value<std::vector<std::string>>()->value_name("FILE"), "the files to import");
    line.positional("file", -1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("out", "the profile to write");
    line.require("format", "what the files are");
    line.require("file", "the files to import");

    const std::filesystem::path out = line.get<std::string>("out");
    checkCanWrite(out);
    const ImportOptions options = importOptionsOf(line);
    const std::vector<NamedFile> files = filesToImport(line);
    std::optional<FailDirection> direction;
    if (line.has("direction")) {
        const auto& text = line.get<std::string>("direction");
        for (const auto one : {FailDirection::k01, FailDirection::k10, FailDirection::kUnknown}) {
            if (text == nameOf(one)) direction = one;
        }
        if (!direction) {
            throw UsageError("--direction", "'" + text + "'; expected 01, 10 or unknown");
        }
    }
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kMeasured, historyOf(files, options));
    header.device.unit = VoltageUnit::kVolt;
    if (line.has("node")) header.device.node = line.get<std::string>("node");
    if (line.has("vmin")) {
        const auto& vmin = line.get<std::string>("vmin");
        header.device.vminV = parseVolts(vmin);
        if (!header.device.vminV) throw UsageError("--vmin", voltsProblem(vmin));
    }

    const bool quiet = line.common().quiet || line.common().json;
    ImportNotes notes;
    const auto folder = out.has_parent_path() ? out.parent_path() : ".";
    const auto measurement = read(files, options, direction, folder, notes, quiet);
    for (const std::string& note : notes.lines) {
        if (header.info.history.size() < kMostHistory) header.info.history.push_back(note);
    }
    write(out, header, *measurement, quiet);
    report(out.string(), *measurement, notes, line.common());
    return ExitStatus::kSuccess;
}

}  // namespace brownout
