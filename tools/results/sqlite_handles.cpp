#include "tools/results/sqlite_handles.h"

namespace brownout {
namespace {

constexpr int kBusyTimeoutMs = 2000;  // readers hold locks for milliseconds

/// What went wrong with the file at `path`, in one line.
Error storeError(const std::string& path, sqlite3* db, int code, const std::string& doing) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Error(path, "is in use by another running process");
        case SQLITE_NOTADB:
            return Error(path, "is not a store of Brownout results (not an SQLite file)");
        case SQLITE_CORRUPT:
            return Error(path, "is damaged; move it away and run the campaign again");
        case SQLITE_FULL:
            return Error(path, doing + ": the disk is full");
        default:
            break;
    }
    const int reason = db != nullptr ? sqlite3_system_errno(db) : 0;
    if ((code & 0xff) == SQLITE_IOERR && reason != 0) return ioError(path, doing, reason);
    if ((code & 0xff) == SQLITE_CANTOPEN && reason != 0) return ioError(path, doing, reason);
    return Error(path, doing + ": " + (db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code)));
}

}  // namespace

Connection::Connection(const std::filesystem::path& path, int flags, std::string shownPath)
    : shownPath_(std::move(shownPath)) {
    // NOMUTEX: ResultsStore has a mutex of its own.
    const int code = sqlite3_open_v2(path.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        const auto error = storeError(shownPath_, db_, code, "cannot be opened");
        sqlite3_close(db_);
        throw error;
    }
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, kBusyTimeoutMs);
    // The file may be damaged or come from strangers: trust nothing in it.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_exec(db_, "PRAGMA cell_size_check=ON", nullptr, nullptr, nullptr);
}

void Connection::run(const std::string& sql, const std::string& doing) const {
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw storeError(shownPath_, db_, code, doing);
}

Statement::Statement(const Connection& connection, const std::string& sql, std::string doing)
    : connection_(connection), doing_(std::move(doing)) {
    check(sqlite3_prepare_v2(connection.get(), sql.c_str(), -1, &statement_, nullptr));
}

void Statement::bind(int parameter, std::int64_t value) {
    check(sqlite3_bind_int64(statement_, parameter, value));
}

void Statement::bind(int parameter, const std::string& text) {
    check(sqlite3_bind_text(statement_, parameter, text.data(), static_cast<int>(text.size()),
                            SQLITE_TRANSIENT));
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) check(code);
    return false;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
    const auto* bytes = sqlite3_column_text(statement_, column);
    const auto size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr ? "" : std::string(reinterpret_cast<const char*>(bytes), size);
}

void Statement::check(int code) const {
    if (code != SQLITE_OK) throw storeError(connection_.path(), connection_.get(), code, doing_);
}

}  // namespace brownout
