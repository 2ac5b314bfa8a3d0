#include "profiles/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "base/error.h"
#include "base/fingerprint.h"
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
    std::unique_ptr<CountsCells> counts;
    std::optional<CountsConditions> conditions;  // of counts
    VoltageShifts shifts;
    double floorVoltage = 0;  // of the cells: below lowestVoltage by the reach of the noise
    double lowestVoltage = 0;
    double highestVoltage = 0;
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

// Voltages and temperatures that differ by less, relatively, are the same one typed differently.
constexpr double kSame = 1e-6;

std::optional<std::uint32_t> indexOf(const std::vector<double>& values, double wanted) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::fabs(values[i] - wanted) <= kSame * std::max(1.0, std::fabs(values[i]))) {
            return static_cast<std::uint32_t>(i);
        }
    }
    return std::nullopt;
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

std::string listOf(const std::vector<double>& values) {
    std::ostringstream text;
    text.precision(std::numeric_limits<float>::max_digits10);
    for (std::size_t i = 0; i < values.size(); ++i) text << (i > 0 ? ", " : "") << values[i];
    return text.str();
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

}  // namespace

Profile::Profile(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

bool Profile::carriesSeal(const std::filesystem::path& path) { return hasSeal(path); }

void Profile::readAll() const {
    if (content_->threshold) content_->threshold->readAll();
    if (content_->counts) content_->counts->readAll();
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
    if (content->cells.encoding == Encoding::kRecipe) {
        content->recipe = readRecipe(root, content->cells.chips);
        content->lowestVoltage = content->recipe->lowestVoltage();
        content->highestVoltage = content->recipe->highestVoltage();
        if (content->recipe->spatial) content->shifts = shiftsOf(*content->recipe->spatial);
    } else if (content->cells.encoding == Encoding::kCounts) {
        content->counts =
            std::make_unique<CountsCells>(std::move(file), root.group("cells").group("counts"),
                                          content->header.device.geometry, content->cells.chips);
        content->conditions = content->counts->conditions();
        content->lowestVoltage = content->conditions->voltages.front();
        content->highestVoltage = content->conditions->voltages.back();
    } else {
        content->threshold = std::make_unique<ThresholdCells>(
            std::move(file), root.group("cells").group("threshold"),
            content->header.device.geometry, content->cells.chips, content->cells.noisy);
        content->lowestVoltage = content->threshold->floorVoltage();
        content->highestVoltage = content->threshold->highestVoltage();
        content->shifts = content->threshold->shifts();
    }
    content->floorVoltage = content->lowestVoltage;
    if (content->shifts.readNoise > 0) {
        // Rounded, so that 0.51 V and five times 4 mV are the 0.53 V that people type.
        const double lowest = content->lowestVoltage + kReadNoiseReach * content->shifts.readNoise;
        content->lowestVoltage = std::round(lowest * 1e12) / 1e12;
    }
    auto& reference = content->header.referenceVoltages;
    reference = readReferenceVoltages(root, content->floorVoltage, content->highestVoltage);
    if (content->conditions) {
        for (const double voltage : reference) {
            if (indexOf(content->conditions->voltages, voltage)) continue;
            throw Error(root.group("cells").place() + "/reference_voltage",
                        "has a voltage that was not measured");
        }
        if (reference.empty()) reference = content->conditions->voltages;
    }
    if (reference.empty()) {
        reference = defaultReferenceVoltages(content->recipe, content->lowestVoltage,
                                             content->highestVoltage);
    }
    // Read noise may reach above some of them.
    reference.erase(reference.begin(),
                    std::lower_bound(reference.begin(), reference.end(), content->lowestVoltage));
    if (reference.empty()) reference = {content->lowestVoltage, content->highestVoltage};
    return content;
}

std::string Profile::chipsFingerprint(std::uint32_t chips) const {
    if (chips > 0) requireChip(chips - 1);
    Fingerprinter fingerprint;
    addDevice(fingerprint, device(), energy());
    fingerprint.addText(nameOf(encoding()));
    if (recipe()) addRecipe(fingerprint, *recipe());
    if (content_->threshold) {
        addShifts(fingerprint, shifts(), content_->floorVoltage, highestVoltage());
        content_->threshold->addTo(fingerprint, chips);
    }
    if (content_->counts) addCounts(fingerprint, *content_->counts, chips);
    return fingerprint.finish();
}

const std::filesystem::path& Profile::path() const { return content_->path; }
const std::string& Profile::fingerprint() const { return content_->fingerprint; }
bool Profile::sealed() const { return content_->sealed; }
const ProfileHeader& Profile::header() const { return content_->header; }
Encoding Profile::encoding() const { return content_->cells.encoding; }
const std::optional<Recipe>& Profile::recipe() const { return content_->recipe; }
std::uint32_t Profile::chipCount() const { return content_->cells.chips; }
double Profile::lowestVoltage() const { return content_->lowestVoltage; }
double Profile::highestVoltage() const { return content_->highestVoltage; }

const VoltageShifts& Profile::shifts() const { return content_->shifts; }

double Profile::voltageShift(std::optional<double> temperatureC) const {
    const std::optional<double> celsius = temperature(temperatureC);
    if (!celsius || shifts().temperatureCoefficient == 0) return 0;
    return shifts().temperatureCoefficient * (*celsius - *shifts().referenceTemperatureC);
}

double Profile::supply(const Voltage& voltage, std::optional<double> temperatureC) const {
    const std::string name = path().string();
    const std::string unit = nameOf(device().unit);
    double supply = 0;
    try {
        supply = voltageIn(device().unit, device(), voltage);
    } catch (const Error& error) {
        throw Error(name, error.what());
    }
    // A number that was asked for in one unit is hard to know again in the other.
    const bool converted = voltage.unit != device().unit;
    const std::string asked =
        (converted ? listOf({voltage.value}) + " " + nameOf(voltage.unit) + " is " : "") +
        listOf({supply}) + " " + unit + (converted ? ", which" : "");
    const std::string hint = converted && device().unit == VoltageUnit::kVolt
                                 ? " (volts are written " + listOf({voltage.value}) + "V)"
                                 : "";
    if (content_->conditions) {
        const std::vector<double>& measured = content_->conditions->voltages;
        if (const auto index = indexOf(measured, supply)) return measured[*index];
        throw Error(name, asked + " was not measured; the profile has counts at " +
                              listOf(measured) + " " + unit + hint);
    }
    const double shift = voltageShift(temperatureC);
    const double lowest = lowestVoltage() + shift;
    const double highest = highestVoltage() + shift;
    if (!(supply >= lowest && supply <= highest)) {
        throw Error(name, asked + " is outside the profile, which covers " + listOf({lowest}) +
                              " to " + listOf({highest}) + " " + unit +
                              (shift != 0 ? " at that temperature" : "") + hint);
    }
    return supply;
}

std::optional<double> Profile::expectedRate(double supply,
                                            std::optional<double> temperatureC) const {
    if (!recipe()) return std::nullopt;
    return recipe()->expectedRate(atReference(supply, temperatureC));
}

double Profile::atReference(double supply, std::optional<double> temperatureC) const {
    const double shift = voltageShift(temperatureC);
    if (shift == 0) return supply;
    const double moved = supply - shift;
    // At the lowest voltage itself rounding may not lead below it.
    return supply >= lowestVoltage() + shift ? std::max(moved, lowestVoltage()) : moved;
}

std::optional<double> Profile::temperature(std::optional<double> asked) const {
    const VoltageShifts& shifts = this->shifts();
    if (shifts.temperatureCoefficient != 0) {
        if (!asked) return shifts.referenceTemperatureC;
        if (*asked >= -273.15 && std::isfinite(*asked)) return asked;
        throw Error(path().string(), listOf({*asked}) + " is no temperature in degrees Celsius");
    }
    std::vector<double> known;
    if (shifts.referenceTemperatureC) known = {*shifts.referenceTemperatureC};
    if (content_->conditions) known = content_->conditions->temperaturesC;
    if (known.empty()) {
        if (!asked) return std::nullopt;
        throw Error(path().string(),
                    "doesn't say at which temperature its cells fail, so it can't be asked for " +
                        listOf({*asked}) + " degrees Celsius");
    }
    if (!asked) {
        if (known.size() == 1) return known.front();
        throw Error(path().string(),
                    "holds several temperatures; expected to be asked for one of " + listOf(known) +
                        " degrees Celsius");
    }
    if (const auto index = indexOf(known, *asked)) return known[*index];
    throw Error(path().string(), "says nothing about " + listOf({*asked}) +
                                     " degrees Celsius, and not how to interpolate; there is " +
                                     listOf(known));
}

const std::optional<CountsConditions>& Profile::countsConditions() const {
    return content_->conditions;
}

void Profile::requireChip(std::uint32_t index) const {
    if (index < chipCount()) return;
    throw Error(path().string(), "has no chip " + std::to_string(index) + "; there are " +
                                     std::to_string(chipCount()) + ", counted from 0");
}

MeasuredCells Profile::measuredCells(std::uint32_t index, const OperatingPoint& at) const {
    if (!content_->counts) {
        throw Error(path().string(),
                    std::string("has the encoding '") + nameOf(encoding()) + "'; expected counts");
    }
    requireChip(index);
    const double voltage = supply({at.supply, device().unit});
    const std::optional<double> celsius = temperature(at.temperatureC);
    return content_->counts->read(
        index, *indexOf(content_->conditions->voltages, voltage),
        celsius ? *indexOf(content_->conditions->temperaturesC, *celsius) : 0);
}

ArrayCounts Profile::arrayCounts(const CountsPlace& place) const {
    const auto& conditions = countsConditions();
    if (!conditions) {
        throw Error(path().string(),
                    std::string("has the encoding '") + nameOf(encoding()) + "'; expected counts");
    }
    requireChip(place.chip);
    if (place.array >= device().geometry.arrays || place.voltage >= conditions->voltages.size() ||
        place.temperature >= conditions->temperatureCount() ||
        place.pattern >= conditions->patternCount()) {
        throw Error(path().string(), "has no such array, voltage, temperature or pattern");
    }
    return content_->counts->readArray(place);
}

Chip Profile::chip(std::uint32_t index) const { return chip(index, lowestVoltage()); }

Chip Profile::chip(std::uint32_t index, double floorVoltage) const {
    requireChip(index);
    if (content_->counts) {
        throw Error(path().string(),
                    "holds counts, which know of no critical voltages; expected the encoding "
                    "threshold (brownout profile convert) or recipe");
    }
    if (!(floorVoltage >= lowestVoltage() && std::isfinite(floorVoltage))) {
        std::ostringstream text;
        text << floorVoltage << " " << nameOf(device().unit)
             << " is below the profile, which begins at " << lowestVoltage();
        throw Error(path().string(), text.str());
    }
    const double reach = kReadNoiseReach * shifts().readNoise;
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
