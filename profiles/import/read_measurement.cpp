#include "profiles/import/read_measurement.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "base/error.h"
#include "profiles/import/bitmap_text.h"
#include "profiles/import/csv_log.h"
#include "profiles/import/file_names.h"
#include "profiles/import/hex_dump.h"
#include "profiles/import/mbist_log.h"
#include "profiles/import/npy_array.h"

namespace brownout {
namespace {

struct FormatName {
    ImportFormat format;
    const char* name;
};
constexpr std::array<FormatName, 5> kFormats{{{ImportFormat::kHexDump, "hex-dump"},
                                              {ImportFormat::kCsv, "csv"},
                                              {ImportFormat::kNpy, "npy"},
                                              {ImportFormat::kBitmap01, "bitmap01"},
                                              {ImportFormat::kArmMbist, "arm-mbist"}}};

using MeasurementPointer = std::unique_ptr<Measurement>;

/// The same import under way: what each format needs.
struct Job {
    std::vector<ImportFile>& files;
    const ImportOptions& options;
    const std::filesystem::path& folder;
    ImportNotes& notes;

    MeasurementPointer measurement(MapDescription map, const DumpShape& shape) const {
        return std::make_unique<Measurement>(DescrambleMap(std::move(map), shape), folder);
    }

    /// Reads of what shows only whether a cell failed. Of several, nobody could tell how many did.
    std::uint32_t oneRead() const {
        if (options.reads && *options.reads != 1) {
            throw UsageError("--reads", std::to_string(*options.reads) +
                                            "; expected 1: dumps and flags are of one read, counts "
                                            "and probabilities of several");
        }
        return 1;
    }

    /// The entry of a file that is one chip at one voltage.
    std::uint32_t entry(Measurement& measurement, const ImportFile& file, Coverage coverage) const {
        bool isNew = false;
        const auto entry = measurement.entry(measurement.chip("0"),
                                             {*file.voltage, options.temperatureC, ""}, &isNew);
        if (!isNew) {
            std::ostringstream text;
            text << "a second file of " << *file.voltage << " V; expected one a voltage";
            throw file.input->error(text.str());
        }
        measurement.coverage(entry) = coverage;
        return entry;
    }

