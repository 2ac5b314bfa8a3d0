#include "base/text.h"

#include <gtest/gtest.h>

namespace brownout {
namespace {

/// UTF-8 of a code point, by the table of RFC 3629 and nothing else.
std::string utf8(char32_t value) {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | (value >> shift & 0x3f)); };
    if (value < 0x80) return {static_cast<char>(value)};
    if (value < 0x800) return {static_cast<char>(0xc0 | value >> 6), tail(0)};
    if (value < 0x10000) return {static_cast<char>(0xe0 | value >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xf0 | value >> 18), tail(12), tail(6), tail(0)};
}

TEST(ValidUtf8, KeepsEveryCharacterThereIs) {
    for (char32_t value = 0; value <= 0x10ffff; value += value < 0x3000 ? 1 : 61) {
        if (value >= 0xd800 && value < 0xe000) continue;
        ASSERT_EQ(validUtf8(utf8(value)), utf8(value)) << static_cast<unsigned>(value);
    }
    EXPECT_EQ(validUtf8(utf8(0x10ffff)), utf8(0x10ffff));
}

TEST(ValidUtf8, ReplacesEachByteThatBelongsToNoCharacter) {
    const std::string mark = "\ufffd";
    EXPECT_EQ(validUtf8("a\xff"
                        "b"),
              "a" + mark + "b");
    EXPECT_EQ(validUtf8("caf\xe9"), "caf" + mark);
    EXPECT_EQ(validUtf8("\xc0\xaf"), mark + mark);                        // overlong '/'
    EXPECT_EQ(validUtf8("\xe0\x80\xaf"), mark + mark + mark);             // overlong
    EXPECT_EQ(validUtf8("\xed\xa0\x80"), mark + mark + mark);             // surrogate
    EXPECT_EQ(validUtf8("\xf4\x90\x80\x80"), mark + mark + mark + mark);  // beyond U+10FFFF
    EXPECT_EQ(validUtf8("\xe2\x82"), mark + mark);                        // ends too early
    EXPECT_EQ(validUtf8("\xe2\x82x"), mark + mark + "x");
    EXPECT_EQ(validUtf8("\x80"), mark);
}

TEST(Printable, KeepsTextAndShowsWhatWouldActOnATerminal) {
    EXPECT_EQ(printable("two\nlines\tand µ, 日本, 🙂, 1\u202f234"),
              "two\nlines\tand µ, 日本, 🙂, 1\u202f234");
    EXPECT_EQ(printable("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(printable(std::string("\r\b\a\0", 4)), "\\x0d\\x08\\x07\\x00");
    EXPECT_EQ(printable("\x7f"), "\\u007f");
    EXPECT_EQ(printable("\u009b2J"), "\\u009b2J");  // CSI in one character
    EXPECT_EQ(printable("\x9b"
                        "2J"),
              "\\x9b2J");  // the same in a terminal that is not UTF-8
    EXPECT_EQ(printable("gpj.\u202eexe"), "gpj.\\u202eexe");
    EXPECT_EQ(printable("\u2066\u2069\u200f\u2028"), "\\u2066\\u2069\\u200f\\u2028");
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
}

// No control character or bad byte gets through, and what comes through is UTF-8.
TEST(Printable, LetsNoControlByteThroughAtAnyPlace) {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second), 'x'};
            const std::string shown = printable(text);
            ASSERT_EQ(validUtf8(shown), shown);
            ASSERT_EQ(printable(shown), shown);
            for (const char byte : shown) {
                const auto code = static_cast<unsigned char>(byte);
                ASSERT_TRUE((code >= 0x20 && code != 0x7f) || byte == '\n' || byte == '\t');
            }
        }
    }
}

TEST(Printable, InPiecesIsTheSameAsWhole) {
    const std::string text = "µ\u202e\xe2\x82 \x1b日\xf0\x9f\x99\x82\xf0\x9f";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        PrintableText pieces;
        std::string shown = pieces.add(text.substr(0, cut));
        shown += pieces.add(text.substr(cut));
        EXPECT_EQ(shown + pieces.finish(), printable(text)) << cut;
    }
    PrintableText bytes;
    std::string shown;
    for (const char byte : text) shown += bytes.add({&byte, 1});
    EXPECT_EQ(shown + bytes.finish(), printable(text));
}

TEST(ShortWords, CutWhatIsTooLongInItsMiddle) {
    EXPECT_EQ(withShortWords("all words are short"), "all words are short");
    EXPECT_EQ(withShortWords("  two  spaces "), "  two  spaces ");
    EXPECT_EQ(withShortWords("a 123456789 b", 4), "a 12…89 b");
    EXPECT_EQ(withShortWords(std::string(200, 'x')), std::string(200, 'x'));
    EXPECT_LT(withShortWords(std::string(100000, 'x')).size(), 210U);
    // Characters of two bytes: cut between them.
    const std::string cut = withShortWords("ääääääää", 5);
    EXPECT_EQ(cut, validUtf8(cut));
}

TEST(ByteOrderMark, IsSkippedAtTheBeginningOnly) {
    EXPECT_EQ(withoutByteOrderMark("\xEF\xBB\xBFrows: 1"), "rows: 1");
    EXPECT_EQ(withoutByteOrderMark("\xEF\xBB\xBF\xEF\xBB\xBF"), "\xEF\xBB\xBF");
    EXPECT_EQ(withoutByteOrderMark("\xEF\xBB"), "\xEF\xBB");
    EXPECT_EQ(withoutByteOrderMark("a\xEF\xBB\xBF"), "a\xEF\xBB\xBF");
    EXPECT_EQ(withoutByteOrderMark(""), "");
}

}  // namespace
}  // namespace brownout
