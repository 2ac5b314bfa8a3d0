#pragma once

#include <optional>
#include <string>

#include "base/yaml/yaml_reader.h"
#include "model/accelerator/accelerator.h"
#include "profiles/accelerators/quantity.h"

namespace brownout {

/// The values that keys of a description have, with errors that name the line, what was found and
/// what was expected: what the readers of arrays and of memories share.
class DescriptionReader : protected YamlReader {
 public:
    using YamlReader::YamlReader;

 protected:
    /// Throws Error unless the key is there.
    void need(const YAML::Node& node, bool there, const std::string& key) const;
    /// Returns a text of 1 to 500 characters.
    std::string shortText(const YAML::Node& node, const std::string& expected) const;
    /// Returns a quantity in its base unit; above 0 if `positive`.
    double quantity(const YAML::Node& node, Quantity kind, bool positive = false) const;
    /// Returns a number above 0 without a unit, a supply of an energy table.
    double supply(const YAML::Node& node) const;
    /// Returns a size in whole bytes, at most 1 TiB.
    std::uint64_t bytes(const YAML::Node& node) const;
    bool yesOrNo(const YAML::Node& node) const;
    /// Throws Error unless the node is a list of 1 to 1000 entries.
    void requireList(const YAML::Node& node, const std::string& expected) const;

    Handler wholeTo(std::uint32_t& to, std::uint64_t most) const;
    Handler wholeTo(std::uint64_t& to) const;
    Handler wholeTo(std::optional<std::uint64_t>& to) const;
    Handler quantityTo(double& to, Quantity kind) const;
};

/// Reads the keys of `array`. Throws Error.
ComputeArray readArray(const Input& input, const YAML::Node& node);

/// The memories of a description, and the profiles that some have their energy from.
struct MemoryDescriptions {
    std::vector<AcceleratorMemory> memories;
    std::map<std::string, std::string> profiles;
};

/// Reads the keys of `memories`. Throws Error.
MemoryDescriptions readMemories(const Input& input, const YAML::Node& node);

}  // namespace brownout
