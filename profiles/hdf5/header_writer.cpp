#include "profiles/hdf5/header_writer.h"

#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"

namespace brownout {
namespace {

void writeRoot(Hdf5Output& out, const GroupHandle& root, const ProfileInfo& info,
               const FormatVersion& version) {
    out.setText(root.get(), "format", "brownout-profile");
    out.setIntegers(root.get(), "version", {version.major, version.minor});
    out.setText(root.get(), "creator", info.creator);
    out.setText(root.get(), "created", info.created);
    out.setText(root.get(), "provenance", nameOf(info.provenance));
    if (!info.history.empty()) out.setTexts(root.get(), "history", info.history);
}

void writeDevice(Hdf5Output& out, const GroupHandle& root, const Device& device) {
    const GroupHandle group = out.makeGroup(root, "device");
    out.setInteger(group.get(), "arrays", device.geometry.arrays);
    out.setInteger(group.get(), "rows", device.geometry.rows);
    out.setInteger(group.get(), "columns", device.geometry.columns);
    out.setInteger(group.get(), "column_mux", device.geometry.columnMux);
    if (!device.node.empty()) out.setText(group.get(), "node", device.node);
    out.setText(group.get(), "voltage_unit", nameOf(device.unit));
    if (device.vminV) out.setNumber(group.get(), "vmin_v", *device.vminV);
}

void writeEnergy(Hdf5Output& out, const GroupHandle& root, const EnergyModel& energy,
                 const std::string& unit) {
    std::vector<double> voltages, read, write, leakage;
    for (const EnergyPoint& point : energy.points()) {
        voltages.push_back(point.supply);
        read.push_back(point.readJ);
        write.push_back(point.writeJ);
        if (point.leakageW) leakage.push_back(*point.leakageW);
    }
    const GroupHandle group = out.makeGroup(root, "energy");
    out.setNumber(group.get(), "reference_voltage", energy.reference());
    out.setText(group.get(), "source", energy.source());
    const DatasetHandle scale = out.addColumn(group, "voltage", voltages, unit);
    const DatasetHandle readJ = out.addColumn(group, "read_j", read, "J");
    const DatasetHandle writeJ = out.addColumn(group, "write_j", write, "J");
    DatasetHandle leakageW;
    if (!leakage.empty()) leakageW = out.addColumn(group, "leakage_w", leakage, "W");
    std::vector<const DatasetHandle*> columns{&readJ, &writeJ};
    if (leakageW) columns.push_back(&leakageW);
    out.attachScale(scale, "voltage", columns);
}

}  // namespace

void checkHeader(const ProfileHeader& header, double lowest, double highest) {
    header.device.geometry.validate();
    if (header.device.vminV && !(*header.device.vminV > 0 && std::isfinite(*header.device.vminV))) {
        throw Error("Vmin", "is not a positive number of volts");
    }
    double previous = 0;
    for (const double voltage : header.referenceVoltages) {
        if (!(voltage >= lowest && voltage <= highest && voltage > previous)) {
            throw Error("reference voltages",
                        "don't ascend or are outside the voltages of the profile");
        }
        previous = voltage;
    }
}

GroupHandle writeHeader(Hdf5Output& out, const ProfileHeader& header, const std::string& encoding,
                        std::uint32_t chips, const FormatVersion& version) {
    const std::string unit = nameOf(header.device.unit);
    const GroupHandle root = out.root();
    writeRoot(out, root, header.info, version);
    writeDevice(out, root, header.device);
    if (header.energy) writeEnergy(out, root, *header.energy, unit);
    GroupHandle cells = out.makeGroup(root, "cells");
    out.setText(cells.get(), "encoding", encoding);
    out.setInteger(cells.get(), "chips", chips);
    if (!header.referenceVoltages.empty()) {
        out.addColumn(cells, "reference_voltage", header.referenceVoltages, unit);
    }
    return cells;
}

}  // namespace brownout
