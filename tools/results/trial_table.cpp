#include "tools/results/trial_table.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "base/fields.h"

namespace brownout {

const char* const kMetaTable =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID";

namespace {

constexpr int kApplicationId = 0x42524f57;  // "BROW": tells our files from other SQLite files

// Version 1 (Brownout 0.1.0) has the first twelve counters, none of which may be absent. Since
// version 2 the table itself says which counters it has.
constexpr int kOldestVersion = 1;
constexpr int kVersion = 2;

constexpr std::array<const char*, 4> kKeyColumns = {"network", "point", "chip", "\"offset\""};

/// CRC-32 of the numbers of a row, as it lies in the table.
class Checksum {
 public:
    void add(std::uint64_t number) {
        std::array<Bytef, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<Bytef>(number >> (8 * i));
        }
        crc_ = ::crc32(crc_, bytes.data(), bytes.size());
    }
    void add(const std::string& text) {
        crc_ = ::crc32(crc_, reinterpret_cast<const Bytef*>(text.data()),
                       static_cast<uInt>(text.size()));
    }
    void addAbsent() {
        const Bytef mark = 0xff;
        crc_ = ::crc32(crc_, &mark, 1);
    }
    void add(const std::optional<std::uint64_t>& number) {
        if (number) {
            add(*number);
        } else {
            addAbsent();
        }
    }
    std::int64_t value() const { return static_cast<std::int64_t>(crc_); }

 private:
    uLong crc_ = ::crc32(0, nullptr, 0);
};

/// Writes strata as "images:drawn:wrong" of each, between blanks.
std::string textOf(const StratumCounts& strata) {
    std::string text;
    for (const StratumCount& count : strata) {
        if (!text.empty()) text += " ";
        text += std::to_string(count.images) + ":" + std::to_string(count.drawn) + ":" +
                std::to_string(count.wrong);
    }
    return text;
}

/// Reads what textOf wrote; nothing from any other text.
std::optional<StratumCounts> strataFrom(const std::string& text) {
    StratumCounts strata;
    std::vector<std::string> words;
    splitFields(text, ' ', words);
    for (const std::string& word : words) {
        std::vector<std::string> numbers;
        splitFields(word, ':', numbers);
        std::uint32_t values[3] = {};
        for (std::size_t i = 0; i < 3; ++i) {
            const auto number = parseUnsigned(i < numbers.size() ? numbers[i] : "");
            if (!number || *number >> 32 != 0) return std::nullopt;
            values[i] = static_cast<std::uint32_t>(*number);
        }
        strata.push_back({values[0], values[1], values[2]});
    }
    if (textOf(strata) != text) return std::nullopt;
    return strata;
}

std::array<std::uint64_t, 4> numbersOf(const TrialKey& key) {
    return {key.network, key.point, key.chip, key.offset};
}

std::int64_t pragma(const Connection& db, const std::string& name) {
    Statement statement(db, "PRAGMA " + name, "cannot be read");
    return statement.step() ? statement.integer(0) : 0;
}

std::string withoutBlanks(std::string text) {
    text.erase(std::remove_if(text.begin(), text.end(),
                              [](char c) { return c == ' ' || c == '\n' || c == '\t'; }),
               text.end());
    return text;
}

[[noreturn]] void refuse(const Connection& db, const std::string& found) {
    throw Error(db.path(), "is not as Brownout made it: " + found +
                               "; expected the tables meta and trial and nothing else");
}

/// Throws Error unless the file holds exactly the two tables that these statements make. Statistics
/// that ANALYZE leaves change no row.
void checkSchema(const Connection& db, const std::string& createTrial) {
    Statement select(db,
                     "SELECT type, name, sql FROM sqlite_schema "
                     "WHERE substr(name, 1, 11) <> 'sqlite_stat' ORDER BY name",
                     "cannot be read");
    std::size_t tables = 0;
    while (select.step()) {
        const std::string type = select.text(0);
        const std::string name = select.text(1);
        if (type != "table" || (name != "meta" && name != "trial")) {
            refuse(db, "it has the " + type + " '" + name + "'");
        }
        const std::string expected = name == "meta" ? kMetaTable : createTrial;
        if (withoutBlanks(select.text(2)) != withoutBlanks(expected)) {
            refuse(db, "its table '" + name + "' has other columns or types");
        }
        ++tables;
    }
    if (tables != 2) refuse(db, "it lacks a table");
}

}  // namespace

TrialTable::TrialTable(bool withStrata) : withStrata_(withStrata) {
    for (const Counter& counter : kCounters) counters_.push_back({&counter, counter.mayBeAbsent()});
}

TrialTable::TrialTable(const Connection& db) {
    std::map<std::string, bool> mayBeNull;
    Statement info(db, "PRAGMA table_xinfo(trial)", "cannot be read");
    while (info.step()) mayBeNull[info.text(1)] = info.integer(3) == 0;
    withStrata_ = mayBeNull.count("strata") > 0;
    for (const Counter& counter : kCounters) {
        const auto column = mayBeNull.find(counter.name());
        if (column == mayBeNull.end()) continue;
        counters_.push_back({&counter, counter.mayBeAbsent() && column->second});
    }
    checkSchema(db, create());
    for (const Counter& counter : kCounters) {
        const bool there =
            std::any_of(counters_.begin(), counters_.end(),
                        [&](const Column& column) { return column.counter == &counter; });
        if (!there && !counter.mayBeAbsent()) {
            refuse(db, std::string("its table 'trial' has no column ") + counter.name());
        }
    }
}

