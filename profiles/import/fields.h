#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brownout {

/// Returns all of `text` as a number; nothing if it is anything else, out of range, or not finite.
/// Spaces are not skipped. parseUnsigned takes decimal, or hexadecimal after "0x".
std::optional<std::uint64_t> parseUnsigned(std::string_view text);
std::optional<double> parseReal(std::string_view text);

/// `text` without spaces and tabs at its ends.
std::string_view trimmed(std::string_view text);

/// Splits a line of comma-separated values: fields may be quoted ("a,b" with "" for a quote),
/// others are trimmed. False if a quote isn't closed or is followed by anything but a delimiter.
bool splitFields(std::string_view line, char delimiter, std::vector<std::string>& fields);

}  // namespace brownout
