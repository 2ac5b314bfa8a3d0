#pragma once

#include <string>
#include <vector>

#include "emulation/trial_counts.h"
#include "tools/results/sqlite_handles.h"

// How the tables of a results store are made and recognised. For results_store.cpp only.

namespace brownout {

/// Table of names and values: the campaign, its fingerprint, notes.
extern const char* const kMetaTable;

/// The table that holds the finished trials of a store: a column for each part of the key, one for
/// each counter, a text of the strata where trials have them, and a checksum. An older store may
/// lack counters that came later.
class TrialTable {
 public:
    /// Describes the table of a new store, which has every counter and, where trials take some of
    /// the images only, their strata.
    explicit TrialTable(bool withStrata);

    /// Reads which counters the table of an open store has. Throws Error, one line that names the
    /// file, if the file holds anything but our two tables, made exactly as some version of
    /// Brownout makes them: a trigger, a view or a generated column could show other rows than were
    /// written.
    explicit TrialTable(const Connection& db);

    /// Returns the statement that makes the table.
    std::string create() const;

    /// Returns the names of all columns, for SELECT and INSERT.
    std::string columns() const;

    /// Returns as many question marks as there are columns.
    std::string placeholders() const;

    /// Binds a trial to the parameters of an INSERT. Throws Error with `place` in front if the
    /// trial has a counter for which the table has no column, or lacks one that it needs.
    void bind(Statement& insert, const TrialResult& trial, const std::string& place) const;

    /// Returns the trial in the present row of a SELECT, whose checksum must match: otherwise
    /// throws Error with `place` in front.
    TrialResult read(const Statement& select, const std::string& place) const;

 private:
    struct Column {
        const Counter* counter;
        bool mayBeNull;
    };
    std::vector<Column> counters_;
    bool withStrata_ = false;
};

/// Checks the version of a file that says it is a store. Throws Error if we don't know it.
void checkVersion(const Connection& db);

/// Marks a new file as a store of the present version.
void markVersion(const Connection& db, const std::string& doing);

}  // namespace brownout