std::string TrialTable::create() const {
    std::string sql = "CREATE TABLE trial(";
    for (const char* column : kKeyColumns) sql += std::string(column) + " INTEGER NOT NULL, ";
    for (const auto& [counter, mayBeNull] : counters_) {
        sql += std::string(counter->name()) + " INTEGER" + (mayBeNull ? ", " : " NOT NULL, ");
    }
    if (withStrata_) sql += "strata TEXT NOT NULL, ";
    return sql +
           "checksum INTEGER NOT NULL, PRIMARY KEY(network, point, chip, \"offset\")) "
           "STRICT, WITHOUT ROWID";
}

std::string TrialTable::columns() const {
    std::string names;
    for (const char* column : kKeyColumns) names += std::string(column) + ", ";
    for (const auto& column : counters_) names += std::string(column.counter->name()) + ", ";
    return names + (withStrata_ ? "strata, " : "") + "checksum";
}

std::string TrialTable::placeholders() const {
    std::string marks = "?";
    const std::size_t more = kKeyColumns.size() + counters_.size() + (withStrata_ ? 1 : 0);
    for (std::size_t i = 0; i < more; ++i) marks += ",?";
    return marks;
}

void TrialTable::bind(Statement& insert, const TrialResult& trial, const std::string& place) const {
    const TrialCounts& counts = trial.counts;
    for (const Counter& counter : kCounters) {
        const auto column = std::find_if(counters_.begin(), counters_.end(),
                                         [&](const Column& c) { return c.counter == &counter; });
        const bool there = counter.of(counts).has_value();
        if (there ? column == counters_.end() : column != counters_.end() && !column->mayBeNull) {
            throw Error(place, "was made by an older Brownout, whose trials " +
                                   std::string(there ? "have no " : "always have ") +
                                   counter.name() + "; choose another folder");
        }
    }
    Checksum checksum;
    int parameter = 0;
    for (const auto number : numbersOf(trial.key)) {
        checksum.add(number);
        insert.bind(++parameter, static_cast<std::int64_t>(number));
    }
    for (const auto& column : counters_) {
        const auto count = column.counter->of(counts);
        checksum.add(count);
        ++parameter;  // an unbound parameter is NULL
        if (count) insert.bind(parameter, static_cast<std::int64_t>(*count));
    }
    if (withStrata_) {
        checksum.add(textOf(trial.strata));
        insert.bind(++parameter, textOf(trial.strata));
    }
    insert.bind(++parameter, checksum.value());
}

TrialResult TrialTable::read(const Statement& select, const std::string& place) const {
    Checksum checksum;
    int column = 0;
    const auto number = [&]() -> std::optional<std::uint64_t> {
        const int here = column++;
        if (select.isNull(here)) return std::nullopt;
        return static_cast<std::uint64_t>(select.integer(here));
    };
    const auto index = [&] {
        const auto value = number();
        checksum.add(value);
        return static_cast<std::uint32_t>(value.value_or(0));
    };
    TrialResult trial;
    trial.key.network = index();
    trial.key.point = index();
    trial.key.chip = index();
    trial.key.offset = index();
    std::vector<std::optional<std::uint64_t>> counts;
    for (std::size_t i = 0; i < counters_.size(); ++i) {
        counts.push_back(number());
        checksum.add(counts.back());
    }
    std::optional<StratumCounts> strata = StratumCounts{};
    if (withStrata_) {
        const std::string text = select.text(column++);
        checksum.add(text);
        strata = strataFrom(text);
    }
    if (!strata || select.integer(column) != checksum.value()) {
        throw Error(place, describe(trial.key) + " is damaged: its checksum doesn't match");
    }
    for (const Counter& counter : kCounters) {
        if (counter.mayBeAbsent()) counter.set(trial.counts, std::nullopt);
    }
    for (std::size_t i = 0; i < counters_.size(); ++i) {
        counters_[i].counter->set(trial.counts, counts[i]);
    }
    trial.strata = *strata;
    return trial;
}

void checkVersion(const Connection& db) {
    if (pragma(db, "application_id") != kApplicationId) {
        throw Error(db.path(), "is not a store of Brownout results");
    }
    const auto version = pragma(db, "user_version");
    if (version < kOldestVersion || version > kVersion) {
        throw Error(db.path(), "has store version " + std::to_string(version) +
                                   "; this Brownout knows versions " +
                                   std::to_string(kOldestVersion) + " to " +
                                   std::to_string(kVersion));
    }
}

void markVersion(const Connection& db, const std::string& doing) {
    db.run("PRAGMA application_id=" + std::to_string(kApplicationId) +
               "; PRAGMA user_version=" + std::to_string(kVersion),
           doing);
}

}  // namespace brownout
