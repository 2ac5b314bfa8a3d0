#include "profiles/accelerators/description_reader.h"

#include <cmath>

#include "base/fields.h"

namespace brownout {
namespace {

constexpr double kMostBytes = 1099511627776.0;  // 1 TiB
constexpr std::size_t kMostEntries = 1000;      // of a list

}  // namespace

void DescriptionReader::need(const YAML::Node& node, bool there, const std::string& key) const {
    if (!there) fail(node, "'" + key + "' is missing");
}

std::string DescriptionReader::shortText(const YAML::Node& node,
                                         const std::string& expected) const {
    const std::string value = text(node, expected);
    if (value.empty() || value.size() > 500) fail(node, "expected " + expected);
    return value;
}

double DescriptionReader::quantity(const YAML::Node& node, Quantity kind, bool positive) const {
    const std::string value = text(node, exampleOf(kind));
    const auto number = parseQuantity(value, kind);
    if (!number || (positive && !(*number > 0))) {
        fail(node, quoted(value) + "; expected " + exampleOf(kind));
    }
    return *number;
}

double DescriptionReader::supply(const YAML::Node& node) const {
    const std::string value = text(node, "a supply such as 0.9");
    const auto number = parseReal(value);
    if (!number || !(*number > 0)) {
        fail(node, quoted(value) + "; expected a supply such as 0.9, in the unit of the table");
    }
    return *number;
}

std::uint64_t DescriptionReader::bytes(const YAML::Node& node) const {
    const double value = quantity(node, Quantity::kBytes, true);
    if (value > kMostBytes || value != std::floor(value)) {
        fail(node, quoted(node.Scalar()) + "; expected whole bytes, at most 1 TiB");
    }
    return static_cast<std::uint64_t>(value);
}

bool DescriptionReader::yesOrNo(const YAML::Node& node) const {
    const std::string value = text(node, "true or false");
    if (value != "true" && value != "false") fail(node, quoted(value) + "; expected true or false");
    return value == "true";
}

DescriptionReader::Handler DescriptionReader::wholeTo(std::uint32_t& to, std::uint64_t most) const {
    return [this, &to, most](const YAML::Node& node) {
        to = static_cast<std::uint32_t>(whole(node, 1, most));
    };
}
DescriptionReader::Handler DescriptionReader::wholeTo(std::uint64_t& to) const {
    return [this, &to](const YAML::Node& node) { to = whole(node, 1); };
}
DescriptionReader::Handler DescriptionReader::wholeTo(std::optional<std::uint64_t>& to) const {
    return [this, &to](const YAML::Node& node) { to = whole(node, 1); };
}
DescriptionReader::Handler DescriptionReader::quantityTo(double& to, Quantity kind) const {
    return [this, &to, kind](const YAML::Node& node) { to = quantity(node, kind); };
}

void DescriptionReader::requireList(const YAML::Node& node, const std::string& expected) const {
    if (!node.IsSequence() || node.size() == 0) fail(node, "expected " + expected);
    if (node.size() > kMostEntries) fail(node, "more than 1000 entries");
}

}  // namespace brownout