    void noteUnequal(const ImportFile& file, std::uint64_t unequal) const {
        if (unequal == 0) return;
        notes.lines.push_back(file.input->name() + ": " + std::to_string(unequal) +
                              " words whose halves differ; the lower half was taken");
    }
};

MeasurementPointer readHexDumps(const Job& job) {
    WordRecorder recorder(job.options);
    MeasurementPointer measurement = job.measurement(job.options.map, recorder.shape());
    for (ImportFile& file : job.files) {
        Coverage coverage = recorder.coverage();
        coverage.reads = job.oneRead();
        const auto entry = job.entry(*measurement, file, coverage);
        readHexDump(*file.input, recorder, entry, *measurement);
        job.noteUnequal(file, recorder.takeUnequalHalves());
    }
    return measurement;
}

/// Reads of a cell that the values of a map are of.
std::uint32_t readsOf(const Job& job, ArrayValues values) {
    if (values == ArrayValues::kFlags) return job.oneRead();
    if (!job.options.reads) {
        throw UsageError("--reads", "is missing: how many reads of each cell the numbers are of");
    }
    return *job.options.reads;
}

void requireDirection(ImportFile& file) {
    if (!file.direction) file.direction = directionInName(file.input->name());
    if (!file.direction) {
        throw file.input->error(
            "nothing says which failing reads it counts; expected p01, p10, "
            "sa1 or sa0 in the name, or --direction 01|10|unknown");
    }
}

MeasurementPointer readArrays(const Job& job) {
    MeasurementPointer measurement;
    std::optional<ArrayValues> values;
    std::optional<CellRecorder> cells;
    std::optional<WordRecorder> words;
    for (ImportFile& file : job.files) {
        const NpyHeader header = readNpyHeader(*file.input);
        const ArrayValues its = valuesOf(header, job.options);
        if (values && *values != its) {
            throw file.input->error(
                "its type or shape means other values than those before; "
                "expected the same, or --values");
        }
        if (!values) {
            values = its;
            if (its == ArrayValues::kWords) {
                words.emplace(job.options);
                measurement = job.measurement(job.options.map, words->shape());
            } else {
                MapDescription map = job.options.map;
                addShape(header, *file.input, map);
                measurement = job.measurement(std::move(map), {});
                cells.emplace(*measurement, its, readsOf(job, its));
            }
        }
        if (words) {
            Coverage coverage = words->coverage();
            coverage.reads = job.oneRead();
            const auto entry = job.entry(*measurement, file, coverage);
            readNpyWords(file, header, *measurement, *words, entry);
            job.noteUnequal(file, words->takeUnequalHalves());
        } else {
            requireDirection(file);
            cells->begin(file, job.options.temperatureC);
            readNpyCells(file, header, *measurement, *cells);
        }
    }
    return measurement;
}

MeasurementPointer readBitmaps(const Job& job) {
    const ArrayValues values = job.options.values.value_or(
        job.options.reads ? ArrayValues::kProbabilities : ArrayValues::kFlags);
    if (values == ArrayValues::kWords) {
        throw UsageError("--values", "a bitmap holds flags, counts or probabilities");
    }
    MeasurementPointer measurement = job.measurement(job.options.map, {});
    CellRecorder cells(*measurement, values, readsOf(job, values));
    for (ImportFile& file : job.files) {
        requireDirection(file);
        cells.begin(file, job.options.temperatureC);
        readBitmap(file, job.options, *measurement, cells);
    }
    return measurement;
}

MeasurementPointer readLogs(const Job& job) {
    DumpShape shape;
    const bool mbist = job.options.format == ImportFormat::kArmMbist;
    if (mbist && !job.options.map.wordBits && !job.options.map.columns) shape.wordBits = 64;
    MapDescription map = job.options.map;
    // A log doesn't tell how many arrays there are: one without a fail is in no line.
    if (!map.arrays) map.arrays = 1U << std::min<std::size_t>(map.arrayBits.size(), 16);
    MeasurementPointer measurement = job.measurement(std::move(map), shape);
    if (mbist) {
        readMbistLogs(job.files, job.options, *measurement, job.notes);
    } else {
        readCsvLogs(job.files, job.options, *measurement, job.notes);
    }
    if (measurement->chips() > 1) {
        std::string names;
        std::uint32_t number = 0;
        for (const std::string& name : measurement->chipNames()) {
            names += (number == 0 ? "" : ", ") + std::to_string(number) + " is " + quoted(name);
            if (++number == 20) break;
        }
        if (measurement->chips() > number) names += ", ...";
        job.notes.lines.push_back("chips: " + names);
    }
    return measurement;
}

}  // namespace

const char* nameOf(ImportFormat format) {
    for (const FormatName& one : kFormats) {
        if (one.format == format) return one.name;
    }
    return "";
}

std::optional<ImportFormat> formatOf(const std::string& name) {
    for (const FormatName& one : kFormats) {
        if (name == one.name) return one.format;
    }
    return std::nullopt;
}

std::vector<std::string> importFormatNames() {
    std::vector<std::string> names;
    for (const FormatName& one : kFormats) names.emplace_back(one.name);
    return names;
}

void addGeometry(MapDescription& map, const MapDescription& given) {
    const auto add = [&](const char* what, std::optional<std::uint32_t>& to,
                         const std::optional<std::uint32_t>& from) {
        if (!from) return;
        if (to && *to != *from) {
            throw Error(map.name, std::string(what) + " is " + std::to_string(*to) +
                                      ", but the command line says " + std::to_string(*from));
        }
        to = from;
    };
    add("arrays", map.arrays, given.arrays);
    add("rows", map.rows, given.rows);
    add("columns", map.columns, given.columns);
    add("column_mux", map.columnMux, given.columnMux);
}

MeasurementPointer readMeasurement(std::vector<ImportFile>& files, const ImportOptions& options,
                                   const std::filesystem::path& folder, ImportNotes& notes) {
    if (files.empty()) throw UsageError("import", "no files");
    if (options.reads && (*options.reads == 0 || *options.reads == kNotMeasured)) {
        throw UsageError("--reads", "expected a number of reads from 1 to 2^32 - 2");
    }
    const bool log =
        options.format == ImportFormat::kCsv || options.format == ImportFormat::kArmMbist;
    for (ImportFile& file : files) {
        if (!file.voltage && !log) {
            file.voltage = voltageOfName(file.input->name(), options.voltagePattern);
        }
    }
    const Job job{files, options, folder, notes};
    switch (options.format) {
        case ImportFormat::kHexDump:
            return readHexDumps(job);
        case ImportFormat::kNpy:
            return readArrays(job);
        case ImportFormat::kBitmap01:
            return readBitmaps(job);
        case ImportFormat::kCsv:
        case ImportFormat::kArmMbist:
            break;
    }
    return readLogs(job);
}

}  // namespace brownout
