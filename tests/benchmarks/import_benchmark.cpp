#include <benchmark/benchmark.h>

#include <filesystem>
#include <random>

#include "profiles/import/hex_dump.h"
#include "profiles/import/read_measurement.h"
#include "profiles/import/write_measurement.h"

// Importing: megabytes a second of hexadecimal text (the aim: 50), beside copying the same bytes in
// memory, and of fail logs.

namespace brownout {
namespace {

/// A dump of 16 Mbit in which a share of the words has one 0 bit.
std::string dump(double share) {
    std::mt19937_64 random(1);
    std::string text(std::size_t{4} << 20, 'F');
    for (std::size_t word = 0; word < text.size() / 4; ++word) {
        if (static_cast<double>(random() >> 11) * 0x1p-53 < share)
            text[word * 4 + random() % 4] = 'E';
    }
    return text;
}

std::unique_ptr<Measurement> read(const std::string& name, const std::string& text,
                                  const ImportOptions& options) {
    std::vector<ImportFile> files;
    files.push_back({memoryInput(name, text), {}, {}});
    ImportNotes notes;
    return readMeasurement(files, options, std::filesystem::temp_directory_path(), notes);
}

void setRate(benchmark::State& state, std::size_t bytes) {
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                            static_cast<std::int64_t>(bytes));
}

/// Reading alone: a word in N fails.
void BM_ReadHexDump(benchmark::State& state) {
    const std::string text = dump(1.0 / static_cast<double>(state.range(0)));
    for (auto unused : state) benchmark::DoNotOptimize(read("0.58V", text, {})->blocks());
    setRate(state, text.size());
}
BENCHMARK(BM_ReadHexDump)->Arg(1000000)->Arg(1000)->Arg(10)->Unit(benchmark::kMillisecond);

/// Reading and writing the profile: what `profile import` does.
void BM_ImportHexDump(benchmark::State& state) {
    const std::string text = dump(1.0 / static_cast<double>(state.range(0)));
    const auto path = std::filesystem::temp_directory_path() / "brownout-import-benchmark.h5";
    ProfileHeader header;
    header.info = infoForNewProfile(Provenance::kMeasured, "benchmark");
    for (auto unused : state) {
        const auto measurement = read("0.58V", text, {});
        writeMeasurement(path, header, *measurement);
    }
    std::filesystem::remove(path);
    setRate(state, text.size());
}
BENCHMARK(BM_ImportHexDump)->Arg(1000000)->Arg(1000)->Unit(benchmark::kMillisecond);

/// The limit that no reader passes: copying the text once.
void BM_CopyHexDump(benchmark::State& state) {
    const std::string text = dump(0);
    for (auto unused : state) {
        const std::string copy = text;
        benchmark::DoNotOptimize(copy.data());
    }
    setRate(state, text.size());
}
BENCHMARK(BM_CopyHexDump)->Unit(benchmark::kMillisecond);

void BM_ReadCsvLog(benchmark::State& state) {
    std::mt19937_64 random(1);
    std::string text = "chip,array,voltage,address,bit,expected,fails,reads\n";
    for (int i = 0; i < 100000; ++i) {
        text += "7," + std::to_string(random() % 32) + ",0.58," + std::to_string(random() % 512) +
                "," + std::to_string(random() % 64) + ",1,1,100000\n";
    }
    ImportOptions options;
    options.format = ImportFormat::kCsv;
    options.map.arrays = 32;
    options.map.rows = 512;
    options.map.columns = 64;
    for (auto unused : state) benchmark::DoNotOptimize(read("log.csv", text, options)->blocks());
    setRate(state, text.size());
}
BENCHMARK(BM_ReadCsvLog)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace brownout
