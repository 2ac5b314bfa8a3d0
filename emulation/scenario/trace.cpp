#include "emulation/scenario/trace.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/fields.h"
#include "base/numbers.h"

namespace brownout {
namespace {

enum Column : unsigned { kTime, kSupply, kSupplyV, kRate, kLoad, kTemperature, kColumns };
constexpr std::array<const char*, kColumns> kNames{"time_s",     "supply", "supply_v",
                                                   "rate_per_s", "load",   "temperature_c"};

/// Longest trace: what a time in picoseconds holds, with room to spare.
constexpr double kLongestS = 1e7;

class TraceReader {
 public:
    TraceReader(Input& input, double usualRatePerS) : input_(input), lines_(input) {
        now_.ratePerS = usualRatePerS;
    }

    Trace read() {
        std::string line;
        bool header = false;
        while (lines_.next(line)) {
            const std::string_view text = trimmed(line);
            if (text.empty() || text[0] == '#') continue;
            if (!splitFields(line, ',', fields_)) {
                throw lines_.error("a quotation mark is out of place");
            }
            if (header) {
                readRow();
            } else {
                readHeader();
                header = true;
            }
        }
        if (!header) throw input_.error("is empty; expected a line with the columns' names");
        if (rows_.size() < 2) {
            throw input_.error("has " + std::to_string(rows_.size()) +
                               (rows_.size() == 1 ? " row" : " rows") +
                               "; expected at least two: the last one ends the trace");
        }
        for (std::size_t i = 0; i + 1 < rows_.size(); ++i) rows_[i].endS = rows_[i + 1].startS;
        rows_.pop_back();
        return {input_.name(), std::move(rows_)};
    }

 private:
    void readHeader() {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const auto known = std::find(kNames.begin(), kNames.end(), fields_[i]);
            if (known == kNames.end()) {
                throw lines_.error("column " + brownout::quoted(fields_[i]) +
                                   "; expected some of " + names());
            }
            std::optional<std::size_t>& at = at_[static_cast<std::size_t>(known - kNames.begin())];
            if (at) throw lines_.error("two columns are called " + brownout::quoted(fields_[i]));
            at = i;
        }
        columns_ = fields_.size();
        if (!at_[kTime]) throw lines_.error("has no column 'time_s'");
        if (at_[kSupply] && at_[kSupplyV]) {
            throw lines_.error("has both 'supply' and 'supply_v'; expected one of them");
        }
    }

    static std::string names() {
        std::string all;
        for (const char* name : kNames) all += (all.empty() ? "" : ", ") + std::string(name);
        return all;
    }

    void readRow() {
        if (fields_.size() != columns_) {
            throw lines_.error("has " + std::to_string(fields_.size()) + " fields; expected " +
                               std::to_string(columns_));
        }
        const auto time = number(kTime, 0, kLongestS, "seconds from 0 to 1e7");
        if (!time) throw lines_.error("has no time_s");
        if (rows_.empty() && *time != 0) {
            throw lines_.error("time_s " + brownout::quoted(fields_[*at_[kTime]]) +
                               "; expected the first row to be at 0");
        }
        if (!rows_.empty() && *time <= now_.startS) {
            throw lines_.error("time_s " + brownout::quoted(fields_[*at_[kTime]]) +
                               "; expected more than " + shortestNumber(now_.startS) +
                               ", that of the row above");
        }
        now_.startS = *time;
        const char* const supply = "a supply above 0 and below 10";
        if (const auto value = number(kSupply, 1e-3, kHighestBareVoltage, supply)) {
            now_.supply = Voltage{*value, VoltageUnit::kVmin};
        }
        if (const auto value = number(kSupplyV, 1e-3, kHighestBareVoltage, supply)) {
            now_.supply = Voltage{*value, VoltageUnit::kVolt};
        }
        now_.ratePerS =
            number(kRate, 0, 1e12, "inferences a second, 0 to 1e12").value_or(now_.ratePerS);
        now_.load = number(kLoad, 0, 1, "a share from 0 to 1").value_or(now_.load);
        if (const auto value = number(kTemperature, -273.15, 1000, "degrees Celsius")) {
            now_.temperatureC = value;
        }
        rows_.push_back(now_);
    }

    /// Returns the number in a column, nothing where the column isn't there or the field is empty.
    std::optional<double> number(Column column, double least, double most,
                                 const std::string& expected) const {
        if (!at_[column] || fields_[*at_[column]].empty()) return std::nullopt;
        const std::string& text = fields_[*at_[column]];
        const std::optional<double> value = parseReal(text);
        if (!value || *value < least || *value > most) {
            throw lines_.error(std::string(kNames[column]) + " " + brownout::quoted(text) +
                               "; expected " + expected);
        }
        return value;
    }

    Input& input_;
    LineReader lines_;
    std::vector<std::string> fields_;
    std::array<std::optional<std::size_t>, kColumns> at_{};
    std::size_t columns_ = 0;
    TraceRow now_;
    std::vector<TraceRow> rows_;
};

}  // namespace

Trace readTrace(Input& input, double usualRatePerS) {
    return TraceReader(input, usualRatePerS).read();
}

}  // namespace brownout
