#include "base/npy_header.h"

#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/fields.h"

namespace brownout {
namespace {

constexpr std::size_t kLongestHeader = std::size_t{1} << 16;
// Cells of a chip, times a few: a shape beyond is damage, and products would overflow.
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 36;

/// The Python dictionary of a header: {'descr': '<u2', 'fortran_order': False, 'shape': (3, 4), }.
class DictionaryReader {
 public:
    DictionaryReader(const Input& input, std::string_view text) : input_(input), text_(text) {}

    NpyHeader read() {
        NpyHeader header;
        bool descr = false, order = false, shape = false;
        take('{');
        while (!next('}')) {
            const std::string_view key = string();
            take(':');
            if (key == "descr" && !descr) {
                descr = true;
                readType(header);
            } else if (key == "fortran_order" && !order) {
                order = true;
                header.fortranOrder = readBool();
            } else if (key == "shape" && !shape) {
                shape = true;
                readShape(header);
            } else {
                fail("the key " + quoted(std::string(key)));
            }
            if (!next(',')) {
                take('}');
                break;
            }
        }
        skip();
        if (at_ != text_.size()) fail("text after the dictionary");
        if (!descr || !order || !shape) fail("not all of descr, fortran_order and shape");
        return header;
    }

 private:
    [[noreturn]] void fail(const std::string& found) const {
        throw input_.errorAtByte(at_, "the header has " + found +
                                          "; expected {'descr': TYPE, 'fortran_order': BOOL, "
                                          "'shape': (N, ...)}");
    }

    void skip() {
        while (at_ < text_.size() && std::strchr(" \t\n\r", text_[at_]) != nullptr &&
               text_[at_] != '\0') {
            ++at_;
        }
    }

    bool next(char c) {
        skip();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    void take(char c) {
        if (next(c)) return;
        fail(at_ == text_.size() ? std::string("no more text")
                                 : quoted(std::string(1, text_[at_])));
    }

    std::string_view string() {
        skip();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '\'' && quote != '"') fail("no string");
        const auto end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) fail("a string without an end");
        const auto value = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return value;
    }

    bool readBool() {
        skip();
        for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true},
                                          std::pair<std::string_view, bool>{"False", false}}) {
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return value;
            }
        }
        fail("no True or False");
    }

    void readType(NpyHeader& header) {
        skip();
        if (at_ < text_.size() && text_[at_] == '[') {
            fail("a structured type");
        }
        const std::string_view type = string();
        const bool known = type.size() == 3 && type[2] >= '1' && type[2] <= '8';
        const char order = known ? type[0] : ' ';
        const char kind = known ? type[1] : ' ';
        header.bytes = known ? static_cast<unsigned>(type[2] - '0') : 0;
        header.bigEndian = order == '>';
        const bool ordered = order == '<' || order == '>' || (order == '|' && header.bytes == 1);
        const bool integral =
            header.bytes == 1 || header.bytes == 2 || header.bytes == 4 || header.bytes == 8;
        if (kind == 'b' && header.bytes == 1) {
            header.kind = NpyKind::kBool;
        } else if (kind == 'u' && integral) {
            header.kind = NpyKind::kUnsigned;
        } else if (kind == 'i' && integral) {
            header.kind = NpyKind::kSigned;
        } else if (kind == 'f' && (header.bytes == 2 || header.bytes == 4 || header.bytes == 8)) {
            header.kind = NpyKind::kFloat;
        } else {
            header.bytes = 0;
        }
        if (!ordered || header.bytes == 0) {
            throw input_.error("elements of type " + quoted(std::string(type)) +
                               "; expected bool, integers of 1 to 8 bytes, or floats of 2 to 8");
        }
    }

    void readShape(NpyHeader& header) {
        take('(');
        std::uint64_t elements = 1;
        while (!next(')')) {
            skip();
            const std::size_t begin = at_;
            while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
            const auto size = parseUnsigned(text_.substr(begin, at_ - begin));
            if (!size) fail("a shape that is no list of numbers");
            if (header.shape.size() == 8) fail("more than 8 dimensions");
            if (*size > kMostElements || (*size > 0 && elements > kMostElements / *size)) {
                fail("a shape of more than 2^36 elements");
            }
            elements *= *size;
            header.shape.push_back(*size);
            if (!next(',')) {
                take(')');
                break;
            }
        }
    }

    const Input& input_;
    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::uint64_t NpyHeader::elements() const {
    std::uint64_t count = 1;
    for (const std::uint64_t size : shape) count *= size;
    return count;
}

NpyHeader readNpyHeader(Input& input) {
    unsigned char start[12];
    auto* bytes = reinterpret_cast<char*>(start);
    if (input.read(bytes, 8) != 8 || std::memcmp(start, "\x93NUMPY", 6) != 0) {
        throw input.error("doesn't begin as a NumPy file does; expected .npy");
    }
    const unsigned version = start[6];
    if (version < 1 || version > 3) {
        throw input.error("has version " + std::to_string(version) +
                          " of the .npy format; "
                          "expected 1, 2 or 3");
    }
    const unsigned count = version == 1 ? 2 : 4;
    std::size_t length = 0;
    if (input.read(bytes + 8, count) != count) {
        throw input.errorAtByte(8, "the file ends in the header");
    }
    for (unsigned i = count; i-- > 0;) length = length << 8 | start[8 + i];
    if (length > kLongestHeader) {
        throw input.errorAtByte(
            8, "a header of " + std::to_string(length) + " bytes; expected at most 65536");
    }
    std::string text(length, '\0');
    if (input.read(text.data(), length) != length) {
        throw input.errorAtByte(8, "the file ends in the header, which should have " +
                                       std::to_string(length) + " bytes");
    }
    return DictionaryReader(input, text).read();
}

}  // namespace brownout
