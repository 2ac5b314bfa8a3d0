#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace brownout {

/// Returns rows of text, the first one headings, in columns as wide as their widest cell and
/// indented by two: the first `named` columns to the left, one space apart, the others to the
/// right, two apart. Characters are taken to be one column wide. With `bold`, headings are set in
/// bold by terminal sequences.
std::string alignedColumns(const std::vector<std::vector<std::string>>& rows, std::size_t named,
                           bool bold = false);

/// Returns a text in bold, by terminal sequences, if `bold`.
std::string emphasised(const std::string& text, bool bold);

}  // namespace brownout
