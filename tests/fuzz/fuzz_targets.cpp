#include "tests/fuzz/fuzz_targets.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "model/accelerator/account_energy.h"
#include "profiles/accelerators/accelerator_yaml.h"
#include "profiles/import/descramble_yaml.h"
#include "profiles/import/file_names.h"
#include "profiles/import/read_measurement.h"
#include "tests/fuzz/expectations.h"

namespace brownout::fuzz {
namespace {

/// Checks what a measurement may never say, whatever the input.
class CheckingSink : public MeasurementSink {
 public:
    void begin(const SramGeometry& geometry, std::uint32_t chips,
               const CountsConditions& conditions, std::uint32_t mostTrials) override {
        geometry.validate();
        geometry_ = geometry;
        chips_ = chips;
        conditions_ = conditions;
        mostTrials_ = mostTrials;
    }
    void addSparse(const CountsPlace& place, std::uint32_t trials,
                   Span<const CellFails> failing) override {
        check(place, trials);
        for (std::size_t i = 0; i < failing.size(); ++i) {
            require(failing[i].cell < geometry_.cellsPerArray(), "a cell outside the array");
            require(i == 0 || failing[i].cell > failing[i - 1].cell, "cells that don't ascend");
            require(failing[i].fails > 0 && failing[i].fails <= trials, "fails");
        }
    }
    void addDense(const CountsPlace& place, std::uint32_t trials,
                  Span<const std::uint32_t> fails) override {
        check(place, trials);
        require(fails.size() == geometry_.cellsPerArray(), "an array of another size");
        for (const std::uint32_t count : fails) {
            require(count <= trials || count == kNotMeasured, "fails");
        }
    }

 private:
    void check(const CountsPlace& place, std::uint32_t trials) {
        require(place.chip < chips_ && place.array < geometry_.arrays, "a place outside");
        require(place.voltage < conditions_.voltages.size(), "a voltage outside");
        require(place.temperature < conditions_.temperatureCount(), "a temperature outside");
        require(place.pattern < conditions_.patternCount(), "a pattern outside");
        require(trials > 0 && trials <= mostTrials_, "trials");
        require(seen_
                    .emplace(place.chip, place.array, place.voltage, place.temperature,
                             place.pattern, place.direction)
                    .second,
                "a place that is added twice");
    }

    SramGeometry geometry_;
    std::uint32_t chips_ = 0;
    CountsConditions conditions_;
    std::uint32_t mostTrials_ = 0;
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t,
                        FailDirection>>
        seen_;
};

/// Options come from the first bytes, so that the fuzzer can choose them.
struct Bytes {
    const std::uint8_t* data;
    std::size_t size;

