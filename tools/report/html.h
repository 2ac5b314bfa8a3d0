#pragma once

#include <string>
#include <vector>

namespace brownout {

/// Returns `text` for use inside HTML elements and quoted attributes, whatever it holds: control
/// characters and bytes that are no UTF-8 become visible escapes.
std::string htmlText(const std::string& text);

/// Returns `<name>content</name>` and a newline; `content` is HTML already.
std::string element(const std::string& name, const std::string& content);

/// Returns a table that scrolls sideways within the page where it is too wide. Cells are plain
/// text; the first column names the row if `namedRows`, the others are set as figures.
std::string htmlTable(const std::vector<std::string>& headings,
                      const std::vector<std::vector<std::string>>& rows, bool namedRows);

/// Returns a list of terms and what they are, both plain text.
std::string htmlTerms(const std::vector<std::pair<std::string, std::string>>& terms);

}  // namespace brownout
