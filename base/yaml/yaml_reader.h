#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/input.h"

namespace brownout {

/// Reads a text in plain YAML: ASCII, without anchors and tags, at most 4 MiB, nested at most 16
/// deep. `what` is what is expected, "a map". Throws Error naming the file and the line of anything
/// else, also if it is empty.
YAML::Node loadYaml(Input& input, const std::string& what);

/// The part that readers of YAML files share: errors that name the line, keys of which each is
/// known and stands once, and numbers.
class YamlReader {
 public:
    explicit YamlReader(const Input& input) : input_(input) {}

 protected:
    using Handler = std::function<void(const YAML::Node&)>;

    /// Throws an Error that names the file, the line of `node` and the problem.
    [[noreturn]] void fail(const YAML::Node& node, const std::string& problem) const;

    /// Calls the handler of each key of `node`. Throws Error at what is no key, unknown or there
    /// twice.
    void readKeys(const YAML::Node& node, const std::map<std::string, Handler>& handlers) const;

    /// Returns the text of a node; throws Error if it is a list or keys.
    std::string text(const YAML::Node& node, const std::string& expected) const;

    /// Returns the whole number of `least` to `most` that a node is; throws Error for anything
    /// else.
    std::uint64_t whole(const YAML::Node& node, std::uint64_t least,
                        std::uint64_t most = 0xFFFFFFFF) const;

 private:
    const Input& input_;
};

}  // namespace brownout
