#include "tools/brownout/profile_import_options.h"

#include <algorithm>

#include "base/error.h"
#include "base/fields.h"
#include "profiles/import/descramble_yaml.h"
#include "profiles/import/file_names.h"
#include "profiles/import/read_measurement.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

double volts(const std::string& option, const std::string& text) {
    const auto value = parseVolts(text);
    if (!value) throw UsageError(option, voltsProblem(text));
    return *value;
}

template <typename T>
T oneOf(const CommandLine& line, const char* option,
        const std::vector<std::pair<std::string, T>>& choices) {
    const auto& text = line.get<std::string>(option);
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
        if (text == name) return value;
        names.push_back(name);
    }
    throw UsageError(std::string("--") + option,
                     "'" + text + "'; expected one of " + joined(names));
}

char delimiterOf(const std::string& text) {
    if (text == "tab" || text == "\\t" || text == "\t") return '\t';
    if (text == "space") return ' ';
    if (text.size() != 1 || text[0] == '"' || text[0] == '\n') {
        throw UsageError("--delimiter", "'" + text + "'; expected one character, tab or space");
    }
    return text[0];
}

MapDescription geometryOf(const CommandLine& line) {
    MapDescription given;
    given.arrays = line.count("arrays");
    given.rows = line.count("rows");
    given.columnMux = line.count("mux");
    return given;
}

/// --columns N is the geometry's, --columns OURS=THEIRS the names in a CSV file.
void readColumns(const CommandLine& line, MapDescription& given, ImportOptions& options) {
    if (!line.has("columns")) return;
    for (const std::string& text : line.get<std::vector<std::string>>("columns")) {
        if (text.find('=') == std::string::npos) {
            const auto count = parseCount("--columns", text);
            if (count > 0xFFFF) throw UsageError("--columns", "too many");
            given.columns = static_cast<std::uint32_t>(count);
            continue;
        }
        for (const std::string& item : splitList("--columns", text)) {
            const auto equals = item.find('=');
            if (equals == std::string::npos || equals == 0 || equals + 1 == item.size()) {
                throw UsageError("--columns", "'" + item + "'; expected for example chip=die");
            }
            const std::string name = item.substr(0, equals);
            if (!options.columns.emplace(name, item.substr(equals + 1)).second) {
                throw UsageError("--columns", "names '" + name + "' twice");
            }
        }
    }
}

void readWords(const CommandLine& line, ImportOptions& options) {
    options.wordBits = line.count("word-bits").value_or(options.wordBits);
    options.wordsPerBlock = line.count("words-per-block").value_or(options.wordsPerBlock);
    options.dedupBytes = line.get<bool>("dedup-bytes");
    const auto& background = line.get<std::string>("background");
    if (background == "ones") return;
    options.background =
        background == "zeros" ? std::optional<std::uint64_t>(0) : parseUnsigned(background);
    if (!options.background) {
        throw UsageError("--background",
                         "'" + background + "'; expected ones, zeros or a word such as 0xA5A5");
    }
}

/// Reads the delimiter, the decimal sign and the base of addresses.
void readSigns(const CommandLine& line, ImportOptions& options) {
    const auto& decimal = line.get<std::string>("decimal");
    if (decimal != "." && decimal != ",") {
        throw UsageError("--decimal", "'" + decimal + "'; expected . or ,");
    }
    options.decimal = decimal[0];
    if (line.has("delimiter")) {
        options.delimiter = delimiterOf(line.get<std::string>("delimiter"));
    } else if (options.decimal == ',') {
        options.delimiter = ';';
    }
    if (options.delimiter == options.decimal) {
        throw UsageError("--decimal", "'" + decimal +
                                          "' separates the columns as well; expected another "
                                          "--delimiter, such as ; or tab");
    }
    const std::uint64_t base = parseCount("--address-base", line.get<std::string>("address-base"));
    if (base != 10 && base != 16) {
        throw UsageError("--address-base", std::to_string(base) + "; expected 10 or 16");
    }
    options.addressBase = static_cast<int>(base);
}

void readLogs(const CommandLine& line, ImportOptions& options) {
    options.fields = splitList("--fields", line.get<std::string>("fields"));
    readSigns(line, options);
    options.directions = oneOf<LoggedDirections>(line, "directions",
                                                 {{"seen", LoggedDirections::kSeen},
                                                  {"01", LoggedDirections::k01},
                                                  {"10", LoggedDirections::k10},
                                                  {"both", LoggedDirections::kBoth}});
    if (line.has("also")) {
        for (const std::string& item : splitList("--also", line.get<std::string>("also"))) {
            options.alsoMeasured.push_back(volts("--also", item));
        }
    }
}

ImportOptions formatAndMapOf(const CommandLine& line) {
    ImportOptions options;
    const auto& name = line.get<std::string>("format");
    const auto format = formatOf(name);
    if (!format) {
        throw UsageError("--format",
                         "'" + name + "'; expected one of " + joined(importFormatNames()));
    }
    options.format = *format;
    if (line.has("descramble")) {
        options.map = readMap(*openInput(line.get<std::string>("descramble")));
    }
    return options;
}

}  // namespace

