#include "profiles/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "base/error.h"
#include "base/fingerprint.h"
#include "base/numbers.h"
#include "profiles/chips/chip_fingerprint.h"
#include "profiles/hdf5/counts_cells.h"
#include "profiles/hdf5/file_seal.h"
#include "profiles/hdf5/header_reader.h"
#include "profiles/hdf5/threshold_cells.h"

namespace brownout {

struct Profile::Content {
    std::filesystem::path path;
    std::string fingerprint;
    bool sealed = false;
    ProfileHeader header;
    CellsHeader cells;
    std::optional<Recipe> recipe;
    std::unique_ptr<ThresholdCells> threshold;
    std::shared_ptr<CountsCells> countsCells;
    std::optional<MeasuredChips> counts;
    std::optional<SupplyRange> supplies;
    double floorVoltage = 0;  // of the cells: below the lowest supply by the reach of the noise
};

namespace {

void requireRegularFile(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        throw Error(path.string(), "there is no such file");
    }
    if (error) throw Error(path.string(), "cannot be read: " + error.message());
    // Reading a pipe or a device might never end.
    if (!std::filesystem::is_regular_file(status)) {
        throw Error(path.string(), "is no regular file; expected an HDF5 profile");
    }
}

VoltageShifts shiftsOf(const SpatialParameters& spatial) {
    VoltageShifts shifts;
    shifts.readNoise = spatial.readNoise;
    if (spatial.temperatureCoefficient != 0) {
        shifts.temperatureCoefficient = spatial.temperatureCoefficient;
        shifts.referenceTemperatureC = spatial.referenceTemperature;
    }
    return shifts;
}

/// Without stated reference voltages: the points of the curve, or the ends of what is known.
std::vector<double> defaultReferenceVoltages(const std::optional<Recipe>& recipe, double lowest,
                                             double highest) {
    if (!recipe) return {lowest, highest};
    std::vector<double> voltages;
    double previousRate = 1;
    for (const CurvePoint& point : recipe->curve.points()) {
        if (point.rate < previousRate) voltages.push_back(point.voltage + recipe->voltageShift());
        previousRate = point.rate;
    }
    return voltages;
}

/// Puts the reference voltages of a file in order, or those to take where it states none.
std::vector<double> referenceVoltagesOf(const Hdf5Group& root, double floorVoltage,
                                        const SupplyRange& supplies,
                                        const std::optional<Recipe>& recipe,
                                        const std::optional<MeasuredChips>& counts) {
    std::vector<double> reference = readReferenceVoltages(root, floorVoltage, supplies.highest());
    if (counts) {
        const std::vector<double>& measured = counts->conditions().voltages;
        for (double& voltage : reference) {
            if (const auto index = measuredIndex(measured, voltage)) {
                // What was measured, unless the file writes it in another way.
                if (sameButForNoise(voltage, measured[*index])) voltage = measured[*index];
                continue;
            }
            throw Error(root.group("cells").place() + "/reference_voltage",
                        "has a voltage that was not measured");
        }
        if (reference.empty()) reference = measured;
    }
    if (reference.empty()) {
        reference = defaultReferenceVoltages(recipe, supplies.lowest(), supplies.highest());
    }
    reference = withoutNoise(reference);
    // Read noise may reach above some of them.
    reference.erase(reference.begin(),
                    std::lower_bound(reference.begin(), reference.end(), supplies.lowest()));
    if (reference.empty()) reference = {supplies.lowest(), supplies.highest()};
    return reference;
}

}  // namespace

