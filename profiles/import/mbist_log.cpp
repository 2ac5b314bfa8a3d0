#include "profiles/import/mbist_log.h"

#include <algorithm>

#include "base/error.h"
#include "base/fields.h"
#include "profiles/import/fail_log.h"
#include "profiles/import/file_names.h"
#include "profiles/import/hex_dump.h"

namespace brownout {
namespace {

constexpr std::size_t kHexDigits = 20;
constexpr std::size_t kBits = 79;
const char kSeedName[] = "seed ";

/// A word written with a seed: its four bits over and over.
std::uint64_t wordOfSeed(std::uint32_t seed) { return 0x1111111111111111ULL * seed; }

/// With one seed every bit is looked at in one direction only.
Coverage coverageOfSeed(const ReadCondition& condition) {
    Coverage coverage;
    const int digit = condition.pattern.empty() ? 0 : hexDigit(condition.pattern.back());
    const std::uint64_t word = wordOfSeed(static_cast<std::uint32_t>(digit));
    coverage.bits10 = word;
    coverage.bits01 = ~word;
    if (condition.pattern.empty()) coverage.bits10 = ~std::uint64_t{0};
    return coverage;
}

class MbistReader {
 public:
    MbistReader(ImportFile& file, const ImportOptions& options, Measurement& measurement,
                FailLog& log)
        : file_(file),
          options_(options),
          measurement_(measurement),
          log_(log),
          lines_(*file.input) {}

    void read() {
        const auto named = std::find(options_.fields.begin(), options_.fields.end(), "voltage");
        if (named == options_.fields.end() && !file_.voltage) {
            file_.voltage = voltageOfName(file_.input->name(), options_.voltagePattern);
        }
        std::string line;
        while (lines_.next(line)) {
            const std::string_view text = trimmed(line);
            if (!text.empty() && text[0] != '#') entry(text);
        }
    }

 private:
    /// Splits at blanks, semicolons and commas, unless those are in numbers.
    void split(std::string_view text) {
        const char* const separators = options_.decimal == ',' ? " \t;" : " \t,;";
        fields_.clear();
        while (!text.empty()) {
            const auto end = std::min(text.find_first_of(separators), text.size());
            if (end > 0) fields_.push_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }

    void entry(std::string_view text) {
        split(text);
        if (fields_.size() != options_.fields.size()) {
            throw lines_.error("has " + std::to_string(fields_.size()) + " fields; expected " +
                               std::to_string(options_.fields.size()) + " (--fields)");
        }
        std::string chip = "0";
        ReadCondition condition;
        condition.voltage = file_.voltage.value_or(0);
        condition.temperatureC = options_.temperatureC;
        std::uint64_t array = 0;
        MbistEntry entry;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const std::string& name = options_.fields[i];
            const std::string field(fields_[i]);
            const auto wrong = [&](const std::string& expected) {
                throw lines_.error(name + " " + quoted(field) + "; expected " + expected);
            };
            if (name == "chip") {
                if (field.size() > 200) wrong("the name of a chip");
                chip = field;
            } else if (name == "voltage") {
                const auto volts = parseVolts(field, options_.decimal);
                if (!volts || *volts > 1e6) {
                    throw lines_.error(voltsProblem(field, "voltage "));
                }
                condition.voltage = *volts;
            } else if (name == "temperature") {
                condition.temperatureC = parseReal(field, options_.decimal);
                if (!condition.temperatureC || *condition.temperatureC <= -273.15 ||
                    *condition.temperatureC > 1000) {
                    wrong("degrees Celsius");
                }
            } else if (name == "array") {
                const auto value = parseUnsigned(field);
                if (!value || *value > 0xFFFFFFFE) wrong("a whole number");
                array = *value;
            } else {
                const auto parsed = parseMbistEntry(field);
                if (!parsed) wrong("20 hexadecimal or 79 binary digits");
                entry = *parsed;
            }
        }
        record(chip, condition, array, entry);
    }

    void record(const std::string& chip, ReadCondition condition, std::uint64_t array,
                const MbistEntry& entry) {
        const DescrambleMap& map = measurement_.map();
        requireBelow(lines_, "array", array, measurement_.blocks());
        requireBelow(lines_, "address", entry.address, map.wordsPerBlock());
        if (map.wordBits() < 64 && (entry.failing >> map.wordBits()) != 0) {
            throw lines_.error("bit " + std::to_string(63 - __builtin_clzll(entry.failing)) +
                               " fails; expected bits below " + std::to_string(map.wordBits()) +
                               ", as wide as a word is");
        }
        condition.pattern = kSeedName + std::string(1, "0123456789abcdef"[entry.seed]);
        const std::uint32_t number = log_.entry(lines_, chip, condition, std::nullopt);
        const std::uint64_t written = wordOfSeed(entry.seed);
        DumpBit place{static_cast<std::uint32_t>(array), entry.address, 0};
        for (std::uint64_t left = entry.failing; left != 0; left &= left - 1) {
            place.bit = static_cast<std::uint32_t>(__builtin_ctzll(left));
            const bool wasOne = (written >> place.bit & 1) != 0;
            log_.fail(number, place, wasOne ? FailDirection::k10 : FailDirection::k01, 1);
        }
    }

    ImportFile& file_;
    const ImportOptions& options_;
    Measurement& measurement_;
    FailLog& log_;
    LineReader lines_;
    std::vector<std::string_view> fields_;
};

}  // namespace

std::optional<MbistEntry> parseMbistEntry(std::string_view text) {
    const bool prefixed = text.size() > 2 && text[0] == '0';
    const bool hex = prefixed && (text[1] == 'x' || text[1] == 'X');
    const bool binary = prefixed && (text[1] == 'b' || text[1] == 'B') && text.size() == kBits + 2;
    if (hex || binary) text.remove_prefix(2);
    unsigned digitBits = 4;
    if (!hex && text.size() == kBits) {
        digitBits = 1;
    } else if (binary || text.size() != kHexDigits) {
        return std::nullopt;
    }
    std::uint64_t high = 0, low = 0;  // bits 79 to 64 and 63 to 0
    for (const char c : text) {
        const int digit = hexDigit(c);
        if (digit < 0 || digit >= 1 << digitBits) return std::nullopt;
        high = high << digitBits | low >> (64 - digitBits);
        low = low << digitBits | static_cast<std::uint64_t>(digit);
    }
    if ((high >> 15) != 0) return std::nullopt;
    MbistEntry entry;
    entry.address = static_cast<std::uint32_t>(high >> 4);
    entry.failing = high << 60 | low >> 4;
    entry.seed = static_cast<std::uint32_t>(low & 15);
    return entry;
}

void readMbistLogs(std::vector<ImportFile>& files, const ImportOptions& options,
                   Measurement& measurement, ImportNotes& notes) {
    static const char* const kKnown[] = {"chip", "array", "voltage", "temperature", "entry"};
    bool hasEntry = false;
    for (const std::string& field : options.fields) {
        if (std::find(std::begin(kKnown), std::end(kKnown), field) == std::end(kKnown) ||
            std::count(options.fields.begin(), options.fields.end(), field) > 1) {
            throw UsageError("--fields", quoted(field) +
                                             "; expected chip, array, voltage, "
                                             "temperature and entry, each at most once");
        }
        hasEntry = hasEntry || field == "entry";
    }
    if (!hasEntry) throw UsageError("--fields", "doesn't name the entry");
    FailLog log(options, measurement);
    for (ImportFile& file : files) MbistReader(file, options, measurement, log).read();
    log.finish(notes, coverageOfSeed);
}

}  // namespace brownout
