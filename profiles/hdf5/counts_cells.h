#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "profiles/fail_counts.h"
#include "profiles/hdf5/hdf5_grid.h"
#include "profiles/hdf5/hdf5_reader.h"

namespace brownout {

/// The cells of a profile in counts encoding, read from the open file. Threads may share it: each
/// call takes the HDF5 lock.
class CountsCells {
 public:
    /// Opens the datasets of the group /cells/counts and checks their shapes; called inside an
    /// Hdf5Session. Throws Error naming the file and the object.
    CountsCells(FileHandle file, const Hdf5Group& group, const SramGeometry& geometry,
                std::uint32_t chips);
    ~CountsCells();
    CountsCells(const CountsCells&) = delete;
    CountsCells& operator=(const CountsCells&) = delete;

    /// Returns the conditions, of supplies that differ by noise of arithmetic one: of their
    /// measurements the worst counts, as of several patterns.
    const CountsConditions& conditions() const { return conditions_; }
    /// Returns the supplies as they are in the file.
    const std::vector<double>& storedVoltages() const { return storedVoltages_; }
    bool has(FailDirection direction) const { return of(direction).fails.has_value(); }

    /// Reads one chip at a voltage and a temperature (indices). Throws Error naming the file and
    /// the cell if it has more fails than trials.
    MeasuredCells read(std::uint32_t chip, std::uint32_t voltage, std::uint32_t temperature) const;

    /// Reads one array. `place` must be inside the profile; everything is kNotMeasured if its
    /// direction was never measured. Of several measurements at one supply a cell has the counts of
    /// that in which it failed most often.
    ArrayCounts readArray(const CountsPlace& place) const;

    /// Reads and drops as much as is needed to find out whether reading goes well.
    void readAll() const;

 private:
    struct Counted {
        std::optional<Hdf5Grid> fails;
        std::optional<Hdf5Grid> trials;
    };
    const Counted& of(FailDirection direction) const {
        return counted_[static_cast<std::size_t>(direction)];
    }
    Counted openCounted(const Hdf5Group& group, FailDirection direction,
                        const GridPoint& shape) const;
    struct Scratch;
    std::uint32_t firstStored(std::uint32_t voltage) const {
        return voltage == 0 ? 0 : storedEnds_[voltage - 1];
    }
    ArrayCounts readStoredArray(const CountsPlace& place) const;
    void addWorst(FailDirection direction, const GridPoint& first, std::uint64_t rows,
                  std::vector<float>& worst, Scratch& scratch) const;

    SramGeometry geometry_;
    FileHandle file_;
    std::vector<double> storedVoltages_;
    CountsConditions conditions_;
    std::vector<std::uint32_t>
        storedEnds_;  ///< end of the stored supplies that each one stands for
    std::array<Counted, kFailDirections.size()> counted_;
};

}  // namespace brownout
