#include "profiles/chips/chip_fingerprint.h"

#include "profiles/hdf5/spatial_fields.h"

namespace brownout {
namespace {

void addOptional(Fingerprinter& fingerprint, const std::optional<double>& number) {
    fingerprint.addNumber(number ? 1 : 0);
    fingerprint.addNumber(number.value_or(0));
}

}  // namespace

void addDevice(Fingerprinter& fingerprint, const Device& device,
               const std::optional<EnergyModel>& energy) {
    const SramGeometry& g = device.geometry;
    for (const std::uint32_t side : {g.arrays, g.rows, g.columns, g.columnMux}) {
        fingerprint.addNumber(side);
    }
    fingerprint.addText(nameOf(device.unit));
    addOptional(fingerprint, device.vminV);
    if (!energy) return;
    fingerprint.addNumber(energy->reference());
    for (const EnergyPoint& point : energy->points()) {
        for (const double number : {point.supply, point.readJ, point.writeJ}) {
            fingerprint.addNumber(number);
        }
        addOptional(fingerprint, point.leakageW);
    }
}

void addRecipe(Fingerprinter& fingerprint, const Recipe& recipe) {
    fingerprint.addText(recipe.generator);
    fingerprint.add(&recipe.seed, sizeof recipe.seed);
    for (const CurvePoint& point : recipe.curve.points()) {
        fingerprint.addNumber(point.voltage);
        fingerprint.addNumber(point.rate);
    }
    const BehaviourShares& shares = recipe.shares;
    for (const double share : {shares.flipping, shares.stuckAt0, shares.stuckAt1}) {
        fingerprint.addNumber(share);
    }
    if (!recipe.spatial) return;
    fingerprint.addNumber(recipe.spatial->arraysAcross);
    for (const SpatialField& field : spatialFields()) {
        fingerprint.addNumber((*recipe.spatial).*field.member);
    }
}

void addShifts(Fingerprinter& fingerprint, const VoltageShifts& shifts, double floorVoltage,
               double highestVoltage) {
    for (const double number :
         {floorVoltage, highestVoltage, shifts.readNoise, shifts.temperatureCoefficient}) {
        fingerprint.addNumber(number);
    }
    addOptional(fingerprint, shifts.referenceTemperatureC);
}

void addCounts(Fingerprinter& fingerprint, const CountsCells& counts, std::uint32_t chips) {
    const CountsConditions& conditions = counts.conditions();
    for (const auto* axis : {&conditions.voltages, &conditions.temperaturesC}) {
        fingerprint.addNumber(static_cast<double>(axis->size()));
        for (const double value : *axis) fingerprint.addNumber(value);
    }
    const auto voltages = static_cast<std::uint32_t>(conditions.voltages.size());
    const auto temperatures = static_cast<std::uint32_t>(conditions.temperatureCount());
    for (std::uint32_t chip = 0; chip < chips; ++chip) {
        for (std::uint32_t v = 0; v < voltages; ++v) {
            for (std::uint32_t t = 0; t < temperatures; ++t) {
                const MeasuredCells measured = counts.read(chip, v, t);
                for (const std::uint64_t count :
                     {measured.measured01, measured.measured10, measured.unknownDirection}) {
                    fingerprint.addNumber(static_cast<double>(count));
                }
                fingerprint.addNumber(static_cast<double>(measured.failing.size()));
                for (const FaultyCell& cell : measured.failing) {
                    fingerprint.add(&cell.cell, sizeof cell.cell);
                    fingerprint.add(&cell.p01, sizeof cell.p01);
                    fingerprint.add(&cell.p10, sizeof cell.p10);
                }
            }
        }
    }
}

}  // namespace brownout