    std::uint8_t take() {
        if (size == 0) return 0;
        --size;
        return *data++;
    }
    std::string rest() const { return {reinterpret_cast<const char*>(data), size}; }
};

void importOne(const ImportOptions& options, std::string content,
               std::optional<double> voltage = 0.58,
               std::optional<FailDirection> direction = FailDirection::k01) {
    std::vector<ImportFile> files;
    files.push_back({memoryInput("input", std::move(content)), voltage, direction});
    ImportNotes notes;
    try {
        CheckingSink sink;
        // Nothing may need the folder: what is read here fits in memory.
        readMeasurement(files, options, "/nowhere", notes)->deliver(sink);
    } catch (const Error& error) {
        const std::string line = error.what();
        require(!line.empty() && line.size() < 4000, "the length of an error");
        require(line.find('\n') == std::string::npos, "a line break in an error");
    }
}

/// Some maps, from none to one that uses every key.
void addMap(ImportOptions& options, std::uint8_t choice) {
    MapDescription& map = options.map;
    if ((choice & 1) != 0) map.complementColumns.odd = true;
    if ((choice & 2) != 0) map.spareRows = {1};
    if ((choice & 4) != 0) map.msbFirst = true;
    if ((choice & 8) != 0) {
        map.selectBits = {{1, false}};
        map.rowBits = {{6, true}, {4, false}};
    }
}

void fuzzHexDump(const std::uint8_t* data, std::size_t size) {
    Bytes bytes{data, size};
    ImportOptions options;
    const std::uint8_t flags = bytes.take();
    options.dedupBytes = (flags & 1) != 0;
    options.wordBits = 4U * (1U + (flags >> 1 & 15));
    if ((flags & 32) != 0) options.background = 0xA5A5;
    options.wordsPerBlock = 8;
    addMap(options, bytes.take());
    importOne(options, bytes.rest());
}

void fuzzCsv(const std::uint8_t* data, std::size_t size) {
    Bytes bytes{data, size};
    ImportOptions options;
    options.format = ImportFormat::kCsv;
    const std::uint8_t flags = bytes.take();
    if ((flags & 1) != 0) options.reads = 100;
    if ((flags & 2) != 0) options.delimiter = ';';
    if ((flags & 4) != 0) options.alsoMeasured = {0.6};
    if ((flags & 8) != 0) options.directions = LoggedDirections::kBoth;
    if ((flags & 16) != 0) options.columns = {{"chip", "die"}, {"bit", "dq"}};
    if ((flags & 128) != 0) {
        options.decimal = ',';
        options.delimiter = ';';
        options.addressBase = 16;
    }
    options.map.arrays = 2;
    options.map.rows = (flags & 32) != 0 ? 3 : 4;
    options.map.columns = 16;
    options.map.columnMux = 2;
    addMap(options, bytes.take());
    importOne(options, bytes.rest(),
              (flags & 64) != 0 ? std::optional<double>() : std::optional<double>(0.58));
}

void fuzzNpy(const std::uint8_t* data, std::size_t size) {
    Bytes bytes{data, size};
    ImportOptions options;
    options.format = ImportFormat::kNpy;
    const std::uint8_t flags = bytes.take();
    const ArrayValues values[] = {ArrayValues::kFlags, ArrayValues::kCounts,
                                  ArrayValues::kProbabilities, ArrayValues::kWords};
    if ((flags & 4) != 0) options.values = values[flags & 3];
    if ((flags & 8) != 0) options.reads = 10;
    if ((flags & 16) != 0) options.map.rows = 4;
    options.wordsPerBlock = 8;
    options.dedupBytes = (flags & 32) != 0;
    addMap(options, bytes.take());
    importOne(options, bytes.rest());
}

void fuzzBitmap01(const std::uint8_t* data, std::size_t size) {
    Bytes bytes{data, size};
    ImportOptions options;
    options.format = ImportFormat::kBitmap01;
    const std::uint8_t flags = bytes.take();
    if ((flags & 1) != 0) options.reads = 100;
    if ((flags & 2) != 0) options.values = ArrayValues::kCounts;
    if ((flags & 4) != 0) options.delimiter = ' ';
    if ((flags & 16) != 0) {
        options.decimal = ',';
        options.delimiter = ';';
    }
    options.map.rows = 2;
    options.map.columns = 4;
    addMap(options, static_cast<std::uint8_t>(bytes.take() & 7));
    importOne(options, bytes.rest(), 0.58,
              (flags & 8) != 0 ? FailDirection::kUnknown : FailDirection::k10);
}

void fuzzArmMbist(const std::uint8_t* data, std::size_t size) {
    Bytes bytes{data, size};
    ImportOptions options;
    options.format = ImportFormat::kArmMbist;
    const std::uint8_t flags = bytes.take();
    options.reads = 3;
    options.fields = {"entry"};
    if ((flags & 1) != 0) options.fields = {"voltage", "array", "entry"};
    if ((flags & 2) != 0) options.fields = {"chip", "entry", "temperature"};
    options.map.arrays = 2;
    options.map.rows = 8;
    if ((flags & 4) != 0) options.map.columns = 32;
    addMap(options, static_cast<std::uint8_t>(bytes.take() & 7));
    importOne(options, bytes.rest());
}

/// Whatever a map says: if it is accepted, bits go to cells of their own.
void fuzzMap(const std::uint8_t* data, std::size_t size) {
    Bytes bytes{data, size};
    const std::uint8_t flags = bytes.take();
    const auto input = memoryInput("map.yaml", bytes.rest());
    try {
        DumpShape shape;
        if ((flags & 1) != 0) shape = {8, 16};
        const DescrambleMap map(readMap(*input), shape);
        const SramGeometry geometry = map.geometry(map.statedBlocks().value_or(1));
        const std::uint64_t bits = std::uint64_t{map.wordsPerBlock()} * map.wordBits();
        if (bits > 4096) return;
        std::vector<std::uint64_t> cells;
        for (std::uint32_t address = 0; address < map.wordsPerBlock(); ++address) {
            for (std::uint32_t bit = 0; bit < map.wordBits(); ++bit) {
                const auto place = map.place({0, address, bit});
                if (!place) continue;
                const CellAddress& cell = place->cell;
                require(cell.row < geometry.rows && cell.column < geometry.columns &&
                            cell.array < geometry.arrays,
                        "a cell outside");
                require(map.bitOfColumn(cell.column) == bit, "the bit of a column");
                cells.push_back(cellAt(geometry, cell));
            }
        }
        std::sort(cells.begin(), cells.end());
        require(std::adjacent_find(cells.begin(), cells.end()) == cells.end(),
                "two bits in one cell");
        require(cells.size() == geometry.cellsPerArray() * map.arraysPerBlock(), "an empty cell");
    } catch (const Error& error) {
        require(std::string(error.what()).find('\n') == std::string::npos, "a line break");
    }
}

void fuzzNames(const std::uint8_t* data, std::size_t size) {
    const std::string name = Bytes{data, size}.rest();
    for (const double voltage : voltagesInName(name)) {
        require(voltage > 0 && voltage < 1e12, "a voltage");
    }
    directionInName(name);
    for (const char decimal : {'.', ','}) {
        if (const auto volts = parseVolts(name, decimal)) require(*volts > 0, "volts");
    }
    require(!voltsProblem(name).empty(), "a problem");
    if (const auto bit = parseAddressBit(name)) require(bit->mask < 1ULL << 32, "an address bit");
}

/// A description that is read fits together, and small networks can be accounted for on it.
void fuzzAccelerator(const std::uint8_t* data, std::size_t size) {
    expectErrorsOfOneLine([&] {
        const auto input = memoryInput("input", Bytes{data, size}.rest());
        const Accelerator accelerator = readAccelerator(*input).accelerator;
        accelerator.validate();
        NetworkShape network;
        network.tensors = {3 * 9 * 9, 8 * 5 * 5};
        network.images = {0};
        network.results = {1};
        LayerShape layer;
        layer.inputs = {0};
        layer.outputs = {1};
        ProductShape product;
        product.channels = 3;
        product.filters = 8;
        product.in = {1, 9, 9};
        product.out = {1, 5, 5};
        product.kernel = {1, 3, 3};
        product.stride = {1, 2, 2};
        product.padding = {0, 1, 1};
        layer.products = {product};
        network.layers = {layer};
        try {
            const Account account = accountOf(accelerator, network, 2);
            require(account.total().macs == 2 * product.macs(), "multiply-accumulates");
            const auto layers = energyOf(accelerator, account, nominalSupplies(accelerator));
            require(totalOf(layers).seconds > 0, "the time");
        } catch (const Error& error) {
            throw Error("input", error.what());  // a mapping that doesn't fit
        }
    });
}

}  // namespace

const std::vector<FuzzTarget>& fuzzTargets() {
    static const std::vector<FuzzTarget> targets = [] {
        std::vector<FuzzTarget> all{
            {"hex-dump", fuzzHexDump},
            {"csv", fuzzCsv},
            {"npy", fuzzNpy},
            {"bitmap01", fuzzBitmap01},
            {"arm-mbist", fuzzArmMbist},
            {"map", fuzzMap},
            {"names", fuzzNames},
            {"accelerator", fuzzAccelerator},
        };
        for (FuzzTarget& target : dataTargets()) all.push_back(std::move(target));
        for (FuzzTarget& target : networkTargets()) all.push_back(std::move(target));
        for (FuzzTarget& target : hardwareTargets()) all.push_back(std::move(target));
        for (FuzzTarget& target : frameTargets()) all.push_back(std::move(target));
        return all;
    }();
    return targets;
}

}  // namespace brownout::fuzz
