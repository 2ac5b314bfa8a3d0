#include "profiles/import/descramble_yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/error.h"
#include "base/fields.h"

namespace brownout {
namespace {

// A permutation of the rows and columns of a large macro fits.
constexpr std::size_t kMostBytes = std::size_t{1} << 22;
// yaml-cpp recurses: deeper nesting than any map has is refused before it sees it.
constexpr std::size_t kDeepest = 16;
constexpr std::uint32_t kMostEntries = 1U << 20;

class MapReader {
 public:
    explicit MapReader(const Input& input) : input_(input) {}

    MapDescription read(const YAML::Node& root) {
        map_.name = input_.name();
        const auto count = [](std::optional<std::uint32_t>& to) {
            return [&to](MapReader& self, const YAML::Node& node) { to = self.number(node, 1); };
        };
        const auto list = [](std::vector<std::uint32_t>& to) {
            return [&to](MapReader& self, const YAML::Node& node) { to = self.numbers(node); };
        };
        readKeys(root, {{"arrays", count(map_.arrays)},
                        {"rows", count(map_.rows)},
                        {"columns", count(map_.columns)},
                        {"column_mux", count(map_.columnMux)},
                        {"word_bits", count(map_.wordBits)},
                        {"words_per_block", count(map_.wordsPerBlock)},
                        {"address", &MapReader::readAddress},
                        {"bit_order", &MapReader::readBitOrder},
                        {"column_layout", &MapReader::readLayout},
                        {"row_order", list(map_.rowOrder)},
                        {"column_order", list(map_.columnOrder)},
                        {"array_order", list(map_.arrayOrder)},
                        {"spare_rows", list(map_.spareRows)},
                        {"complement", &MapReader::readComplement}});
        return std::move(map_);
    }

 private:
    using Handler = std::function<void(MapReader&, const YAML::Node&)>;

    [[noreturn]] void fail(const YAML::Node& node, const std::string& problem) const {
        const int line = node.Mark().line;
        throw line < 0 ? input_.error(problem)
                       : input_.errorAtLine(static_cast<std::uint64_t>(line) + 1, problem);
    }

    void readKeys(const YAML::Node& node, const std::map<std::string, Handler>& handlers) {
        std::string names;
        for (const auto& [name, handler] : handlers) names += (names.empty() ? "" : ", ") + name;
        if (!node.IsMap()) fail(node, "expected keys and values: " + names);
        std::set<std::string> seen;
        for (const auto& entry : node) {
            const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
            const auto handler = handlers.find(key);
            if (handler == handlers.end()) {
                fail(entry.first, "unknown key " + quoted(key) + "; expected one of " + names);
            }
            if (!seen.insert(key).second) fail(entry.first, "a second '" + key + "'");
            handler->second(*this, entry.second);
        }
    }

    std::uint32_t number(const YAML::Node& node, std::uint32_t least) const {
        const auto value = node.IsScalar() ? parseUnsigned(node.Scalar()) : std::nullopt;
        if (!value || *value < least || *value > 0xFFFFFFFF) {
            fail(node, (node.IsScalar() ? quoted(node.Scalar()) : std::string("a list")) +
                           "; expected a whole number of at least " + std::to_string(least));
        }
        return static_cast<std::uint32_t>(*value);
    }

    /// A list of numbers and of ranges "4-7".
    std::vector<std::uint32_t> numbers(const YAML::Node& node) const {
        if (!node.IsSequence()) fail(node, "expected a list, such as [0, 2, 4-7]");
        std::vector<std::uint32_t> values;
        for (const YAML::Node& item : node) {
            const std::string text = item.IsScalar() ? item.Scalar() : "";
            const auto dash = text.find('-', 1);
            if (dash == std::string::npos) {
                values.push_back(number(item, 0));
            } else {
                const auto first = parseUnsigned(text.substr(0, dash));
                const auto last = parseUnsigned(text.substr(dash + 1));
                if (!first || !last || *first > *last || *last > 0xFFFFFFFF ||
                    *last - *first >= kMostEntries) {
                    fail(item, quoted(text) + "; expected a range such as 4-7");
                }
                for (std::uint64_t i = *first; i <= *last; ++i) {
                    values.push_back(static_cast<std::uint32_t>(i));
                }
            }
            if (values.size() > kMostEntries) fail(item, "more than 2^20 entries");
        }
        return values;
    }

