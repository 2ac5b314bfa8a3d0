#pragma once

#include <cstdint>
#include <vector>

#include "base/fingerprint.h"
#include "model/chip.h"
#include "profiles/hdf5/hdf5_reader.h"
#include "profiles/profile_info.h"

namespace brownout {

/// The cells of a profile in threshold encoding, read from the open file a chip at a time. Threads
/// may share it: each call takes the HDF5 lock.
class ThresholdCells {
 public:
    /// Opens the datasets of the group /cells/threshold and checks their shapes; called inside an
    /// Hdf5Session. Throws Error naming the file and the object.
    ThresholdCells(FileHandle file, const Hdf5Group& group, const SramGeometry& geometry,
                   std::uint32_t chips, bool noisy);
    ~ThresholdCells();
    ThresholdCells(const ThresholdCells&) = delete;
    ThresholdCells& operator=(const ThresholdCells&) = delete;

    double floorVoltage() const { return floorVoltage_; }
    double highestVoltage() const { return highestVoltage_; }
    const VoltageShifts& shifts() const { return shifts_; }

    /// Reads the cells of one chip whose critical voltage is above `floorVoltage`, which must not
    /// be below that of the file. Throws Error naming the file and the object.
    Chip read(std::uint32_t chip, double floorVoltage) const;

    /// Adds all numbers of the first `chips` chips to a fingerprint.
    void addTo(Fingerprinter& fingerprint, std::uint32_t chips) const;

    /// Reads every number once and drops it: for finding out whether that goes well.
    void readAll() const;

 private:
    /// Reads the critical voltages of a chip down to the floor.
    std::vector<float> readVoltages(std::uint32_t chip, double floorVoltage) const;

    SramGeometry geometry_;
    std::string place_;
    double floorVoltage_ = 0;
    double highestVoltage_ = 0;
    VoltageShifts shifts_;
    FileHandle file_;
    Hdf5Dataset cell_;
    Hdf5Dataset voltage_;
    Hdf5Dataset p01_;
    Hdf5Dataset p10_;
    std::vector<std::uint64_t> start_;  // of each chip's cells, and the end of the last one's
};

}  // namespace brownout