Profile::Profile(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

bool carriesSeal(const std::filesystem::path& path) { return hasSeal(path); }

void Profile::readAll() const {
    if (content_->threshold) content_->threshold->readAll();
    if (content_->countsCells) content_->countsCells->readAll();
}

Profile Profile::open(const std::filesystem::path& path) {
    requireRegularFile(path);
    const bool sealed = checkSeal(path);
    const Hdf5Session session;
    const std::shared_ptr<Content> content = read(path);
    content->sealed = sealed;
    content->fingerprint = fingerprintOfFile(path);
    return Profile(content);
}

std::shared_ptr<Profile::Content> Profile::read(const std::filesystem::path& path) {
    auto content = std::make_shared<Content>();
    content->path = path;
    const Hdf5Session session;
    FileHandle file = openHdf5(path);
    const Hdf5Group root(file, path);
    content->header = readHeader(root, path);
    content->cells = readCellsHeader(root);
    SupplyRange::Content supplies;
    supplies.place = path.string();
    supplies.device = content->header.device;
    const SramGeometry& geometry = content->header.device.geometry;
    if (content->cells.encoding == Encoding::kRecipe) {
        content->recipe = readRecipe(root, content->cells.chips);
        supplies.lowest = content->recipe->lowestVoltage();
        supplies.highest = content->recipe->highestVoltage();
        if (content->recipe->spatial) supplies.shifts = shiftsOf(*content->recipe->spatial);
    } else if (content->cells.encoding == Encoding::kCounts) {
        content->countsCells = std::make_shared<CountsCells>(
            std::move(file), root.group("cells").group("counts"), geometry, content->cells.chips);
        const CountsConditions& conditions = content->countsCells->conditions();
        supplies.lowest = conditions.voltages.front();
        supplies.highest = conditions.voltages.back();
        supplies.onlyVoltages = conditions.voltages;
        supplies.onlyTemperaturesC = conditions.temperaturesC;
    } else {
        content->threshold = std::make_unique<ThresholdCells>(
            std::move(file), root.group("cells").group("threshold"), geometry, content->cells.chips,
            content->cells.noisy);
        supplies.lowest = content->threshold->floorVoltage();
        supplies.highest = content->threshold->highestVoltage();
        supplies.shifts = content->threshold->shifts();
    }
    content->floorVoltage = supplies.lowest;
    if (supplies.shifts.readNoise > 0) {
        // Rounded, so that 0.51 V and five times 4 mV are the 0.53 V that people type.
        const double lowest = supplies.lowest + kReadNoiseReach * supplies.shifts.readNoise;
        supplies.lowest = std::round(lowest * 1e12) / 1e12;
    }
    content->supplies.emplace(std::move(supplies));
    if (content->countsCells) {
        content->counts.emplace(content->countsCells, path.string(), geometry, content->cells.chips,
                                *content->supplies);
    }
    content->header.referenceVoltages = referenceVoltagesOf(
        root, content->floorVoltage, *content->supplies, content->recipe, content->counts);
    return content;
}

std::string Profile::chipsFingerprint(std::uint32_t chips) const {
    if (chips > 0) requireChip(chips - 1);
    Fingerprinter fingerprint;
    addDevice(fingerprint, device(), energy());
    fingerprint.addText(nameOf(encoding()));
    if (recipe()) addRecipe(fingerprint, *recipe());
    if (content_->threshold) {
        addShifts(fingerprint, supplies().shifts(), content_->floorVoltage, supplies().highest());
        content_->threshold->addTo(fingerprint, chips);
    }
    if (content_->countsCells) addCounts(fingerprint, *content_->countsCells, chips);
    return fingerprint.finish();
}

const std::filesystem::path& Profile::path() const { return content_->path; }
const std::string& Profile::fingerprint() const { return content_->fingerprint; }
bool Profile::sealed() const { return content_->sealed; }
const ProfileHeader& Profile::header() const { return content_->header; }
Encoding Profile::encoding() const { return content_->cells.encoding; }
const std::optional<Recipe>& Profile::recipe() const { return content_->recipe; }
std::uint32_t Profile::chipCount() const { return content_->cells.chips; }
const SupplyRange& Profile::supplies() const { return *content_->supplies; }
const MeasuredChips* Profile::counts() const {
    return content_->counts ? &*content_->counts : nullptr;
}

std::optional<double> Profile::expectedRate(double supply,
                                            std::optional<double> temperatureC) const {
    if (!recipe()) return std::nullopt;
    return recipe()->expectedRate(supplies().atReference(supply, temperatureC));
}

void Profile::requireChip(std::uint32_t index) const {
    if (index >= chipCount()) throw noSuchChip(path().string(), index, chipCount());
}

Chip Profile::chip(std::uint32_t index) const { return chip(index, supplies().lowest()); }

Chip Profile::chip(std::uint32_t index, double floorVoltage) const {
    requireChip(index);
    if (content_->counts) {
        throw Error(path().string(),
                    "holds counts, which know of no critical voltages; expected the encoding "
                    "threshold (brownout profile convert) or recipe");
    }
    if (!(floorVoltage >= supplies().lowest() && std::isfinite(floorVoltage))) {
        std::ostringstream text;
        text << floorVoltage << " " << nameOf(device().unit)
             << " is below the profile, which begins at " << supplies().lowest();
        throw Error(path().string(), text.str());
    }
    const double reach = kReadNoiseReach * supplies().shifts().readNoise;
    const double floor =
        reach == 0 ? floorVoltage : std::max(floorVoltage - reach, content_->floorVoltage);
    if (content_->threshold) return content_->threshold->read(index, floor);
    try {
        return drawChip(*recipe(), device().geometry, index, floor);
    } catch (const Error& error) {
        throw Error(path().string() + ":/cells/recipe", error.what());
    }
}

}  // namespace brownout
