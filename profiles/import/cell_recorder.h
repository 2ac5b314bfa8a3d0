#pragma once

#include <cstdint>
#include <optional>

#include "profiles/import/import_options.h"
#include "profiles/import/measurement.h"

namespace brownout {

/// The recorder of maps of cells, one number each, of one direction at one voltage (npy, bitmap01).
class CellRecorder {
 public:
    /// Records into `measurement`. `reads` is how often each cell was read; 1 for flags.
    CellRecorder(Measurement& measurement, ArrayValues values, std::uint32_t reads)
        : measurement_(measurement), values_(values), reads_(reads) {}

    /// Begins a file. Throws Error naming it if another has the same voltage and direction.
    void begin(const ImportFile& file, const std::optional<double>& temperatureC);

    /// Returns the number of failing reads that `value` of a cell means; nothing for a value that
    /// means none.
    std::optional<std::uint32_t> fails(double value) const;
    /// Returns the values that fails() takes, for errors.
    std::string expected() const;

    /// Notes failing reads of the cell at a row (counted through all blocks) and a column.
    void cell(std::uint64_t row, std::uint32_t column, std::uint32_t fails);

    /// Ends a file of `rows` rows. Throws Error naming it if they don't fill arrays, or not as many
    /// as other files.
    void end(std::uint64_t rows);

 private:
    Measurement& measurement_;
    ArrayValues values_;
    std::uint32_t reads_;
    const ImportFile* file_ = nullptr;
    FailDirection direction_ = FailDirection::kUnknown;
    std::uint32_t entry_ = 0;
    std::uint64_t rowsOfFirst_ = 0;
    std::string firstFile_;
};

}  // namespace brownout
