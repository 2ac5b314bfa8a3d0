#include <iostream>

#include "base/error.h"
#include "profiles/import/export_profile.h"
#include "profiles/import/read_measurement.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/profile_commands.h"
#include "tools/brownout/profile_import_options.h"
#include "tools/brownout/tried_files.h"

namespace brownout {

namespace po = boost::program_options;

ExitStatus runProfileExport(const std::vector<std::string>& arguments) {
    CommandLine line(
        "profile export --format FORMAT --out PREFIX|FILE [options] PROFILE",
        "Writes a measured profile (encoding counts) as testers do: hex-dump, a file a voltage,\n"
        "PREFIX-0.58V.hex; or csv, one fail log of all chips. Importing it again gives the same\n"
        "counts (profiles/IMPORT.md).",
        "  brownout profile export --format hex-dump -o dumps/chip chip.h5\n"
        "  brownout profile export --format csv -o fails.csv chip.h5");
    line.options().add_options()                                                         //
        ("out,o", po::value<std::string>()->value_name("PREFIX|FILE"), "what to write")  //
        ("chip", po::value<std::uint32_t>()->value_name("N")->default_value(0),
         "hex-dump: which chip");
    addExportOptions(line);
    line.options().add_options()("file", po::value<std::string>()->value_name("PROFILE"),
                                 "the profile to export");
    line.positional("file", 1);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("out", "what to write");
    line.require("format", "hex-dump or csv");
    line.require("file", "the profile to export");

    ImportOptions options = exportOptionsOf(line);
    const Profile profile = openProfile(line.get<std::string>("file"));
    if (!options.map.columnMux && options.map.selectBits.empty()) {
        options.map.columnMux = profile.device().geometry.columnMux;
    }
    // Without a map that says otherwise an array is a block, and its words are the dump's.
    const SramGeometry& geometry = profile.device().geometry;
    if (!line.has("word-bits"))
        options.wordBits = geometry.wordBits() * (options.dedupBytes ? 2 : 1);
    if (!line.has("words-per-block")) {
        options.wordsPerBlock = options.map.wordsPerBlock.value_or(
            static_cast<std::uint32_t>(geometry.wordsPerArray()));
    }
    const auto& out = line.get<std::string>("out");
    ExportResult result;
    if (options.format == ImportFormat::kHexDump) {
        result = exportHexDumps(profile, line.get<std::uint32_t>("chip"), options, out);
    } else if (options.format == ImportFormat::kCsv) {
        result = exportCsv(profile, out);
    } else {
        throw UsageError("--format", std::string("'") + nameOf(options.format) +
                                         "' can only be imported; expected hex-dump or csv");
    }
    if (result.hidden > 0) {
        std::cerr << "brownout: " << result.hidden
                  << " failing cells don't show on this background and were left out\n";
    }
    if (!line.common().quiet) {
        for (const auto& file : result.files) std::cout << file.string() << "\n";
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
