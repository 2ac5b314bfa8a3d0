#include "profiles/counts_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "profiles/hdf5/counts_grid.h"
#include "profiles/hdf5/counts_layout.h"
#include "profiles/hdf5/file_seal.h"
#include "profiles/hdf5/header_writer.h"

namespace brownout {
namespace {

// FORMAT.md, "counts".
constexpr FormatVersion kCountsFormat{1, 1};

/// The voltages of a counts profile are those of its conditions.
ProfileHeader withoutVoltages(ProfileHeader header) {
    header.referenceVoltages.clear();
    return header;
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
        : file_(path), grid_(withoutVoltages(header), shape) {
        const Hdf5Session session;
        try {
            begin(withoutVoltages(header));
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
        if (fails.size() != grid_.geometry().cellsPerArray()) {
            throw Error(describe(place), "has counts of " + std::to_string(fails.size()) +
                                             " cells; expected " +
                                             std::to_string(grid_.geometry().cellsPerArray()));
        }
        for (std::size_t i = 0; i < fails.size(); ++i) {
            if (fails[i] > trials && fails[i] != kNotMeasured) refuse(place, i, fails[i], trials);
        }
        write(place, trials, fails.data());
    }

    void addSparse(const CountsPlace& place, std::uint32_t trials, Span<const CellFails> failing) {
        checkPlace(place, trials);
        scratch_.assign(grid_.geometry().cellsPerArray(), 0);
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
        const GroupHandle cells = writeHeader(*out_, header, nameOf(Encoding::kCounts),
                                              grid_.shape().chips, kCountsFormat);
        group_ = out_->makeGroup(cells, nameOf(Encoding::kCounts));
        const CountsConditions& conditions = grid_.shape().conditions;
        voltage_ = out_->addColumn(group_, "voltage", conditions.voltages, unit);
        if (!conditions.temperaturesC.empty()) {
            temperature_ = out_->addColumn(group_, "temperature", conditions.temperaturesC, "degC");
        }
        if (!conditions.patterns.empty()) {
            pattern_ = out_->addTextColumn(group_, "pattern", conditions.patterns);
        }
    }

    Counted& of(FailDirection direction) { return counted_[static_cast<std::size_t>(direction)]; }

    void checkPlace(const CountsPlace& place, std::uint32_t trials) {
        if (!grid_.contains(place)) throw Error(describe(place), "is outside the profile");
        const std::uint32_t most = grid_.shape().mostTrials;
        if (trials == 0 || trials > most) {
            throw Error(describe(place),
                        std::to_string(trials) + " trials; expected 1 to " + std::to_string(most));
        }
        const Counted& counted = of(place.direction);
        if (!counted.trials.empty() && counted.trials[grid_.indexOf(place)] != kNotMeasured) {
            throw Error(describe(place), "is added twice");
        }
    }

    [[noreturn]] static void refuse(const CountsPlace& place, std::uint64_t cell,
                                    std::uint32_t fails, std::uint32_t trials) {
        throw Error(describe(place), "cell " + std::to_string(cell) + " has " +
                                         std::to_string(fails) + " fails in " +
                                         std::to_string(trials) + " trials");
    }

    DatasetHandle addGrid(const char* name, const std::vector<hsize_t>& shape,
                          const std::vector<hsize_t>& chunk) {
        return out_->addGrid(group_, name, grid_.fileType(), shape, chunk, grid_.fill());
    }

    void writeArray(const DatasetHandle& dataset, const CountsPlace& place,
                    const std::uint32_t* values) {
        out_->writeBox(dataset, grid_.startOf(place), grid_.boxOfArray(), grid_.memoryType(),
                       grid_.narrowed(values, grid_.geometry().cellsPerArray()));
    }

    void write(const CountsPlace& place, std::uint32_t trials, const std::uint32_t* fails) {
        const Hdf5Session session;
        Counted& counted = of(place.direction);
        if (counted.trials.empty()) {
            counted.fails =
                addGrid(countsNamesOf(place.direction).fails, grid_.wholeShape(), grid_.chunk());
            counted.trials.assign(grid_.places(), kNotMeasured);
        }
        writeArray(counted.fails, place, fails);
        counted.trials[grid_.indexOf(place)] = trials;
    }

    /// As small as what was measured allows: one number, one for each chip and condition, or all.
    void writeTrials(FailDirection direction) {
        Counted& counted = of(direction);
        const char* name = countsNamesOf(direction).trials;
        const std::size_t arrays = grid_.geometry().arrays;
        const std::vector<hsize_t> origin(kCountsDimensions, 0);
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
            const std::vector<hsize_t> one(kCountsDimensions, 1);
            counted.trialsData = addGrid(name, one, one);
            out_->writeBox(counted.trialsData, origin, one, H5T_NATIVE_UINT32, &*only);
            return;
        }
        std::vector<hsize_t> shape = grid_.wholeShape();
        if (sameInArrays) {
            shape[4] = shape[5] = 1;
            std::vector<hsize_t> chunk = shape;
            const std::size_t conditions = grid_.shape().conditions.count();
            chunk[0] = std::clamp<hsize_t>(kChunkCells / conditions, 1, shape[0]);
            if (conditions > kChunkCells) chunk[1] = chunk[2] = 1;
            counted.trialsData = addGrid(name, shape, chunk);
            out_->writeBox(counted.trialsData, origin, shape, H5T_NATIVE_UINT32,
                           ofConditions.data());
            return;
        }
        counted.trialsData = addGrid(name, shape, grid_.chunk());
        for (std::size_t i = 0; i < counted.trials.size(); ++i) {
            if (counted.trials[i] == kNotMeasured) continue;
            scratch_.assign(grid_.geometry().cellsPerArray(), counted.trials[i]);
            writeArray(counted.trialsData, grid_.placeOf(i), scratch_.data());
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
    CountsGrid grid_;
    std::optional<Hdf5Output> out_;
    GroupHandle group_;
    DatasetHandle voltage_, temperature_, pattern_;
    std::array<Counted, kFailDirections.size()> counted_;
    std::vector<std::uint32_t> scratch_;
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