    std::vector<AddressBit> addressBits(const YAML::Node& node) const {
        if (!node.IsSequence()) fail(node, "expected a list of address bits, such as [a0, a1^a4]");
        std::vector<AddressBit> bits;
        for (const YAML::Node& item : node) {
            const std::string text = item.IsScalar() ? item.Scalar() : "";
            const auto bit = parseAddressBit(text);
            if (!bit) fail(item, quoted(text) + "; expected an address bit such as a3 or a3^a7");
            bits.push_back(*bit);
            if (bits.size() > 32) fail(item, "more than 32 bits");
        }
        return bits;
    }

    void readAddress(const YAML::Node& node) {
        const auto bits = [](std::vector<AddressBit>& to) {
            return [&to](MapReader& self, const YAML::Node& list) { to = self.addressBits(list); };
        };
        readKeys(node, {{"row", bits(map_.rowBits)},
                        {"select", bits(map_.selectBits)},
                        {"array", bits(map_.arrayBits)}});
    }

    void readBitOrder(const YAML::Node& node) {
        if (node.IsSequence()) {
            map_.bitOrder = numbers(node);
        } else if (node.IsScalar() && node.Scalar() == "msb-first") {
            map_.msbFirst = true;
        } else if (!node.IsScalar() || node.Scalar() != "lsb-first") {
            fail(node, "expected lsb-first, msb-first or a list of bits");
        }
    }

    void readLayout(const YAML::Node& node) {
        if (!node.IsScalar() || (node.Scalar() != "interleaved" && node.Scalar() != "blocked")) {
            fail(node, "expected interleaved or blocked");
        }
        map_.blockedColumns = node.Scalar() == "blocked";
    }

    void readComplement(const YAML::Node& node) {
        const auto lines = [](Lines& to) {
            return [&to](MapReader& self, const YAML::Node& value) {
                const std::string text = value.IsScalar() ? value.Scalar() : "";
                to.odd = text == "odd";
                to.even = text == "even";
                if (value.IsSequence()) {
                    to.listed = self.numbers(value);
                } else if (!to.odd && !to.even) {
                    self.fail(value, "expected odd, even or a list");
                }
            };
        };
        readKeys(node, {{"rows", lines(map_.complementRows)},
                        {"columns", lines(map_.complementColumns)}});
    }

    const Input& input_;
    MapDescription map_;
};

std::string readText(Input& input) {
    input.skipByteOrderMark();
    std::string text;
    char piece[4096];
    while (text.size() <= kMostBytes) {
        const std::size_t size = input.read(piece, sizeof piece);
        if (size == 0) break;
        text.append(piece, size);
    }
    if (text.size() > kMostBytes) throw input.error("is larger than 4 MiB; expected a map");
    std::size_t line = 1, depth = 0;
    bool comment = false;
    char before = '\n';
    for (char& c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') ++line;
        comment = c != '\n' && (comment || (c == '#' && (before == '\n' || before == ' ')));
        before = c;
        if (comment) {
            c = ' ';
            continue;
        }
        if ((byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte >= 0x7F || c == '&' ||
            c == '*' || c == '!') {
            throw input.errorAtLine(line, "holds " + quoted(std::string(1, c)) +
                                              "; expected a map in plain YAML, without anchors "
                                              "and tags, in ASCII");
        }
        if (c == '[' || c == '{') ++depth;
        if ((c == ']' || c == '}') && depth > 0) --depth;
        if (depth > kDeepest) throw input.errorAtLine(line, "brackets are nested too deep");
    }
    return text;
}

}  // namespace

std::optional<AddressBit> parseAddressBit(const std::string& text) {
    AddressBit bit;
    std::size_t start = 0;
    for (;;) {
        const auto end = text.find('^', start);
        const std::string_view term = trimmed(
            std::string_view(text).substr(start, end == std::string::npos ? end : end - start));
        if (term == "1") {
            bit.inverted = !bit.inverted;
        } else {
            const bool named = term.size() >= 2 && term.size() <= 3 && term[0] == 'a';
            const auto number = named ? parseUnsigned(term.substr(1)) : std::nullopt;
            if (!number || *number > 31) return std::nullopt;
            bit.mask ^= std::uint64_t{1} << *number;
        }
        if (end == std::string::npos) return bit;
        start = end + 1;
    }
}

MapDescription readMap(Input& input) {
    const std::string text = readText(input);
    try {
        const YAML::Node root = YAML::Load(text);
        if (root.IsNull()) throw input.error("is empty; expected a map");
        return MapReader(input).read(root);
    } catch (const YAML::Exception& error) {
        const std::string problem = "is no YAML: " + error.msg;
        if (error.mark.line < 0) throw input.error(problem);
        throw input.errorAtLine(static_cast<std::uint64_t>(error.mark.line) + 1, problem);
    }
}

}  // namespace brownout
