#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace brownout {

/// The byte order mark that editors and spreadsheets put in front of text in UTF-8.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Returns true if `text` begins with `start`.
inline bool startsWith(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

/// Returns `text` without the byte order mark that it may begin with.
std::string_view withoutByteOrderMark(std::string_view text);

/// Returns `text` with U+FFFD in place of every byte that belongs to no well-formed UTF-8 sequence
/// (overlong forms, surrogates and values beyond U+10FFFF are not well-formed): for text of unknown
/// origin that enters a page, a table or JSON.
std::string validUtf8(std::string_view text);

/// Returns `text` as a terminal may show it: characters that would act on it or reorder what it
/// shows become visible escapes. Control characters other than newline and tab and bytes that are
/// no UTF-8 become "\x1b"; DEL, the controls U+0080 to U+009F, line separators and bidirectional
/// controls become "\u202e", which JSON reads as the same character.
std::string printable(std::string_view text);

/// The work of `printable` for text that arrives in pieces, which may end within a character.
class PrintableText {
 public:
    /// Returns what can be shown after `piece`; an unfinished character at its end is kept.
    std::string add(std::string_view piece);
    /// Returns the escapes of an unfinished character that was kept.
    std::string finish();

 private:
    std::string kept_;
};

/// Returns `text` with every word of more than `most` bytes cut in its middle, where an ellipsis
/// then stands; both ends stay, as they say most of a path. Characters are not cut.
std::string withShortWords(std::string_view text, std::size_t most = 200);

}  // namespace brownout
