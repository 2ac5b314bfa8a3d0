#include "hardware/supply/scpi_dialect.h"

#include "base/yaml/yaml_reader.h"

namespace brownout {
namespace {

class DialectReader : YamlReader {
 public:
    using YamlReader::YamlReader;

    ScpiDialect read(const YAML::Node& root) {
        ScpiDialect dialect;
        readKeys(root, {{"start",
                         [&](const auto& node) {
                             if (!node.IsSequence()) fail(node, "expected a list of commands");
                             for (const auto& one : node) dialect.start.push_back(command(one));
                         }},
                        {"set",
                         [&](const auto& node) {
                             dialect.set = command(node);
                             if (dialect.set.find("{volts}") == std::string::npos) {
                                 fail(node, "expected a command with {volts} in it");
                             }
                         }},
                        {"measure", [&](const auto& node) { dialect.measure = question(node); }},
                        {"errors",
                         [&](const auto& node) {
                             const bool none = node.IsScalar() && node.Scalar() == "none";
                             dialect.errors = none ? "" : question(node);
                         }},
                        {"numbered", [&](const auto& node) {
                             const std::string answer = text(node, "yes or no");
                             if (answer != "yes" && answer != "no")
                                 fail(node, "expected yes or no");
                             dialect.numbered = answer == "yes";
                         }}});
        return dialect;
    }

 private:
    std::string command(const YAML::Node& node) const {
        const std::string one = text(node, "a command");
        if (one.empty() || one.find_first_of("\r\n;") != std::string::npos) {
            fail(node, "expected one command of one line");
        }
        return one;
    }
    std::string question(const YAML::Node& node) const {
        std::string one = command(node);
        const auto mark = one.find('?');
        if (mark == std::string::npos) fail(node, "expected a question, with '?'");
        return one;
    }
};

}  // namespace

ScpiDialect readScpiDialect(Input& input) {
    return DialectReader(input).read(loadYaml(input, "commands of an instrument"));
}

}  // namespace brownout
