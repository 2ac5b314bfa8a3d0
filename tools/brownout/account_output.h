#pragma once

#include <string>

#include "tools/report/account_report.h"

namespace brownout {

/// Returns an account as JSON text, in the shape of docs/accelerators.md.
std::string accountJson(const AccountReport& report);

/// Returns an account as CSV: a row for each layer and point.
std::string accountCsv(const AccountReport& report);

/// Returns an account as tables for people.
std::string accountTable(const AccountReport& report);

}  // namespace brownout
