#include "hardware/debugger/gdb_packet.h"

namespace brownout {
namespace {

constexpr char kDigits[] = "0123456789abcdef";
constexpr char kEscape = '}';
constexpr char kEscapeBit = 0x20;
/// Offset that makes a run length a printable character.
constexpr int kRunOffset = 29;

std::optional<unsigned> valueOf(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return std::nullopt;
}

/// Undoes run lengths, which count characters of the body as it is sent, escapes included.
std::optional<std::string> withoutRuns(std::string_view body, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (body[i] != '*') {
            text += body[i];
        } else {
            if (text.empty() || ++i == body.size()) return std::nullopt;
            const int more = static_cast<unsigned char>(body[i]) - kRunOffset;
            if (more < 3 || more > 126 - kRunOffset) return std::nullopt;
            text.append(static_cast<std::size_t>(more), text.back());
        }
        if (text.size() > most) return std::nullopt;
    }
    return text;
}

}  // namespace

std::uint8_t gdbChecksum(std::string_view body) {
    std::uint8_t sum = 0;
    for (const char c : body) sum = static_cast<std::uint8_t>(sum + static_cast<unsigned char>(c));
    return sum;
}

std::string gdbPacket(std::string_view body) {
    const std::uint8_t sum = gdbChecksum(body);
    std::string packet;
    packet.reserve(body.size() + 4);
    packet += '$';
    packet += body;
    packet += '#';
    packet += kDigits[sum >> 4];
    packet += kDigits[sum & 15];
    return packet;
}

std::string gdbEscaped(std::string_view data) {
    std::string body;
    body.reserve(data.size() + data.size() / 16);
    for (const char c : data) {
        if (c == '#' || c == '$' || c == '*' || c == kEscape) {
            body += kEscape;
            body += static_cast<char>(c ^ kEscapeBit);
        } else {
            body += c;
        }
    }
    return body;
}

std::optional<std::string> gdbExpanded(std::string_view body, std::size_t most) {
    // Escapes take two characters for one.
    const auto sent = withoutRuns(body, 2 * most);
    if (!sent) return std::nullopt;
    std::string text;
    text.reserve(sent->size());
    for (std::size_t i = 0; i < sent->size(); ++i) {
        if ((*sent)[i] != kEscape) {
            text += (*sent)[i];
        } else if (++i < sent->size()) {
            text += static_cast<char>((*sent)[i] ^ kEscapeBit);
        } else {
            return std::nullopt;
        }
    }
    if (text.size() > most) return std::nullopt;
    return text;
}

bool gdbSumFits(std::string_view body, std::string_view sum) {
    const auto value = sum.size() == 2 ? bytesOfHex(sum) : std::nullopt;
    return value && static_cast<std::uint8_t>((*value)[0]) == gdbChecksum(body);
}

std::string hexText(std::string_view bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::optional<std::string> bytesOfHex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = valueOf(text[i]);
        const auto low = valueOf(text[i + 1]);
        if (!high || !low) return std::nullopt;
        bytes += static_cast<char>(*high << 4 | *low);
    }
    return bytes;
}

}  // namespace brownout
