#include "profiles/import/descramble_yaml.h"

#include <algorithm>

#include "base/error.h"
#include "base/fields.h"
#include "base/yaml/yaml_reader.h"

namespace brownout {
namespace {

constexpr std::uint32_t kMostEntries = 1U << 20;

class MapReader : YamlReader {
 public:
    explicit MapReader(const Input& input) : YamlReader(input) { map_.name = input.name(); }

    MapDescription read(const YAML::Node& root) {
        const auto count = [this](std::optional<std::uint32_t>& to) {
            return [this, &to](const YAML::Node& node) { to = number(node, 1); };
        };
        const auto list = [this](std::vector<std::uint32_t>& to) {
            return [this, &to](const YAML::Node& node) { to = numbers(node); };
        };
        const auto by = [this](void (MapReader::*readPart)(const YAML::Node&)) {
            return [this, readPart](const YAML::Node& node) { (this->*readPart)(node); };
        };
        readKeys(root, {{"arrays", count(map_.arrays)},
                        {"rows", count(map_.rows)},
                        {"columns", count(map_.columns)},
                        {"column_mux", count(map_.columnMux)},
                        {"word_bits", count(map_.wordBits)},
                        {"words_per_block", count(map_.wordsPerBlock)},
                        {"address", by(&MapReader::readAddress)},
                        {"bit_order", by(&MapReader::readBitOrder)},
                        {"column_layout", by(&MapReader::readLayout)},
                        {"row_order", list(map_.rowOrder)},
                        {"column_order", list(map_.columnOrder)},
                        {"array_order", list(map_.arrayOrder)},
                        {"spare_rows", list(map_.spareRows)},
                        {"complement", by(&MapReader::readComplement)}});
        return std::move(map_);
    }

 private:
    std::uint32_t number(const YAML::Node& node, std::uint32_t least) const {
        return static_cast<std::uint32_t>(whole(node, least));
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
        const auto bits = [this](std::vector<AddressBit>& to) {
            return [this, &to](const YAML::Node& list) { to = addressBits(list); };
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
        const auto lines = [this](Lines& to) {
            return [this, &to](const YAML::Node& value) {
                const std::string which = value.IsScalar() ? value.Scalar() : "";
                to.odd = which == "odd";
                to.even = which == "even";
                if (value.IsSequence()) {
                    to.listed = numbers(value);
                } else if (!to.odd && !to.even) {
                    fail(value, "expected odd, even or a list");
                }
            };
        };
        readKeys(node, {{"rows", lines(map_.complementRows)},
                        {"columns", lines(map_.complementColumns)}});
    }

    MapDescription map_;
};

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

MapDescription readMap(Input& input) { return MapReader(input).read(loadYaml(input, "a map")); }

}  // namespace brownout
