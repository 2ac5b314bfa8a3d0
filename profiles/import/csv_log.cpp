#include "profiles/import/csv_log.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/fields.h"
#include "profiles/import/fail_log.h"
#include "profiles/import/file_names.h"

namespace brownout {
namespace {

enum Column : unsigned {
    kChip,
    kArray,
    kVoltage,
    kTemperature,
    kPattern,
    kAddress,
    kRow,
    kColumn,
    kBit,
    kExpected,
    kObserved,
    kFails,
    kReads,
    kColumns
};
constexpr std::array<const char*, kColumns> kNames{
    "chip",   "array", "voltage",  "temperature", "pattern", "address", "row",
    "column", "bit",   "expected", "observed",    "fails",   "reads"};

bool isComment(const std::string& line) {
    const std::string_view text = trimmed(line);
    return text.empty() || text[0] == '#';
}

class CsvReader {
 public:
    CsvReader(ImportFile& file, const ImportOptions& options, Measurement& measurement,
              FailLog& log)
        : file_(file),
          options_(options),
          measurement_(measurement),
          map_(measurement.map()),
          log_(log),
          lines_(*file.input) {}

    void read() {
        std::string line;
        bool header = false;
        while (lines_.next(line)) {
            if (isComment(line)) continue;
            if (!splitFields(line, options_.delimiter, fields_)) {
                throw lines_.error(
                    "a quotation mark is out of place; expected \"...\" around a "
                    "whole field, and \"\" for one inside");
            }
            if (header) {
                row();
            } else {
                readHeader();
                header = true;
            }
        }
        if (!header) throw file_.input->error("is empty; expected a line with the columns' names");
    }

 private:
    void readHeader() {
        names_ = fields_;
        for (unsigned i = 0; i < kColumns; ++i) {
            const auto given = options_.columns.find(kNames[i]);
            const std::string name = given == options_.columns.end() ? kNames[i] : given->second;
            const auto at = std::find(names_.begin(), names_.end(), name);
            if (at != names_.end()) {
                if (std::find(at + 1, names_.end(), name) != names_.end()) {
                    throw lines_.error("two columns are called " + quoted(name));
                }
                at_[i] = static_cast<std::size_t>(at - names_.begin());
            } else if (given != options_.columns.end()) {
                missing(quoted(name) + " (for " + kNames[i] + ")");
            }
        }
        if (!at_[kAddress] && !at_[kRow]) missing("'address' or 'row'");
        if (at_[kAddress] && at_[kRow]) {
            throw lines_.error(
                "has both an address and a row; expected one of them to say where "
                "(--columns can rename the other)");
        }
        if (at_[kRow] && !at_[kColumn] && !at_[kBit]) missing("'column' or 'bit'");
        if (at_[kAddress] && !at_[kBit] && !(at_[kExpected] && at_[kObserved])) {
            missing("'bit', or 'expected' and 'observed' with whole words");
        }
        if (!at_[kVoltage] && !file_.voltage) {
            file_.voltage = voltageOfName(file_.input->name(), options_.voltagePattern);
        }
    }

    [[noreturn]] void missing(const std::string& what) const {
        std::string all;
        for (const std::string& name : names_) {
            all += (all.empty() ? "" : ", ") + (all.size() > 200 ? std::string() : quoted(name));
        }
        throw lines_.error("has no column " + what + "; its columns are " + all +
                           " (--columns name=column)");
    }

    /// The column is there and not empty.
    bool has(Column column) const { return at_[column] && !text(column).empty(); }

    const std::string& text(Column column) const { return fields_[*at_[column]]; }

    [[noreturn]] void wrong(Column column, const std::string& expected) const {
        throw lines_.error(std::string(kNames[column]) + " " + quoted(text(column)) +
                           "; expected " + expected);
    }

    std::uint64_t number(Column column, std::uint64_t most = 0xFFFFFFFE) const {
        const auto value = parseUnsigned(text(column));
        if (!value || *value > most) {
            wrong(column,
                  "a whole number" +
                      (most == 0xFFFFFFFE ? std::string() : " up to " + std::to_string(most)));
        }
        return *value;
    }

    std::uint64_t addressOf() const {
        const auto value = parseUnsigned(text(kAddress), options_.addressBase);
        if (value && *value <= 0xFFFFFFFE) return *value;
        const bool hex = parseUnsigned(text(kAddress), 16).has_value();
        wrong(kAddress, std::string("a whole number") +
                            (hex && !value ? " (--address-base 16: hexadecimal without 0x)" : ""));
    }

    /// Number of a column that may be absent.
    std::optional<std::uint32_t> optional(Column column) const {
        if (!at_[column]) return std::nullopt;
        return static_cast<std::uint32_t>(number(column));
    }

    ReadCondition condition() const {
        ReadCondition condition;
        condition.voltage = file_.voltage.value_or(0);
        if (at_[kVoltage]) {
            const auto volts = parseVolts(text(kVoltage), options_.decimal);
            if (!volts || *volts > 1e6) {
                throw lines_.error(voltsProblem(text(kVoltage), "voltage "));
            }
            condition.voltage = *volts;
        }
        condition.temperatureC = options_.temperatureC;
        if (at_[kTemperature]) {
            std::string number = text(kTemperature);
            if (!number.empty() && number.back() == 'C') number.pop_back();
            condition.temperatureC = parseReal(trimmed(number), options_.decimal);
            if (!condition.temperatureC || *condition.temperatureC <= -273.15 ||
                *condition.temperatureC > 1000) {
                wrong(kTemperature, "a temperature in degrees Celsius");
            }
        }
        if (at_[kPattern]) {
            condition.pattern = text(kPattern);
            if (condition.pattern.empty()) wrong(kPattern, "the name of a data pattern");
        }
        return condition;
    }

