#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brownout {

/// Returns all of `text` as a whole number, decimal or hexadecimal after "0x"; nothing if it is
/// anything else or out of range. Spaces are not skipped.
/// `base` 16 makes it hexadecimal without "0x", too.
std::optional<std::uint64_t> parseUnsigned(std::string_view text, int base = 10);
/// Returns all of `text` as a number; nothing if it is anything else, out of range, or not finite.
/// Spaces are not skipped. With `decimal` a comma, "0,58" is such a number and "0.58", which may be
/// a number with a point between thousands, is none.
std::optional<double> parseReal(std::string_view text, char decimal = '.');

/// Returns `text` without spaces and tabs at its ends.
std::string_view trimmed(std::string_view text);

/// Splits a line of comma-separated values: fields may be quoted ("a,b" with "" for a quote),
/// others are trimmed. Returns false if a quote isn't closed or is followed by anything but a
/// delimiter.
bool splitFields(std::string_view line, char delimiter, std::vector<std::string>& fields);

}  // namespace brownout
