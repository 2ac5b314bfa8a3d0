#include "profiles/hdf5/threshold_cells.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "profiles/generator/recipe.h"

namespace brownout {
namespace {

// Cells are read in pieces of this size until the floor is reached.
constexpr std::uint64_t kBlock = 1 << 16;

void requireSize(const Hdf5Dataset& dataset, std::uint64_t size, const std::string& of) {
    if (dataset.size() == size) return;
    dataset.fail("has " + std::to_string(dataset.size()) + " elements; expected " +
                 std::to_string(size) + ", as many as " + of);
}

VoltageShifts readShifts(const Hdf5Group& group, bool noisy) {
    VoltageShifts shifts;
    if (noisy) {
        shifts.readNoise = group.number("read_noise");
        if (!(shifts.readNoise > 0)) group.fail("attribute 'read_noise' is not positive");
    } else if (group.hasAttribute("read_noise")) {
        group.fail(std::string("has an attribute 'read_noise'; expected the encoding '") +
                   kNoisyThreshold + "'");
    }
    if (group.hasAttribute("reference_temperature")) {
        shifts.referenceTemperatureC = group.number("reference_temperature");
    }
    if (group.hasAttribute("temperature_coefficient")) {
        shifts.temperatureCoefficient = group.number("temperature_coefficient");
        if (!shifts.referenceTemperatureC) {
            group.fail("has an attribute 'temperature_coefficient' but no 'reference_temperature'");
        }
    }
    return shifts;
}

std::vector<std::uint64_t> readStarts(const Hdf5Group& group, const SramGeometry& geometry,
                                      std::uint32_t chips, std::uint64_t cells) {
    const Hdf5Dataset dataset = group.dataset("chip_start");
    requireSize(dataset, std::uint64_t{chips} + 1, "chips and one");
    std::vector<std::uint64_t> starts = dataset.unsignedIntegers(0, dataset.size());
    if (starts.front() != 0) dataset.fail("element 0 is not 0");
    if (starts.back() != cells) {
        dataset.fail("ends with " + std::to_string(starts.back()) + "; expected " +
                     std::to_string(cells) + ", the number of cells in the file");
    }
    const std::uint64_t most = std::min(geometry.cells(), kMostCellsOfAChip);
    for (std::size_t i = 1; i < starts.size(); ++i) {
        if (starts[i] < starts[i - 1]) {
            dataset.fail("element " + std::to_string(i) + " is smaller than the one before");
        }
        if (starts[i] - starts[i - 1] > most) {
            dataset.fail("chip " + std::to_string(i - 1) + " has " +
                         std::to_string(starts[i] - starts[i - 1]) +
                         " failing cells; expected at most " + std::to_string(most));
        }
    }
    return starts;
}

}  // namespace

ThresholdCells::ThresholdCells(FileHandle file, const Hdf5Group& group,
                               const SramGeometry& geometry, std::uint32_t chips, bool noisy)
    : geometry_(geometry),
      place_(group.place()),
      floorVoltage_(group.number("floor_voltage")),
      highestVoltage_(group.number("highest_voltage")),
      shifts_(readShifts(group, noisy)),
      file_(std::move(file)),
      cell_(group.dataset("cell")),
      voltage_(group.dataset("voltage")),
      p01_(group.dataset("p01")),
      p10_(group.dataset("p10")),
      start_(readStarts(group, geometry, chips, cell_.size())) {
    if (noisy && !(highestVoltage_ > floorVoltage_ + kReadNoiseReach * shifts_.readNoise)) {
        group.fail(
            "highest_voltage is not above floor_voltage by more than the reach of the read "
            "noise, 5 times read_noise");
    }
    if (!(floorVoltage_ > 0 && highestVoltage_ > floorVoltage_)) {
        std::ostringstream text;
        text << "floor_voltage " << floorVoltage_ << " and highest_voltage " << highestVoltage_
             << "; expected positive, the second above the first";
        group.fail(text.str());
    }
    requireSize(voltage_, cell_.size(), "cell");
    requireSize(p01_, cell_.size(), "cell");
    requireSize(p10_, cell_.size(), "cell");
}

ThresholdCells::~ThresholdCells() {
    const Hdf5Session session;
    for (Hdf5Dataset* dataset : {&cell_, &voltage_, &p01_, &p10_}) dataset->close();
    file_.close();
}

std::vector<float> ThresholdCells::readVoltages(std::uint32_t chip, double floorVoltage) const {
    std::vector<float> voltages;
    const std::uint64_t end = start_[chip + 1];
    for (std::uint64_t first = start_[chip]; first < end; first += kBlock) {
        const std::vector<float> block = voltage_.singles(first, std::min(kBlock, end - first));
        for (const float voltage : block) {
            if (!std::isfinite(voltage) || (!voltages.empty() && voltage > voltages.back())) {
                voltage_.fail("element " + std::to_string(start_[chip] + voltages.size()) +
                              " is not finite or higher than the one before; expected the cells of "
                              "a chip by descending voltage");
            }
            if (!(static_cast<double>(voltage) > floorVoltage)) {
                if (floorVoltage > floorVoltage_) return voltages;
                voltage_.fail("element " + std::to_string(start_[chip] + voltages.size()) +
                              " is not above the floor voltage");
            }
            voltages.push_back(voltage);
        }
    }
    return voltages;
}

Chip ThresholdCells::read(std::uint32_t chip, double floorVoltage) const {
    std::vector<FaultyCell> cells;
    {
        const Hdf5Session session;
        const std::vector<float> voltages = readVoltages(chip, floorVoltage);
        const std::uint64_t first = start_[chip];
        const std::vector<std::uint64_t> numbers = cell_.unsignedIntegers(first, voltages.size());
        const std::vector<float> p01 = p01_.singles(first, voltages.size());
        const std::vector<float> p10 = p10_.singles(first, voltages.size());
        cells.reserve(voltages.size());
        for (std::size_t i = 0; i < voltages.size(); ++i) {
            if (numbers[i] >= geometry_.cells()) {
                cell_.fail("element " + std::to_string(first + i) + " is " +
                           std::to_string(numbers[i]) + "; expected less than " +
                           std::to_string(geometry_.cells()) + ", the cells of a chip");
            }
            cells.push_back({static_cast<std::uint32_t>(numbers[i]), voltages[i], p01[i], p10[i]});
        }
    }
    try {
        return Chip(geometry_, std::move(cells), floorVoltage, shifts_.readNoise);
    } catch (const Error& error) {
        throw Error(place_, "chip " + std::to_string(chip) + ": " + error.what());
    }
}

void ThresholdCells::addTo(Fingerprinter& fingerprint, std::uint32_t chips) const {
    for (std::uint32_t chip = 0; chip < chips; ++chip) {
        fingerprint.addNumber(static_cast<double>(start_[chip + 1] - start_[chip]));
    }
    const auto add = [&](const auto& values) {
        fingerprint.add(values.data(), values.size() * sizeof values[0]);
    };
    for (std::uint64_t first = 0; first < start_[chips]; first += kBlock) {
        const Hdf5Session session;
        const std::uint64_t count = std::min(kBlock, start_[chips] - first);
        add(cell_.unsignedIntegers(first, count));
        for (const Hdf5Dataset* dataset : {&voltage_, &p01_, &p10_}) {
            add(dataset->singles(first, count));
        }
    }
}

void ThresholdCells::readAll() const {
    const Hdf5Session session;
    for (std::uint64_t first = 0; first < cell_.size(); first += kBlock) {
        const std::uint64_t count = std::min(kBlock, cell_.size() - first);
        cell_.unsignedIntegers(first, count);
        for (const Hdf5Dataset* dataset : {&voltage_, &p01_, &p10_}) dataset->singles(first, count);
    }
}

}  // namespace brownout
