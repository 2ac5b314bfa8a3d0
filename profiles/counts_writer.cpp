#include "profiles/counts_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/generator/recipe.h"
#include "profiles/hdf5/counts_layout.h"
#include "profiles/hdf5/file_seal.h"
#include "profiles/hdf5/header_writer.h"

namespace brownout {
namespace {

// FORMAT.md, "counts".
constexpr FormatVersion kCountsFormat{1, 1};

constexpr std::uint64_t kMostMeasurements = std::uint64_t{1} << 26;

std::string describe(const CountsPlace& place) {
    return "chip " + std::to_string(place.chip) + ", array " + std::to_string(place.array) +
           ", voltage " + std::to_string(place.voltage) + ", temperature " +
           std::to_string(place.temperature) + ", pattern " + std::to_string(place.pattern) + ", " +
           countsNamesOf(place.direction).fails;
}

void requireAscending(const std::vector<double>& values, const std::string& what, double above) {
    double previous = above;
    for (const double value : values) {
        if (!(value > previous && value <= kHighestCondition)) {
            throw Error(what, "don't ascend, or are not finite or positive");
        }
        previous = value;
    }
}

void checkShape(const ProfileHeader& header, const CountsShape& shape) {
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

const char* nameOf(FailDirection direction) {
    switch (direction) {
        case FailDirection::k01:
            return "01";
        case FailDirection::k10:
            return "10";
        case FailDirection::kUnknown:
            return "unknown";
    }
    return "";
}

class CountsWriter::Output {
 public:
    Output(const std::filesystem::path& path, const ProfileHeader& header, const CountsShape& shape)
        : file_(path), geometry_(header.device.geometry), shape_(shape) {
        ProfileHeader written = header;
        written.referenceVoltages.clear();
        checkShape(written, shape_);
        const Hdf5Session session;
        try {
            begin(written);
        } catch (...) {
            release();
            out_.reset();
            throw;
        }
    }

    ~Output() {
        const Hdf5Session session;
        release();
        out_.reset();
    }

    void add(const CountsPlace& place, std::uint32_t trials, Span<const std::uint32_t> fails) {
        checkPlace(place, trials);
        if (fails.size() != geometry_.cellsPerArray()) {
            throw Error(describe(place), "has counts of " + std::to_string(fails.size()) +
                                             " cells; expected " +
                                             std::to_string(geometry_.cellsPerArray()));
        }
        for (std::size_t i = 0; i < fails.size(); ++i) {
            if (fails[i] > trials && fails[i] != kNotMeasured) refuse(place, i, fails[i], trials);
        }
        write(place, trials, fails.data());
    }

    void addSparse(const CountsPlace& place, std::uint32_t trials, Span<const CellFails> failing) {
        checkPlace(place, trials);
        scratch_.assign(geometry_.cellsPerArray(), 0);
        std::vector<std::uint32_t> numbers;
        for (const CellFails& one : failing) {
            if (one.cell >= scratch_.size()) {
                throw Error(describe(place),
                            "cell " + std::to_string(one.cell) + " is outside the " +
                                std::to_string(scratch_.size()) + " cells of an array");
            }
            if (one.fails > trials && one.fails != kNotMeasured) {
                refuse(place, one.cell, one.fails, trials);
            }
            scratch_[one.cell] = one.fails;
            numbers.push_back(one.cell);
        }
        std::sort(numbers.begin(), numbers.end());
        const auto twice = std::adjacent_find(numbers.begin(), numbers.end());
        if (twice != numbers.end()) {
            throw Error(describe(place), "cell " + std::to_string(*twice) + " is named twice");
        }
        write(place, trials, scratch_.data());
    }

    void commit() {
        {
            const Hdf5Session session;
            bool any = false;
            for (const FailDirection direction : kFailDirections) {
                if (of(direction).trials.empty()) continue;
                any = true;
                writeTrials(direction);
            }
            if (!any) throw Error(file_.path().string(), "nothing was measured");
            attachScales();
            release();
            out_->finish();
        }
        sealFile(file_.temporary(), file_.path().string());
        file_.commit();
    }

 private:
    /// The two datasets of one direction.
    struct Counted {
        DatasetHandle fails;
        DatasetHandle trialsData;
        std::vector<std::uint32_t> trials;  ///< of each array of each chip under each condition
    };

    void begin(const ProfileHeader& header) {
        out_.emplace(file_.temporary(), file_.path().string());
        const std::string unit = nameOf(header.device.unit);
        const GroupHandle cells =
            writeHeader(*out_, header, nameOf(Encoding::kCounts), shape_.chips, kCountsFormat);
        group_ = out_->makeGroup(cells, nameOf(Encoding::kCounts));
        const CountsConditions& conditions = shape_.conditions;
        voltage_ = out_->addColumn(group_, "voltage", conditions.voltages, unit);
        if (!conditions.temperaturesC.empty()) {
            temperature_ = out_->addColumn(group_, "temperature", conditions.temperaturesC, "degC");
        }
        if (!conditions.patterns.empty()) {
            pattern_ = out_->addTextColumn(group_, "pattern", conditions.patterns);
        }
        const std::uint64_t arrays =
            std::max<std::uint64_t>(1, kChunkCells / geometry_.cellsPerArray());
        const std::uint64_t rows = std::max<std::uint64_t>(1, kChunkCells / geometry_.columns);
        chunk_ = {
            1,
            1,
            1,
            1,
            std::min(rows, std::min<std::uint64_t>(arrays, geometry_.arrays) * geometry_.rows),
            geometry_.columns};
    }

    Counted& of(FailDirection direction) { return counted_[static_cast<std::size_t>(direction)]; }

    [[noreturn]] static void refuse(const CountsPlace& place, std::uint64_t cell,
                                    std::uint32_t fails, std::uint32_t trials) {
        throw Error(describe(place), "cell " + std::to_string(cell) + " has " +
                                         std::to_string(fails) + " fails in " +
                                         std::to_string(trials) + " trials");
    }

    void checkPlace(const CountsPlace& place, std::uint32_t trials) {
        const CountsConditions& conditions = shape_.conditions;
        if (place.chip >= shape_.chips || place.array >= geometry_.arrays ||
            place.voltage >= conditions.voltages.size() ||
            place.temperature >= conditions.temperatureCount() ||
            place.pattern >= conditions.patternCount()) {
            throw Error(describe(place), "is outside the profile");
        }
        if (trials == 0 || trials > shape_.mostTrials) {
            throw Error(describe(place), std::to_string(trials) + " trials; expected 1 to " +
                                             std::to_string(shape_.mostTrials));
        }
        const Counted& counted = of(place.direction);
        if (!counted.trials.empty() && counted.trials[indexOf(place)] != kNotMeasured) {
            throw Error(describe(place), "is added twice");
        }
    }

    std::size_t indexOf(const CountsPlace& place) const {
        const CountsConditions& conditions = shape_.conditions;
        std::size_t index = place.chip;
        index = index * conditions.voltages.size() + place.voltage;
        index = index * conditions.temperatureCount() + place.temperature;
        index = index * conditions.patternCount() + place.pattern;
        return index * geometry_.arrays + place.array;
    }

    CountsPlace placeOf(std::size_t index) const {
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

    hid_t type() const {
        return shape_.mostTrials < 0xFF     ? H5T_STD_U8LE
               : shape_.mostTrials < 0xFFFF ? H5T_STD_U16LE
                                            : H5T_STD_U32LE;
    }
    std::uint32_t fill() const {
        return shape_.mostTrials < 0xFF ? 0xFF : shape_.mostTrials < 0xFFFF ? 0xFFFF : kNotMeasured;
    }

    std::vector<hsize_t> wholeShape() const {
        const CountsConditions& conditions = shape_.conditions;
        return {shape_.chips,
                conditions.voltages.size(),
                conditions.temperatureCount(),
                conditions.patternCount(),
                std::uint64_t{geometry_.arrays} * geometry_.rows,
                geometry_.columns};
    }

    void writeArray(const DatasetHandle& dataset, const CountsPlace& place,
                    const std::uint32_t* values) {
        out_->writeBox(dataset,
                       {place.chip, place.voltage, place.temperature, place.pattern,
                        std::uint64_t{place.array} * geometry_.rows, 0},
                       {1, 1, 1, 1, geometry_.rows, geometry_.columns}, memoryType(),
                       narrowed(values, geometry_.cellsPerArray()));
    }

    hid_t memoryType() const {
        return fill() == 0xFF     ? H5T_NATIVE_UINT8
               : fill() == 0xFFFF ? H5T_NATIVE_UINT16
                                  : H5T_NATIVE_UINT32;
    }

    /// The numbers in the type of the file, which the library converts far more slowly.
    /// kNotMeasured becomes the greatest number of the type.
    const void* narrowed(const std::uint32_t* values, std::size_t count) {
        if (fill() == kNotMeasured) return values;
        if (fill() == 0xFFFF) {
            narrow16_.assign(values, values + count);
            return narrow16_.data();
        }
        narrow8_.assign(values, values + count);
        return narrow8_.data();
    }

    void write(const CountsPlace& place, std::uint32_t trials, const std::uint32_t* fails) {
        const Hdf5Session session;
        Counted& counted = of(place.direction);
        if (counted.trials.empty()) {
            counted.fails = out_->addGrid(group_, countsNamesOf(place.direction).fails, type(),
                                          wholeShape(), chunk_, fill());
            counted.trials.assign(
                shape_.chips * shape_.conditions.count() * std::size_t{geometry_.arrays},
                kNotMeasured);
        }
        writeArray(counted.fails, place, fails);
        counted.trials[indexOf(place)] = trials;
    }

    /// As small as what was measured allows: one number, one for each chip and condition, or all.
    void writeTrials(FailDirection direction) {
        Counted& counted = of(direction);
        const char* name = countsNamesOf(direction).trials;
        const std::size_t arrays = geometry_.arrays;
        std::optional<std::uint32_t> only = kNotMeasured;
        std::vector<std::uint32_t> ofConditions;
        bool sameInArrays = true;
        for (std::size_t i = 0; i < counted.trials.size(); ++i) {
            const std::uint32_t trials = counted.trials[i];
            if (i % arrays == 0) ofConditions.push_back(kNotMeasured);
            if (trials == kNotMeasured) continue;
            if (ofConditions.back() == kNotMeasured) ofConditions.back() = trials;
            sameInArrays = sameInArrays && ofConditions.back() == trials;
            if (only == kNotMeasured) only = trials;
            if (only != trials) only.reset();
        }
        if (only) {
            counted.trialsData =
                out_->addGrid(group_, name, type(), {1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}, fill());
            out_->writeBox(counted.trialsData, {0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1},
                           H5T_NATIVE_UINT32, &*only);
            return;
        }
        std::vector<hsize_t> shape = wholeShape();
        if (sameInArrays) {
            shape[4] = shape[5] = 1;
            std::vector<hsize_t> chunk = shape;
            chunk[0] = std::clamp<hsize_t>(kChunkCells / shape_.conditions.count(), 1, shape[0]);
            if (shape_.conditions.count() > kChunkCells) chunk[1] = chunk[2] = 1;
            counted.trialsData = out_->addGrid(group_, name, type(), shape, chunk, fill());
            out_->writeBox(counted.trialsData, {0, 0, 0, 0, 0, 0}, shape, H5T_NATIVE_UINT32,
                           ofConditions.data());
            return;
        }
        counted.trialsData = out_->addGrid(group_, name, type(), shape, chunk_, fill());
        for (std::size_t i = 0; i < counted.trials.size(); ++i) {
            if (counted.trials[i] == kNotMeasured) continue;
            scratch_.assign(geometry_.cellsPerArray(), counted.trials[i]);
            writeArray(counted.trialsData, placeOf(i), scratch_.data());
        }
    }

    void attachScales() {
        std::vector<const DatasetHandle*> fails;
        for (const Counted& counted : counted_) {
            if (counted.fails) fails.push_back(&counted.fails);
        }
        out_->attachScale(voltage_, "voltage", fails, kVoltageDimension);
        if (temperature_) {
            out_->attachScale(temperature_, "temperature", fails, kTemperatureDimension);
        }
        if (pattern_) out_->attachScale(pattern_, "pattern", fails, kPatternDimension);
        for (const DatasetHandle* dataset : fails) {
            for (unsigned i = 0; i < kCountsDimensions; ++i) {
                out_->labelDimension(*dataset, i, kCountsDimensionNames[i]);
            }
        }
    }

    void release() {
        for (Counted& counted : counted_) {
            counted.fails.close();
            counted.trialsData.close();
        }
        voltage_.close(), temperature_.close(), pattern_.close(), group_.close();
    }

    AtomicFile file_;
    SramGeometry geometry_;
    CountsShape shape_;
    std::optional<Hdf5Output> out_;
    GroupHandle group_;
    DatasetHandle voltage_, temperature_, pattern_;
    std::vector<hsize_t> chunk_;
    std::array<Counted, kFailDirections.size()> counted_;
    std::vector<std::uint32_t> scratch_;
    std::vector<std::uint8_t> narrow8_;
    std::vector<std::uint16_t> narrow16_;
};

CountsWriter::CountsWriter(const std::filesystem::path& path, const ProfileHeader& header,
                           const CountsShape& shape)
    : output_(std::make_unique<Output>(path, header, shape)) {}

CountsWriter::~CountsWriter() = default;

void CountsWriter::add(const CountsPlace& place, std::uint32_t trials,
                       Span<const std::uint32_t> fails) {
    output_->add(place, trials, fails);
}

void CountsWriter::addSparse(const CountsPlace& place, std::uint32_t trials,
                             Span<const CellFails> failing) {
    output_->addSparse(place, trials, failing);
}

void CountsWriter::commit() {
    output_->commit();
    output_.reset();
}

void CountsWriter::cancel() { output_.reset(); }

}  // namespace brownout
