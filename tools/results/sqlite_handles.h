#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"

// The SQLite C API behind handles that close themselves. For results_store.cpp only.

namespace brownout {

/// An SQLite connection that closes itself. `shownPath` is what errors name.
class Connection {
 public:
    /// Opens the file with SQLITE_OPEN_ flags. Throws Error.
    Connection(const std::filesystem::path& path, int flags, std::string shownPath);
    ~Connection() { sqlite3_close(db_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Returns SQLite's own handle.
    sqlite3* get() const { return db_; }
    /// Returns the path that errors name.
    const std::string& path() const { return shownPath_; }

    /// Runs statements without results. An Error says "PATH: `doing`: reason".
    void run(const std::string& sql, const std::string& doing) const;

 private:
    sqlite3* db_ = nullptr;
    std::string shownPath_;
};

/// A prepared statement that finalises itself. Columns count from 0, parameters from 1. Its
/// functions throw Error as Connection::run does.
class Statement {
 public:
    Statement(const Connection& connection, const std::string& sql, std::string doing);
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Sets a parameter.
    void bind(int parameter, std::int64_t value);
    void bind(int parameter, const std::string& text);

    /// Goes to the next row; returns false if there is none.
    bool step();

    /// Returns a value of the present row.
    std::int64_t integer(int column) const;
    std::string text(int column) const;

    /// Tells whether a value of the present row is NULL.
    bool isNull(int column) const;

 private:
    void check(int code) const;

    const Connection& connection_;
    std::string doing_;
    sqlite3_stmt* statement_ = nullptr;
};

}  // namespace brownout
