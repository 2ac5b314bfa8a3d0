#include "profiles/hdf5/header_reader.h"

#include <cmath>

#include "base/error.h"
#include "base/numbers.h"
#include "profiles/hdf5/spatial_fields.h"

namespace brownout {
namespace {

constexpr std::uint64_t kMostTablePoints = 4096;
constexpr std::uint64_t kU32 = 0xFFFFFFFF;

/// Runs `make`; an Error of it is thrown anew as one of `place`.
template <typename Make>
auto at(const std::string& place, Make make) {
    try {
        return make();
    } catch (const Error& error) {
        throw Error(place, error.what());
    }
}

/// Matches a string attribute with the names of an enumeration.
template <typename Enum>
Enum oneOf(const Hdf5Group& group, const std::string& attribute, const std::vector<Enum>& values) {
    const std::string text = group.text(attribute);
    std::string names;
    for (const Enum value : values) {
        if (text == nameOf(value)) return value;
        names += (names.empty() ? "'" : "', '") + std::string(nameOf(value));
    }
    group.fail("attribute '" + attribute + "' is '" + text + "'; expected one of " + names + "'");
}

FormatVersion readVersion(const Hdf5Group& root, const std::filesystem::path& path) {
    if (!root.hasAttribute("format")) {
        throw Error(path.string(),
                    "is an HDF5 file but no Brownout profile: it has no attribute "
                    "'format'");
    }
    const std::string format = root.text("format");
    if (format != "brownout-profile") {
        throw Error(path.string(), "is no Brownout profile: its format is '" + format + "'");
    }
    const std::vector<std::uint64_t> version = root.integers("version", 2);
    const std::string name = std::to_string(version[0]) + "." + std::to_string(version[1]);
    if (version[0] != kProfileFormat.major || version[1] > kU32) {
        throw Error(path.string(), "is a profile of version " + name + "; this program reads " +
                                       std::to_string(kProfileFormat.major) + ".x");
    }
    return {static_cast<std::uint32_t>(version[0]), static_cast<std::uint32_t>(version[1])};
}

Device readDevice(const Hdf5Group& group) {
    const auto count = [&](const char* name) {
        return static_cast<std::uint32_t>(group.integer(name, 1, kU32));
    };
    Device device;
    device.geometry = {count("arrays"), count("rows"), count("columns"), 1};
    if (group.hasAttribute("column_mux")) device.geometry.columnMux = count("column_mux");
    at(group.place(), [&] { device.geometry.validate(); });
    if (group.hasAttribute("node")) device.node = group.text("node");
    device.unit =
        oneOf<VoltageUnit>(group, "voltage_unit", {VoltageUnit::kVmin, VoltageUnit::kVolt});
    if (group.hasAttribute("vmin_v")) {
        device.vminV = group.number("vmin_v");
        if (!(*device.vminV > 0)) group.fail("attribute 'vmin_v' is not positive");
    }
    return device;
}

/// All of a small table's column.
std::vector<double> readColumn(const Hdf5Group& group, const std::string& name) {
    const Hdf5Dataset dataset = group.dataset(name);
    if (dataset.size() > kMostTablePoints) {
        dataset.fail("has " + std::to_string(dataset.size()) + " elements; expected at most " +
                     std::to_string(kMostTablePoints));
    }
    return dataset.numbers(0, dataset.size());
}

/// The same, of as many elements as another column has.
std::vector<double> readColumn(const Hdf5Group& group, const std::string& name, std::size_t size) {
    std::vector<double> column = readColumn(group, name);
    if (column.size() != size) {
        throw Error(group.place() + "/" + name, "has " + std::to_string(column.size()) +
                                                    " elements; expected " + std::to_string(size) +
                                                    " as in its voltages");
    }
    return column;
}

EnergyModel readEnergy(const Hdf5Group& group) {
    const std::vector<double> voltages = readColumn(group, "voltage");
    const std::vector<double> read = readColumn(group, "read_j", voltages.size());
    const std::vector<double> write = readColumn(group, "write_j", voltages.size());
    std::vector<double> leakage;
    if (group.has("leakage_w")) leakage = readColumn(group, "leakage_w", voltages.size());
    std::vector<EnergyPoint> points;
    for (std::size_t i = 0; i < voltages.size(); ++i) {
        points.push_back({voltages[i], read[i], write[i], std::nullopt});
        if (!leakage.empty()) points.back().leakageW = leakage[i];
    }
    const double reference = group.number("reference_voltage");
    const std::string source = group.text("source");
    return at(group.place(), [&] { return EnergyModel(points, reference, source); });
}

SpatialParameters readSpatial(const Hdf5Group& group) {
    SpatialParameters parameters;
    for (const SpatialField& field : spatialFields()) {
        if (group.hasAttribute(field.name)) parameters.*field.member = group.number(field.name);
    }
    if (group.hasAttribute(kArraysAcross)) {
        parameters.arraysAcross = static_cast<std::uint32_t>(group.integer(kArraysAcross, 0, kU32));
    }
    return parameters;
}

}  // namespace

ProfileHeader readHeader(const Hdf5Group& root, const std::filesystem::path& path) {
    ProfileHeader header;
    header.info.version = readVersion(root, path);
    header.info.creator = root.text("creator");
    header.info.created = root.text("created");
    header.info.provenance =
        oneOf<Provenance>(root, "provenance",
                          {Provenance::kMeasured, Provenance::kSimulated, Provenance::kSynthetic});
    if (root.hasAttribute("history")) header.info.history = root.texts("history");
    header.device = readDevice(root.group("device"));
    if (root.has("energy")) header.energy = readEnergy(root.group("energy"));
    return header;
}

CellsHeader readCellsHeader(const Hdf5Group& root) {
    const Hdf5Group cells = root.group("cells");
    CellsHeader header;
    header.noisy = cells.text("encoding") == kNoisyThreshold;
    header.encoding =
        header.noisy
            ? Encoding::kThreshold
            : oneOf<Encoding>(cells, "encoding",
                              {Encoding::kThreshold, Encoding::kRecipe, Encoding::kCounts});
    header.chips = static_cast<std::uint32_t>(cells.integer("chips", 1, kMostChips));
    return header;
}

Recipe readRecipe(const Hdf5Group& root, std::uint32_t chips) {
    const Hdf5Group group = root.group("cells").group("recipe");
    const std::vector<double> voltages = readColumn(group, "curve_voltage");
    const std::vector<double> rates = readColumn(group, "curve_rate", voltages.size());
    std::vector<CurvePoint> points;
    for (std::size_t i = 0; i < voltages.size(); ++i) points.push_back({voltages[i], rates[i]});
    Recipe recipe{group.text("generator"),
                  group.hasAttribute("preset") ? group.text("preset") : "",
                  group.integer("seed", 0, ~std::uint64_t{0}),
                  chips,
                  at(group.place(), [&] { return CalibrationCurve(points); }),
                  {},
                  {}};
    if (group.hasAttribute("share_flipping")) {
        recipe.shares = {group.number("share_flipping"), group.number("share_stuck_at_0"),
                         group.number("share_stuck_at_1")};
    }
    if (recipe.generator == "spatial") recipe.spatial = readSpatial(group);
    at(group.place(), [&] { recipe.validate(); });
    return recipe;
}

std::vector<double> readReferenceVoltages(const Hdf5Group& root, double lowest, double highest) {
    const Hdf5Group cells = root.group("cells");
    if (!cells.has("reference_voltage")) return {};
    std::vector<double> voltages = readColumn(cells, "reference_voltage");
    for (std::size_t i = 0; i < voltages.size(); ++i) {
        const bool ascends = i == 0 || voltages[i] > voltages[i - 1];
        const bool inside = (voltages[i] >= lowest && voltages[i] <= highest) ||
                            sameButForNoise(voltages[i], lowest) ||
                            sameButForNoise(voltages[i], highest);
        if (!ascends || !inside) {
            throw Error(cells.place() + "/reference_voltage",
                        "element " + std::to_string(i) +
                            " doesn't ascend or is outside the voltages of the profile");
        }
    }
    return voltages;
}

}  // namespace brownout
