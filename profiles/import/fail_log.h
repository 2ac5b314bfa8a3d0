#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "profiles/import/import_options.h"
#include "profiles/import/measurement.h"

namespace brownout {

/// Common part of the formats that list failing reads (csv, arm-mbist): a log names what
/// failed, and options say what else was read.
class FailLog {
 public:
    FailLog(const ImportOptions& options, Measurement& measurement)
        : options_(options), measurement_(measurement) {}

    /// Returns the entry of a condition that a line names, read `reads` times if the line says so.
    /// Throws Error at the line if neither the line nor the options say how often, or if an earlier
    /// line says otherwise.
    std::uint32_t entry(const LineReader& at, const std::string& chip,
                        const ReadCondition& condition, std::optional<std::uint32_t> reads);

    /// Notes failing reads that a line names.
    void fail(std::uint32_t entry, const DumpBit& bit, FailDirection direction,
              std::uint32_t count) {
        seen_[static_cast<std::size_t>(direction)] = true;
        measurement_.fail(entry, bit, direction, count);
    }

    /// Adds, after the last line, the conditions under which perhaps nothing failed, and says what
    /// was looked at. `coverage` gives it for a condition where both directions were looked for;
    /// the default looks at every bit.
    void finish(ImportNotes& notes, Coverage (*coverage)(const ReadCondition&) = nullptr);

 private:
    void addMissingConditions();

    const ImportOptions& options_;
    Measurement& measurement_;
    bool seen_[3] = {false, false, false};
};

/// Checks an index in a log. Throws Error at the line, with the name `what` of the index, unless
/// `value` is less than `count`.
void requireBelow(const LineReader& at, const std::string& what, std::uint64_t value,
                  std::uint64_t count);

}  // namespace brownout
