#include "profiles/import/cell_recorder.h"

#include <cmath>
#include <sstream>

#include "base/error.h"

namespace brownout {
namespace {

// Probabilities are printed with a few digits: how far a count may be from a whole number.
constexpr double kCountTolerance = 0.05;

}  // namespace

void CellRecorder::begin(const ImportFile& file, const std::optional<double>& temperatureC) {
    file_ = &file;
    direction_ = *file.direction;
    entry_ = measurement_.entry(measurement_.chip("0"), {*file.voltage, temperatureC, ""});
    Coverage& coverage = measurement_.coverage(entry_);
    coverage.reads = reads_;
    const bool had01 = coverage.bits01 != 0, had10 = coverage.bits10 != 0;
    const bool twice = direction_ == FailDirection::k01   ? had01
                       : direction_ == FailDirection::k10 ? had10
                                                          : coverage.unknown;
    if (twice) {
        std::ostringstream text;
        text << "a second file of " << *file.voltage << " V and direction " << nameOf(direction_);
        throw file.input->error(text.str());
    }
    if (direction_ == FailDirection::k01) coverage.bits01 = ~std::uint64_t{0};
    if (direction_ == FailDirection::k10) coverage.bits10 = ~std::uint64_t{0};
    if (direction_ == FailDirection::kUnknown) coverage.unknown = true;
}

std::optional<std::uint32_t> CellRecorder::fails(double value) const {
    const double count = values_ == ArrayValues::kProbabilities ? value * reads_ : value;
    const double most = values_ == ArrayValues::kFlags ? 1 : reads_;
    // Written so that NaN is refused.
    if (!(count >= 0 && count <= most + kCountTolerance)) return std::nullopt;
    const double whole = std::round(count);
    const double tolerance = values_ == ArrayValues::kProbabilities ? kCountTolerance : 0;
    if (!(std::abs(count - whole) <= tolerance && whole <= most)) return std::nullopt;
    return static_cast<std::uint32_t>(whole);
}

std::string CellRecorder::expected() const {
    switch (values_) {
        case ArrayValues::kFlags:
            return "expected 0 or 1";
        case ArrayValues::kCounts:
            return "expected a whole number from 0 to " + std::to_string(reads_) + ", the reads";
        case ArrayValues::kProbabilities:
            return "expected a multiple of 1/" + std::to_string(reads_) +
                   " from 0 to 1, as of that many reads";
        case ArrayValues::kWords:
            break;
    }
    return "";
}

void CellRecorder::cell(std::uint64_t row, std::uint32_t column, std::uint32_t fails) {
    const DescrambleMap& map = measurement_.map();
    const std::uint64_t block = row / map.dumpRows();
    measurement_.needBlocks(block + 1);
    measurement_.fail(entry_,
                      map.bitAt(static_cast<std::uint32_t>(block),
                                static_cast<std::uint32_t>(row % map.dumpRows()), column),
                      direction_, fails);
}

void CellRecorder::end(std::uint64_t rows) {
    const DescrambleMap& map = measurement_.map();
    const std::uint32_t perBlock = map.dumpRows();
    if (rows == 0 || rows % perBlock != 0) {
        throw file_->input->error("has " + std::to_string(rows) + " rows; expected a multiple of " +
                                  std::to_string(perBlock) + ", the rows of an array");
    }
    const auto stated = map.statedBlocks();
    if (stated && rows / perBlock != *stated) {
        throw file_->input->error("has " + std::to_string(rows) + " rows; expected " +
                                  std::to_string(*stated * perBlock) + ", those of " +
                                  std::to_string(*stated) + " arrays");
    }
    if (rowsOfFirst_ != 0 && rows != rowsOfFirst_) {
        throw file_->input->error("has " + std::to_string(rows) + " rows; expected " +
                                  std::to_string(rowsOfFirst_) + ", as " + firstFile_);
    }
    measurement_.needBlocks(rows / perBlock);
    if (rowsOfFirst_ == 0) firstFile_ = file_->input->name();
    rowsOfFirst_ = rows;
}

}  // namespace brownout
