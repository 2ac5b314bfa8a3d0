#pragma once

#include <functional>
#include <string>
#include <vector>

#include "emulation/summary.h"

namespace brownout {

/// Column of the table of results, for terminals and for the report page alike.
struct SummaryColumn {
    std::string heading;
    /// Text of a row in this column, "-" where nothing is known.
    std::function<std::string(const SummaryRow&)> cell;
};

/// Returns the columns that at least one point of the campaign fills. They refer to `summary`,
/// which must outlive them.
std::vector<SummaryColumn> summaryColumns(const Summary& summary);

}  // namespace brownout
