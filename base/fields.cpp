#include "base/fields.h"

#include <charconv>
#include <cmath>

namespace brownout {

std::optional<std::uint64_t> parseUnsigned(std::string_view text, int base) {
    if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

std::optional<double> parseReal(std::string_view text, char decimal) {
    if (decimal != '.') {
        if (text.find('.') != std::string_view::npos) return std::nullopt;
        const auto comma = text.find(decimal);
        if (comma != std::string_view::npos) {
            std::string withPoint(text);
            withPoint[comma] = '.';
            return parseReal(withPoint);
        }
    }
    if (!text.empty() && text[0] == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text[0] == '-') return std::nullopt;
    }
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool splitFields(std::string_view line, char delimiter, std::vector<std::string>& fields) {
    fields.clear();
    for (;;) {
        const auto begin = line.find_first_not_of(delimiter == '\t' ? " " : " \t");
        if (begin != std::string_view::npos && line[begin] == '"') {
            std::string field;
            std::size_t i = begin + 1;
            for (;; ++i) {
                if (i >= line.size()) return false;
                if (line[i] == '"') {
                    if (i + 1 >= line.size() || line[i + 1] != '"') break;
                    ++i;
                }
                field += line[i];
            }
            fields.push_back(std::move(field));
            line.remove_prefix(i + 1);
            const auto next = line.find(delimiter);
            if (!trimmed(line.substr(0, next)).empty()) return false;
            if (next == std::string_view::npos) return true;
            line.remove_prefix(next + 1);
        } else {
            const auto next = line.find(delimiter);
            fields.emplace_back(trimmed(line.substr(0, next)));
            if (next == std::string_view::npos) return true;
            line.remove_prefix(next + 1);
        }
    }
}

}  // namespace brownout
