#include "profiles/import/measurement.h"

#include <algorithm>
#include <limits>
#include <sstream>

#include "base/error.h"
#include "base/fields.h"
#include "base/input.h"
#include "base/numbers.h"

namespace brownout {
namespace {

constexpr std::uint32_t kDirections = 3;
constexpr std::size_t kMostEntries = std::size_t{1} << 20;
constexpr double kNoTemperature = -1000;

FailDirection directionOf(std::uint32_t group) {
    return static_cast<FailDirection>(group % kDirections);
}

std::uint64_t lowBits(std::uint32_t count) {
    return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

/// Numbers in numeric order before other names in theirs: 2, 10, A.
bool nameBefore(const std::string& a, const std::string& b) {
    const auto x = parseUnsigned(a), y = parseUnsigned(b);
    if (x && y && *x != *y) return *x < *y;
    if (x.has_value() != y.has_value()) return x.has_value();
    return a < b;
}

template <typename T>
std::uint32_t indexIn(const std::vector<T>& sorted, const T& value) {
    return static_cast<std::uint32_t>(std::lower_bound(sorted.begin(), sorted.end(), value) -
                                      sorted.begin());
}

template <typename T>
void sortUnique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

struct Measurement::Numbers {
    SramGeometry geometry;
    std::vector<std::uint32_t> chip;  // of each chip as it was met
    CountsConditions conditions;
    std::uint32_t mostTrials = 0;

    CountsPlace placeOf(const Entry& entry) const {
        CountsPlace place;
        place.chip = chip[entry.chip];
        place.voltage = indexIn(conditions.voltages, entry.condition.voltage);
        if (entry.condition.temperatureC) {
            place.temperature = indexIn(conditions.temperaturesC, *entry.condition.temperatureC);
        }
        if (!conditions.patterns.empty()) {
            place.pattern = indexIn(conditions.patterns, entry.condition.pattern);
        }
        return place;
    }
};

Measurement::Measurement(DescrambleMap map, const std::filesystem::path& folder,
                         std::size_t inMemory)
    : map_(std::move(map)),
      sorter_(folder, inMemory),
      cellsPerArray_(map_.geometry(map_.statedBlocks().value_or(1)).cellsPerArray()) {
    needBlocks(map_.statedBlocks().value_or(0));
}

std::uint32_t Measurement::chip(const std::string& name) {
    const auto [at, isNew] =
        chipNumbers_.emplace(name, static_cast<std::uint32_t>(chipNames_.size()));
    if (isNew) {
        if (chipNames_.size() == kMostEntries) throw Error("import", "more than 2^20 chips");
        chipNames_.push_back(name);
    }
    return at->second;
}

std::vector<std::string> Measurement::chipNames() const {
    std::vector<std::string> names = chipNames_;
    std::sort(names.begin(), names.end(), nameBefore);
    return names;
}

double Measurement::supplyOf(double voltage) {
    if (voltage == lastVoltage_) return lastSupply_;
    lastVoltage_ = voltage;
    lastSupply_ = roundTo12Digits(voltage);
    const auto above = supplies_.lower_bound(lastSupply_);
    if (above != supplies_.end() && sameButForNoise(*above, lastSupply_)) {
        return lastSupply_ = *above;
    }
    if (above != supplies_.begin() && sameButForNoise(*std::prev(above), lastSupply_)) {
        return lastSupply_ = *std::prev(above);
    }
    supplies_.insert(above, lastSupply_);
    return lastSupply_;
}

std::uint32_t Measurement::entry(std::uint32_t chip, const ReadCondition& read, bool* isNew) {
    ReadCondition condition = read;
    condition.voltage = supplyOf(read.voltage);
    const Key key{chip, condition.voltage, condition.temperatureC.value_or(kNoTemperature),
                  condition.pattern};
    const auto [at, added] =
        entryNumbers_.emplace(key, static_cast<std::uint32_t>(entries_.size()));
    if (isNew != nullptr) *isNew = added;
    if (added) {
        if (entries_.size() == kMostEntries) {
            throw Error("import", "more than 2^20 chips and conditions");
        }
        entries_.push_back({chip, condition, {}});
    }
    return at->second;
}

const ReadCondition& Measurement::condition(std::uint32_t entry) const {
    return entries_[entry].condition;
}

void Measurement::needBlocks(std::uint64_t blocks) {
    if (blocks <= blocks_) return;
    const auto stated = map_.statedBlocks();
    if (stated && blocks > *stated) {
        throw Error(map_.name(), "has " + std::to_string(*map_.arrays()) +
                                     " arrays; the data speak of more: of block " +
                                     std::to_string(blocks - 1) + ", counted from 0");
    }
    map_.geometry(blocks);
    blocks_ = blocks;
}

void Measurement::fail(std::uint32_t entry, const DumpBit& bit, FailDirection direction,
                       std::uint32_t count) {
    const auto place = map_.place(bit);
    if (!place || count == 0) return;
    if (place->complement && direction != FailDirection::kUnknown) {
        direction = direction == FailDirection::k01 ? FailDirection::k10 : FailDirection::k01;
    }
    failingReads_[static_cast<std::size_t>(direction)] += count;
    sorter_.add({entry * kDirections + static_cast<std::uint32_t>(direction),
                 static_cast<std::uint32_t>(place->cell.array * cellsPerArray_ +
                                            std::uint64_t{place->cell.row} * map_.columns() +
                                            place->cell.column),
                 count});
}

std::string Measurement::describe(const Entry& entry) const {
    std::ostringstream text;
    if (chipNames_.size() > 1) text << "chip " << quoted(chipNames_[entry.chip]) << ", ";
    text << entry.condition.voltage << " V";
    if (entry.condition.temperatureC) text << ", " << *entry.condition.temperatureC << " C";
    if (!entry.condition.pattern.empty()) text << ", pattern " << quoted(entry.condition.pattern);
    return text.str();
}

Measurement::Numbers Measurement::finalNumbers() const {
    Numbers numbers;
    numbers.geometry = map_.geometry(blocks_);
    const std::vector<std::string> names = chipNames();
    for (const std::string& name : chipNames_) {
        numbers.chip.push_back(static_cast<std::uint32_t>(
            std::lower_bound(names.begin(), names.end(), name, nameBefore) - names.begin()));
    }
    CountsConditions& conditions = numbers.conditions;
    for (const Entry& entry : entries_) {
        conditions.voltages.push_back(entry.condition.voltage);
        if (entry.condition.temperatureC) {
            conditions.temperaturesC.push_back(*entry.condition.temperatureC);
        }
        if (!entry.condition.pattern.empty()) {
            conditions.patterns.push_back(entry.condition.pattern);
        }
        numbers.mostTrials = std::max(numbers.mostTrials, entry.coverage.reads);
    }
    for (const std::size_t known : {conditions.temperaturesC.size(), conditions.patterns.size()}) {
        if (known != 0 && known != entries_.size()) {
            throw Error("import",
                        "a part of the measurements has a temperature or a pattern and "
                        "another has none; expected one for each");
        }
    }
    sortUnique(conditions.voltages);
    sortUnique(conditions.temperaturesC);
    sortUnique(conditions.patterns);
    return numbers;
}

void Measurement::deliver(MeasurementSink& sink) {
    if (entries_.empty() || blocks_ == 0) throw Error("import", "the files name no measurement");
    const Numbers numbers = finalNumbers();
    sink.begin(numbers.geometry, static_cast<std::uint32_t>(chipNames_.size()), numbers.conditions,
               numbers.mostTrials);

    // Every array of every group in turn; most have no faults.
    const std::uint32_t arrays = numbers.geometry.arrays;
    std::uint32_t group = 0, array = 0;
    std::vector<CellFails> failing;
    const auto next = [&] {
        deliverArray(sink, numbers, group, array, failing);
        failing.clear();
        if (++array == arrays) {
            array = 0;
            ++group;
        }
    };
    sorter_.drain([&](const FaultCount& fault) {
        const auto itsArray = static_cast<std::uint32_t>(fault.cell / cellsPerArray_);
        while (group != fault.group || array != itsArray) next();
        const auto cell = static_cast<std::uint32_t>(fault.cell % cellsPerArray_);
        if (!failing.empty() && failing.back().cell == cell) {
            std::uint32_t& fails = failing.back().fails;
            fails = fault.fails > kNotMeasured - fails ? kNotMeasured : fails + fault.fails;
        } else {
            failing.push_back({cell, fault.fails});
        }
    });
    while (group != entries_.size() * kDirections) next();
}

void Measurement::deliverArray(MeasurementSink& sink, const Numbers& numbers, std::uint32_t group,
                               std::uint32_t array, Span<const CellFails> failing) {
    const Entry& entry = entries_[group / kDirections];
    const Coverage& coverage = entry.coverage;
    CountsPlace place = numbers.placeOf(entry);
    place.array = array;
    place.direction = directionOf(group);
    const SramGeometry& geometry = numbers.geometry;

    const auto blame = [&](const CellFails& cell, const std::string& problem) {
        throw Error("import", describe(entry) + ", array " + std::to_string(array) + ", row " +
                                  std::to_string(cell.cell / geometry.columns) + ", column " +
                                  std::to_string(cell.cell % geometry.columns) + ": " + problem);
    };
    for (const CellFails& cell : failing) {
        if (cell.fails > coverage.reads) {
            blame(cell, std::to_string(cell.fails) + " failing reads (" + nameOf(place.direction) +
                            ") of " + std::to_string(coverage.reads) +
                            "; expected no more fails than reads");
        }
    }

    // Bits of a word that were looked at in this direction, in cells that hold them and in cells
    // that hold their complement.
    const std::uint64_t word = lowBits(map_.wordBits());
    std::uint64_t plain =
        (place.direction == FailDirection::k01 ? coverage.bits01 : coverage.bits10) & word;
    std::uint64_t complement =
        (place.direction == FailDirection::k01 ? coverage.bits10 : coverage.bits01) & word;
    if (place.direction == FailDirection::kUnknown)
        plain = complement = coverage.unknown ? word : 0;
    if (!map_.hasComplement()) complement = plain;
    if (plain == 0 && complement == 0) {
        if (!failing.empty()) blame(failing[0], "failed in a direction that was not looked for");
        return;
    }
    if (plain == word && complement == word) {
        sink.addSparse(place, coverage.reads, failing);
        return;
    }
    fails_.resize(cellsPerArray_);
    std::size_t i = 0;
    for (std::uint32_t row = 0; row < geometry.rows; ++row) {
        for (std::uint32_t column = 0; column < geometry.columns; ++column, ++i) {
            const std::uint64_t seen = map_.complement(row, column) ? complement : plain;
            fails_[i] = (seen >> map_.bitOfColumn(column) & 1) != 0 ? 0 : kNotMeasured;
        }
    }
    for (const CellFails& cell : failing) {
        if (fails_[cell.cell] != 0) blame(cell, "failed in a direction that was not looked for");
        fails_[cell.cell] = cell.fails;
    }
    sink.addDense(place, coverage.reads, fails_);
}

}  // namespace brownout
