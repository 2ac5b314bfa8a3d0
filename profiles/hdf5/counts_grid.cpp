#include "profiles/hdf5/counts_grid.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "profiles/generator/recipe.h"
#include "profiles/hdf5/counts_layout.h"
#include "profiles/hdf5/header_writer.h"

namespace brownout {
namespace {

constexpr std::uint64_t kMostMeasurements = std::uint64_t{1} << 26;

void requireAscending(const std::vector<double>& values, const std::string& what, double above) {
    double previous = above;
    for (const double value : values) {
        if (!(value > previous && value <= kHighestCondition)) {
            throw Error(what, "don't ascend, or are not finite or positive");
        }
        previous = value;
    }
}

void check(const ProfileHeader& header, const CountsShape& shape) {
    const CountsConditions& conditions = shape.conditions;
    if (shape.chips == 0 || shape.chips > kMostChips) {
        throw Error("profile", std::to_string(shape.chips) + " chips; expected 1 to " +
                                   std::to_string(kMostChips));
    }
    for (const std::size_t size :
         {conditions.voltages.size(), conditions.temperatureCount(), conditions.patternCount()}) {
        if (size == 0 || size > kMostConditions) {
            throw Error("profile", std::to_string(size) +
                                       " voltages, temperatures or patterns; expected 1 to " +
                                       std::to_string(kMostConditions));
        }
    }
    requireAscending(conditions.voltages, "voltages", 0);
    requireAscending(conditions.temperaturesC, "temperatures", kLowestTemperatureC);
    std::vector<std::string> names = conditions.patterns;
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) {
        throw Error("patterns", "two have the same name");
    }
    if (shape.mostTrials == 0 || shape.mostTrials == kNotMeasured) {
        throw Error("profile", "the largest number of reads must be 1 to 2^32 - 2");
    }
    checkHeader(header, conditions.voltages.front(), conditions.voltages.back());
    if (double(shape.chips) * double(conditions.count()) * header.device.geometry.arrays >
        double(kMostMeasurements)) {
        throw Error("profile", "more than 2^26 arrays of chips under conditions");
    }
}

}  // namespace

std::string describe(const CountsPlace& place) {
    return "chip " + std::to_string(place.chip) + ", array " + std::to_string(place.array) +
           ", voltage " + std::to_string(place.voltage) + ", temperature " +
           std::to_string(place.temperature) + ", pattern " + std::to_string(place.pattern) + ", " +
           countsNamesOf(place.direction).fails;
}

CountsGrid::CountsGrid(const ProfileHeader& header, CountsShape shape)
    : geometry_(header.device.geometry), shape_(std::move(shape)) {
    check(header, shape_);
}

std::size_t CountsGrid::places() const {
    return shape_.chips * shape_.conditions.count() * std::size_t{geometry_.arrays};
}

bool CountsGrid::contains(const CountsPlace& place) const {
    const CountsConditions& conditions = shape_.conditions;
    return place.chip < shape_.chips && place.array < geometry_.arrays &&
           place.voltage < conditions.voltages.size() &&
           place.temperature < conditions.temperatureCount() &&
           place.pattern < conditions.patternCount();
}

std::size_t CountsGrid::indexOf(const CountsPlace& place) const {
    const CountsConditions& conditions = shape_.conditions;
    std::size_t index = place.chip;
    index = index * conditions.voltages.size() + place.voltage;
    index = index * conditions.temperatureCount() + place.temperature;
    index = index * conditions.patternCount() + place.pattern;
    return index * geometry_.arrays + place.array;
}

CountsPlace CountsGrid::placeOf(std::size_t index) const {
    const CountsConditions& conditions = shape_.conditions;
    const auto next = [&](std::size_t size) {
        const std::size_t digit = index % size;
        index /= size;
        return static_cast<std::uint32_t>(digit);
    };
    CountsPlace place;
    place.array = next(geometry_.arrays);
    place.pattern = next(conditions.patternCount());
    place.temperature = next(conditions.temperatureCount());
    place.voltage = next(conditions.voltages.size());
    place.chip = static_cast<std::uint32_t>(index);
    return place;
}

hid_t CountsGrid::fileType() const {
    return shape_.mostTrials < 0xFF     ? H5T_STD_U8LE
           : shape_.mostTrials < 0xFFFF ? H5T_STD_U16LE
                                        : H5T_STD_U32LE;
}

std::uint32_t CountsGrid::fill() const {
    return shape_.mostTrials < 0xFF ? 0xFF : shape_.mostTrials < 0xFFFF ? 0xFFFF : kNotMeasured;
}

std::vector<hsize_t> CountsGrid::wholeShape() const {
    const CountsConditions& conditions = shape_.conditions;
    return {shape_.chips,
            conditions.voltages.size(),
            conditions.temperatureCount(),
            conditions.patternCount(),
            std::uint64_t{geometry_.arrays} * geometry_.rows,
            geometry_.columns};
}

std::vector<hsize_t> CountsGrid::chunk() const {
    const std::uint64_t arrays =
        std::max<std::uint64_t>(1, kChunkCells / geometry_.cellsPerArray());
    const std::uint64_t rows = std::max<std::uint64_t>(1, kChunkCells / geometry_.columns);
    return {1,
            1,
            1,
            1,
            std::min(rows, std::min<std::uint64_t>(arrays, geometry_.arrays) * geometry_.rows),
            geometry_.columns};
}

std::vector<hsize_t> CountsGrid::startOf(const CountsPlace& place) const {
    return {place.chip,
            place.voltage,
            place.temperature,
            place.pattern,
            std::uint64_t{place.array} * geometry_.rows,
            0};
}

std::vector<hsize_t> CountsGrid::boxOfArray() const {
    return {1, 1, 1, 1, geometry_.rows, geometry_.columns};
}

hid_t CountsGrid::memoryType() const {
    return fill() == 0xFF     ? H5T_NATIVE_UINT8
           : fill() == 0xFFFF ? H5T_NATIVE_UINT16
                              : H5T_NATIVE_UINT32;
}

const void* CountsGrid::narrowed(const std::uint32_t* values, std::size_t count) {
    if (fill() == kNotMeasured) return values;
    if (fill() == 0xFFFF) {
        narrow16_.assign(values, values + count);
        return narrow16_.data();
    }
    narrow8_.assign(values, values + count);
    return narrow8_.data();
}

}  // namespace brownout
