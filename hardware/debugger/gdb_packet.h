#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brownout {

// Packets of the GDB remote serial protocol (GDB manual, appendix E): "$", a body, "#", and the sum
// of the body's bytes modulo 256 as two hexadecimal digits. In a body, "}" escapes the byte that
// follows, which is sent with bit 5 inverted, and "c*n" stands for c and n - 29 more of it.

/// Returns the sum of the bytes modulo 256.
std::uint8_t gdbChecksum(std::string_view body);

/// Returns the packet with a body that is escaped already, if it needs that.
std::string gdbPacket(std::string_view body);

/// Returns binary data as they stand in a body: '#', '$', '*' and '}' escaped.
std::string gdbEscaped(std::string_view data);

/// Undoes run lengths and escapes. Returns nothing if the body is malformed or is longer than
/// `most` without them.
std::optional<std::string> gdbExpanded(std::string_view body, std::size_t most);

/// Returns whether `sum`, the two characters behind "#", is the checksum of a body.
bool gdbSumFits(std::string_view body, std::string_view sum);

/// Returns bytes as hexadecimal digits, two a byte.
std::string hexText(std::string_view bytes);
/// Returns the bytes that pairs of hexadecimal digits stand for; nothing if the text is something
/// else.
std::optional<std::string> bytesOfHex(std::string_view text);

}  // namespace brownout