void addImportOptions(CommandLine& line) {
    const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
    const std::string formats = joined(importFormatNames());
    line.options().add_options()                       //
        ("format,f", text("FORMAT"), formats.c_str())  //
        ("descramble", text("MAP.yaml"),
         "how address and bit become array, row and column (default: nothing is scrambled)")  //
        ("arrays", text("N"), "arrays of a chip (default: as the files say)")                 //
        ("rows", text("N"), "rows of an array")                                               //
        ("mux", text("N"), "column mux: words in a row")                                      //
        ("voltage", po::value<std::vector<std::string>>()->value_name("FILE=V")->composing(),
         "voltage of a file (default: from its name); FILE may also be given as 0.58V:FILE")  //
        ("voltage-pattern", text("REGEX"),
         "finds the voltage in a file's name: the first group of the expression")       //
        ("temperature", text("C"), "of all files, degrees Celsius (default: unknown)")  //
        ("reads", text("N"), "how often each cell was read under each condition")       //
        ("background", text("WORD")->default_value("ones"),
         "hex-dump, npy words: what was written: ones, zeros or a word such as 0xA5A5")  //
        ("word-bits", text("N"), "hex-dump, npy words: bits of a word (default: 16)")    //
        ("words-per-block", text("N"),
         "hex-dump, npy words: words of one macro (default: 1024)")  //
        ("dedup-bytes", po::bool_switch(),
         "hex-dump, npy words: the upper half of each word repeats the lower one: keep one")  //
        ("values", text("WHAT"),
         "npy, bitmap01: flags, counts, probabilities or words (default: by the type)")  //
        ("direction", text("01|10|unknown"),
         "npy, bitmap01: which failing reads the files count (default: from their names)")  //
        ("columns",
         po::value<std::vector<std::string>>()->value_name("N|OURS=THEIRS,...")->composing(),
         "columns of an array; and, csv: names of its columns (chip, array, voltage, temperature, "
         "pattern, address, row, column, bit, expected, observed, fails, reads)")  //
        ("delimiter", text("C"),
         "csv, bitmap01: between fields (default: a comma; with --decimal , a semicolon)")  //
        ("decimal", text("C")->default_value("."),
         "csv, bitmap01, arm-mbist: the decimal sign in the files, . or ,")  //
        ("address-base", text("N")->default_value("10"),
         "csv: base of addresses without 0x, 10 or 16")  //
        ("fields", text("NAME,...")->default_value("entry"),
         "arm-mbist: what the fields of a line are: chip, array, voltage, temperature, entry")  //
        ("directions", text("WHICH")->default_value("seen"),
         "csv, arm-mbist: which failing reads were looked for: 01, 10, both, or those seen")  //
        ("also", text("V,..."), "csv, arm-mbist: voltages at which perhaps nothing failed");
}

void addExportOptions(CommandLine& line) {
    const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
    line.options().add_options()                                                                //
        ("format,f", text("FORMAT"), "hex-dump or csv")                                         //
        ("descramble", text("MAP.yaml"), "hex-dump: the map that an import would use")          //
        ("mux", text("N"), "hex-dump: column mux (default: the profile's)")                     //
        ("background", text("WORD")->default_value("ones"), "hex-dump: ones, zeros or a word")  //
        ("word-bits", text("N"), "hex-dump: bits of a word (default: the profile's)")           //
        ("words-per-block", text("N"), "hex-dump: words of one macro (default: 1024)")          //
        ("dedup-bytes", po::bool_switch(), "hex-dump: write each word twice over");
}

ImportOptions exportOptionsOf(const CommandLine& line) {
    ImportOptions options = formatAndMapOf(line);
    MapDescription given;
    given.columnMux = line.count("mux");
    addGeometry(options.map, given);
    readWords(line, options);
    return options;
}

ImportOptions importOptionsOf(const CommandLine& line) {
    ImportOptions options = formatAndMapOf(line);
    MapDescription given = geometryOf(line);
    readColumns(line, given, options);
    addGeometry(options.map, given);
    if (line.has("voltage-pattern")) {
        options.voltagePattern = line.get<std::string>("voltage-pattern");
    }
    if (line.has("temperature")) {
        options.temperatureC = parseNumber("--temperature", line.get<std::string>("temperature"));
        if (!(*options.temperatureC > -273.15 && *options.temperatureC < 1000)) {
            throw UsageError("--temperature", "expected degrees Celsius");
        }
    }
    options.reads = line.count("reads");
    readWords(line, options);
    if (line.has("values")) {
        options.values = oneOf<ArrayValues>(line, "values",
                                            {{"flags", ArrayValues::kFlags},
                                             {"counts", ArrayValues::kCounts},
                                             {"probabilities", ArrayValues::kProbabilities},
                                             {"words", ArrayValues::kWords}});
    }
    readLogs(line, options);
    return options;
}

std::vector<NamedFile> filesToImport(const CommandLine& line) {
    std::vector<NamedFile> files;
    for (const std::string& argument : line.get<std::vector<std::string>>("file")) {
        NamedFile file{argument, std::nullopt};
        const auto colon = argument.find(':');
        if (colon != std::string::npos && colon > 0) {
            const std::string before = argument.substr(0, colon);
            const bool unit = before.back() == 'V' || before.back() == 'v';
            if (unit) file.voltage = parseVolts(before);
            if (file.voltage) file.path = argument.substr(colon + 1);
        }
        files.push_back(std::move(file));
    }
    if (!line.has("voltage")) return files;
    for (const std::string& item : line.get<std::vector<std::string>>("voltage")) {
        const auto equals = item.rfind('=');
        if (equals == std::string::npos) {
            throw UsageError("--voltage", "'" + item + "'; expected FILE=0.58V");
        }
        const std::string path = item.substr(0, equals);
        const double voltage = volts("--voltage", item.substr(equals + 1));
        const auto file = std::find_if(files.begin(), files.end(),
                                       [&](const NamedFile& one) { return one.path == path; });
        if (file == files.end()) {
            throw UsageError("--voltage", "'" + path + "' is none of the files to import");
        }
        file->voltage = voltage;
    }
    return files;
}

}  // namespace brownout
