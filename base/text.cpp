#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace brownout {
namespace {

enum class Form { kCharacter, kBroken, kUnfinished };

/// One character of UTF-8 text, or one byte that begins none.
struct Character {
    Form form;
    std::size_t bytes;
    std::uint32_t value;
};

/// Reads the character at the start of `text`, which is not empty.
Character firstOf(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {Form::kCharacter, 1, lead};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4) return {Form::kBroken, 1, lead};
    std::uint32_t value = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (i == text.size()) return {Form::kUnfinished, i, lead};
        // The second byte also rules out overlong forms, surrogates and what is beyond U+10FFFF.
        const unsigned low = i > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const unsigned high = i > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (byte(i) < low || byte(i) > high) return {Form::kBroken, 1, lead};
        value = (value << 6) | (byte(i) & 0x3fU);
    }
    return {Form::kCharacter, length, value};
}

/// True for characters that act on a terminal or reorder the text around them.
bool acts(std::uint32_t value) {
    return (value < 0x20 && value != '\n' && value != '\t') || (value >= 0x7f && value < 0xa0) ||
           value == 0x061c || value == 0x200e || value == 0x200f || value == 0x2028 ||
           value == 0x2029 || (value >= 0x202a && value <= 0x202e) ||
           (value >= 0x2066 && value <= 0x2069);
}

std::string escapeOf(std::uint32_t value, bool isByte) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text = isByte ? "\\x" : "\\u";
    for (int shift = isByte ? 4 : 12; shift >= 0; shift -= 4) text += kDigits[value >> shift & 15U];
    return text;
}

/// Appends to `shown` what `printable` makes of `text`; returns how much of it was taken, all but
/// an unfinished character.
std::size_t appendPrintable(std::string_view text, std::string& shown) {
    std::size_t at = 0;
    while (at < text.size()) {
        const Character character = firstOf(text.substr(at));
        if (character.form == Form::kUnfinished) break;
        if (character.form == Form::kBroken || acts(character.value)) {
            shown += escapeOf(character.value,
                              character.form == Form::kBroken || character.value < 0x20);
        } else {
            shown += text.substr(at, character.bytes);
        }
        at += character.bytes;
    }
    return at;
}

/// Largest position up to `at` that is not within a character.
std::size_t characterStart(std::string_view text, std::size_t at) {
    std::size_t start = at;
    while (start > 0 && at - start < 4 &&
           (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) {
        --start;
    }
    return start;
}

}  // namespace

std::string_view withoutByteOrderMark(std::string_view text) {
    if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
        text.remove_prefix(kByteOrderMark.size());
    }
    return text;
}

std::string validUtf8(std::string_view text) {
    std::string valid;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = firstOf(text.substr(at));
        const bool sound = character.form == Form::kCharacter;
        valid += sound ? text.substr(at, character.bytes) : std::string_view("\ufffd");
        at += sound ? character.bytes : 1;
    }
    return valid;
}

std::string printable(std::string_view text) {
    PrintableText whole;
    std::string shown = whole.add(text);
    return shown + whole.finish();
}

std::string PrintableText::add(std::string_view piece) {
    std::string shown;
    if (kept_.empty()) {
        kept_ = piece.substr(appendPrintable(piece, shown));
        return shown;
    }
    const std::string text = kept_ + std::string(piece);
    kept_ = text.substr(appendPrintable(text, shown));
    return shown;
}

std::string PrintableText::finish() {
    std::string shown;
    for (const char byte : kept_) shown += escapeOf(static_cast<unsigned char>(byte), true);
    kept_.clear();
    return shown;
}

std::string withShortWords(std::string_view text, std::size_t most) {
    static constexpr std::string_view kSpaces = " \t\n\r";
    std::string shortened;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find_first_of(kSpaces), text.size());
        const std::string_view word = text.substr(0, length);
        if (length <= most) {
            shortened += word;
        } else {
            shortened += word.substr(0, characterStart(word, most / 2));
            shortened += "…";
            shortened += word.substr(characterStart(word, length - most / 2));
        }
        text.remove_prefix(length);
        if (text.empty()) break;
        shortened += text.front();
        text.remove_prefix(1);
    }
    return shortened;
}

}  // namespace brownout
