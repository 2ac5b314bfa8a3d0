#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/span.h"
#include "profiles/fail_counts.h"
#include "profiles/import/descramble_map.h"
#include "profiles/import/fault_sorter.h"

namespace brownout {

/// The conditions of a read of a dump.
struct ReadCondition {
    double voltage = 0;  ///< unit of the profile
    std::optional<double> temperatureC;
    std::string pattern;  ///< name of the data pattern; may be empty
};

/// The bits of a word that were looked at in each direction, and in how many reads.
struct Coverage {
    std::uint32_t reads = 0;
    std::uint64_t bits01 = 0;  ///< bits that were read with a 0 stored
    std::uint64_t bits10 = 0;  ///< bits that were read with a 1 stored
    bool unknown = false;      ///< failing reads of unknown direction
};

/// The receiver of a finished measurement.
class MeasurementSink {
 public:
    virtual ~MeasurementSink() = default;
    /// Begins the measurement: the first call.
    virtual void begin(const SramGeometry& geometry, std::uint32_t chips,
                       const CountsConditions& conditions, std::uint32_t mostTrials) = 0;
    /// Takes one array under one condition; `failing` ascends, all other cells never failed.
    virtual void addSparse(const CountsPlace& place, std::uint32_t trials,
                           Span<const CellFails> failing) = 0;
    /// Takes one array as a number for each cell, kNotMeasured where it wasn't looked at.
    virtual void addDense(const CountsPlace& place, std::uint32_t trials,
                          Span<const std::uint32_t> fails) = 0;
};

/// The product of importers: chips, the conditions they were read under, and every failing read, in
/// any order and in bounded memory.
class Measurement {
 public:
    static constexpr std::size_t kFaultsInMemory = std::size_t{1} << 21;

    /// Makes an empty measurement. Faults beyond `inMemory` wait in a nameless file in `folder`.
    Measurement(DescrambleMap map, const std::filesystem::path& folder,
                std::size_t inMemory = kFaultsInMemory);

    const DescrambleMap& map() const { return map_; }

    /// Returns the number of the chip with this name. Chips are numbered in the order of their
    /// names in the end.
    std::uint32_t chip(const std::string& name);
    std::size_t chips() const { return chipNames_.size(); }
    /// Returns the names of the chips as they are numbered in the end.
    std::vector<std::string> chipNames() const;

    /// Returns the number of what was read of a chip under a condition; `isNew` says whether it is
    /// the first time. Supplies that differ by noise of arithmetic are one. Throws Error if there
    /// are too many.
    std::uint32_t entry(std::uint32_t chip, const ReadCondition& condition, bool* isNew = nullptr);
    std::size_t entries() const { return entries_.size(); }
    const ReadCondition& condition(std::uint32_t entry) const;
    std::uint32_t chipOf(std::uint32_t entry) const { return entries_[entry].chip; }
    Coverage& coverage(std::uint32_t entry) { return entries_[entry].coverage; }

    /// Adds `count` failing reads of a bit, which must be in range. Bits of spare rows are dropped.
    void fail(std::uint32_t entry, const DumpBit& bit, FailDirection direction,
              std::uint32_t count);

    /// Notes that the dump has at least this many blocks. Throws Error if the map knows that there
    /// are fewer, or if cell numbers would not fit.
    void needBlocks(std::uint64_t blocks);
    std::uint64_t blocks() const { return blocks_; }

    /// Returns the failing reads seen, spare rows apart.
    std::uint64_t failingReads(FailDirection direction) const {
        return failingReads_[static_cast<std::size_t>(direction)];
    }

    /// Gives everything to `sink`, once, at the end. Throws Error if a cell failed more often than
    /// it was read, naming it.
    void deliver(MeasurementSink& sink);

 private:
    struct Entry {
        std::uint32_t chip = 0;
        ReadCondition condition;
        Coverage coverage;
    };
    /// Returns the supply that stands for all that differ from `voltage` by noise only.
    double supplyOf(double voltage);
    struct Numbers;  // final numbers of chips and conditions
    using Key = std::tuple<std::uint32_t, double, double, std::string>;

    Numbers finalNumbers() const;
    void deliverArray(MeasurementSink& sink, const Numbers& numbers, std::uint32_t group,
                      std::uint32_t array, Span<const CellFails> failing);
    std::string describe(const Entry& entry) const;

    DescrambleMap map_;
    FaultSorter sorter_;
    std::map<std::string, std::uint32_t> chipNumbers_;
    std::vector<std::string> chipNames_;
    std::map<Key, std::uint32_t> entryNumbers_;
    std::vector<std::uint32_t> fails_;  // of one array, cell by cell
    std::vector<Entry> entries_;
    std::set<double> supplies_;
    double lastVoltage_ = 0;  // last voltage that supplyOf was asked for, and its answer
    double lastSupply_ = 0;
    std::uint64_t blocks_ = 0;
    std::uint64_t cellsPerArray_ = 0;
    std::uint64_t failingReads_[3] = {0, 0, 0};
};

}  // namespace brownout