    void row() {
        if (fields_.size() != names_.size()) {
            throw lines_.error("has " + std::to_string(fields_.size()) + " fields; expected " +
                               std::to_string(names_.size()) + ", one a column");
        }
        const std::string chip = at_[kChip] ? text(kChip) : "0";
        if (chip.empty() || chip.size() > 200) wrong(kChip, "the name of a chip");
        const auto reads = optional(kReads);
        if (reads && *reads == 0) wrong(kReads, "at least 1");
        const std::uint32_t entry = log_.entry(lines_, chip, condition(), reads);
        const std::uint32_t fails = optional(kFails).value_or(1);
        const std::uint32_t most = measurement_.coverage(entry).reads;
        if (fails > most) {
            throw lines_.error(std::to_string(fails) + " fails of " + std::to_string(most) +
                               " reads; expected no more fails than reads");
        }
        DumpBit place = cell();
        requireBelow(lines_, "array", place.block, measurement_.blocks());
        if (at_[kAddress] && !at_[kBit]) {
            words(entry, place, fails);
        } else {
            log_.fail(entry, place, direction(fails), fails);
        }
    }

    /// Where the row points; the bit is 0 if it gives whole words.
    DumpBit cell() const {
        const auto array = optional(kArray);
        if (at_[kRow]) {
            const std::uint64_t row = number(kRow);
            const std::uint64_t column = number(at_[kColumn] ? kColumn : kBit);
            requireBelow(lines_, "column", column, map_.columns());
            if (array) requireBelow(lines_, "row", row, map_.dumpRows());
            const std::uint64_t block = array.value_or(row / map_.dumpRows());
            return map_.bitAt(static_cast<std::uint32_t>(block),
                              static_cast<std::uint32_t>(row % map_.dumpRows()),
                              static_cast<std::uint32_t>(column));
        }
        const std::uint64_t address = addressOf();
        if (array) requireBelow(lines_, "address", address, map_.wordsPerBlock());
        DumpBit place;
        place.block = array.value_or(static_cast<std::uint32_t>(address / map_.wordsPerBlock()));
        place.address = static_cast<std::uint32_t>(address % map_.wordsPerBlock());
        if (at_[kBit]) {
            const std::uint64_t bit = number(kBit);
            requireBelow(lines_, "bit", bit, map_.wordBits());
            place.bit = static_cast<std::uint32_t>(bit);
        }
        return place;
    }

    FailDirection direction(std::uint32_t fails) const {
        std::optional<bool> expected, observed;
        if (has(kExpected)) expected = number(kExpected, 1) != 0;
        if (has(kObserved)) observed = number(kObserved, 1) != 0;
        if (expected && observed && *expected == *observed && fails > 0) {
            throw lines_.error("expected and observed are both " + text(kExpected) +
                               "; expected a failing read, or 0 fails");
        }
        if (expected) return *expected ? FailDirection::k10 : FailDirection::k01;
        if (observed) return *observed ? FailDirection::k01 : FailDirection::k10;
        return FailDirection::kUnknown;
    }

    void words(std::uint32_t entry, DumpBit place, std::uint32_t fails) {
        const std::uint64_t most =
            map_.wordBits() >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << map_.wordBits()) - 1;
        const std::uint64_t expected = number(kExpected, most);
        const std::uint64_t observed = number(kObserved, most);
        if (expected == observed && fails > 0) {
            throw lines_.error("expected and observed are both " + text(kExpected) +
                               "; expected a failing read, or 0 fails");
        }
        for (std::uint64_t left = expected ^ observed; left != 0; left &= left - 1) {
            place.bit = static_cast<std::uint32_t>(__builtin_ctzll(left));
            const bool wasOne = (expected >> place.bit & 1) != 0;
            log_.fail(entry, place, wasOne ? FailDirection::k10 : FailDirection::k01, fails);
        }
    }

    ImportFile& file_;
    const ImportOptions& options_;
    Measurement& measurement_;
    const DescrambleMap& map_;
    FailLog& log_;
    LineReader lines_;
    std::vector<std::string> names_;
    std::vector<std::string> fields_;
    std::array<std::optional<std::size_t>, kColumns> at_;
};

}  // namespace

void readCsvLogs(std::vector<ImportFile>& files, const ImportOptions& options,
                 Measurement& measurement, ImportNotes& notes) {
    for (const auto& [ours, theirs] : options.columns) {
        if (std::find(kNames.begin(), kNames.end(), ours) == kNames.end()) {
            std::string all;
            for (const char* name : kNames) all += (all.empty() ? "" : ", ") + std::string(name);
            throw UsageError("--columns", quoted(ours) + "; expected one of " + all);
        }
    }
    FailLog log(options, measurement);
    for (ImportFile& file : files) CsvReader(file, options, measurement, log).read();
    log.finish(notes);
}

}  // namespace brownout
