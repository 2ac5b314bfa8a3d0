#include "profiles/import/fail_log.h"

#include <map>

#include "base/error.h"

namespace brownout {

std::uint32_t FailLog::entry(const LineReader& at, const std::string& chip,
                             const ReadCondition& condition, std::optional<std::uint32_t> reads) {
    if (!reads) reads = options_.reads;
    if (!reads) {
        throw at.error(
            "nothing says how often each cell was read; expected a column 'reads' or "
            "--reads N");
    }
    bool isNew = false;
    const std::uint32_t entry = measurement_.entry(measurement_.chip(chip), condition, &isNew);
    Coverage& coverage = measurement_.coverage(entry);
    if (isNew) {
        coverage.reads = *reads;
    } else if (coverage.reads != *reads) {
        throw at.error(std::to_string(*reads) + " reads; expected " +
                       std::to_string(coverage.reads) + ", as before under the same condition");
    }
    return entry;
}

void FailLog::addMissingConditions() {
    if (measurement_.entries() == 0 && !options_.alsoMeasured.empty()) {
        if (!options_.reads) {
            throw UsageError("--also", "needs --reads: how often each cell was read there");
        }
        measurement_.chip("0");
        for (const double voltage : options_.alsoMeasured) {
            const auto entry = measurement_.entry(0, {voltage, options_.temperatureC, ""});
            measurement_.coverage(entry).reads = *options_.reads;
        }
        return;
    }
    // Each chip under each of its temperatures at those voltages, and each of its conditions with
    // every pattern of the log: a pattern under which nothing failed is in no line.
    std::vector<std::string> patterns;
    std::map<std::string, bool> known;
    const std::size_t named = measurement_.entries();
    for (std::uint32_t i = 0; i < named; ++i) {
        const std::string pattern = measurement_.condition(i).pattern;
        if (known.emplace(pattern, true).second) patterns.push_back(pattern);
    }
    if (static_cast<double>(patterns.size()) * static_cast<double>(named) *
            static_cast<double>(options_.alsoMeasured.size() + 1) >
        1e6) {
        throw Error("import", "the log has more than 10^6 conditions");
    }
    for (std::uint32_t i = 0; i < named; ++i) {
        const std::uint32_t chip = measurement_.chipOf(i);
        ReadCondition condition = measurement_.condition(i);
        const std::uint32_t reads = measurement_.coverage(i).reads;
        std::vector<double> voltages = options_.alsoMeasured;
        voltages.push_back(condition.voltage);
        for (const double voltage : voltages) {
            condition.voltage = voltage;
            for (const std::string& pattern : patterns) {
                condition.pattern = pattern;
                bool isNew = false;
                const auto entry = measurement_.entry(chip, condition, &isNew);
                if (isNew) measurement_.coverage(entry).reads = reads;
            }
        }
    }
}

void FailLog::finish(ImportNotes& notes, Coverage (*coverage)(const ReadCondition&)) {
    addMissingConditions();
    const bool logged01 = seen_[static_cast<std::size_t>(FailDirection::k01)];
    const bool logged10 = seen_[static_cast<std::size_t>(FailDirection::k10)];
    const bool unknown = seen_[static_cast<std::size_t>(FailDirection::kUnknown)];
    bool looked01 = logged01, looked10 = logged10;
    switch (options_.directions) {
        case LoggedDirections::kSeen:
            // Nothing failed at all: then neither direction was seen to be left out.
            if (!logged01 && !logged10 && !unknown) looked01 = looked10 = true;
            if (looked01 != looked10) {
                notes.lines.push_back(
                    std::string("no read fails ") + (looked01 ? "1->0" : "0->1") +
                    " in the log: taken as not looked for (--directions both says otherwise)");
            }
            break;
        case LoggedDirections::k01:
        case LoggedDirections::k10:
        case LoggedDirections::kBoth:
            looked01 = options_.directions != LoggedDirections::k10;
            looked10 = options_.directions != LoggedDirections::k01;
            if ((logged01 && !looked01) || (logged10 && !looked10)) {
                throw UsageError("--directions", std::string("leaves out ") +
                                                     (looked01 ? "1->0" : "0->1") +
                                                     ", which the log has fails of");
            }
            break;
    }
    for (std::uint32_t i = 0; i < measurement_.entries(); ++i) {
        Coverage all;
        all.bits01 = all.bits10 = ~std::uint64_t{0};
        if (coverage != nullptr) all = coverage(measurement_.condition(i));
        Coverage& its = measurement_.coverage(i);
        its.bits01 = looked01 ? all.bits01 : 0;
        its.bits10 = looked10 ? all.bits10 : 0;
        its.unknown = unknown;
    }
}

void requireBelow(const LineReader& at, const std::string& what, std::uint64_t value,
                  std::uint64_t count) {
    if (value < count) return;
    // Only arrays have a usual number, 1, that nobody asked for.
    throw at.error(what + " " + std::to_string(value) + "; expected less than " +
                   std::to_string(count) +
                   (what == "array" ? " (--arrays N, or the map, says how many a chip has)" : ""));
}

}  // namespace brownout
