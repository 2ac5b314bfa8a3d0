#include "base/yaml/yaml_reader.h"

#include <set>

#include "base/error.h"
#include "base/fields.h"

namespace brownout {
namespace {

// A permutation of the rows and columns of a large macro fits.
constexpr std::size_t kMostBytes = std::size_t{1} << 22;
// yaml-cpp recurses: deeper nesting than any file has is refused before it sees it.
constexpr std::size_t kDeepest = 16;

std::string readText(Input& input, const std::string& what) {
    input.skipByteOrderMark();
    std::string text;
    char piece[4096];
    while (text.size() <= kMostBytes) {
        const std::size_t size = input.read(piece, sizeof piece);
        if (size == 0) break;
        text.append(piece, size);
    }
    if (text.size() > kMostBytes) throw input.error("is larger than 4 MiB; expected " + what);
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
            throw input.errorAtLine(line, "holds " + quoted(std::string(1, c)) + "; expected " +
                                              what +
                                              " in plain YAML, without anchors and tags, in ASCII");
        }
        if (c == '[' || c == '{') ++depth;
        if ((c == ']' || c == '}') && depth > 0) --depth;
        if (depth > kDeepest) throw input.errorAtLine(line, "brackets are nested too deep");
    }
    return text;
}

}  // namespace

YAML::Node loadYaml(Input& input, const std::string& what) {
    const std::string text = readText(input, what);
    try {
        YAML::Node root = YAML::Load(text);
        if (root.IsNull()) throw input.error("is empty; expected " + what);
        return root;
    } catch (const YAML::Exception& error) {
        const std::string problem = "is no YAML: " + error.msg;
        if (error.mark.line < 0) throw input.error(problem);
        throw input.errorAtLine(static_cast<std::uint64_t>(error.mark.line) + 1, problem);
    }
}

void YamlReader::fail(const YAML::Node& node, const std::string& problem) const {
    const int line = node.Mark().line;
    throw line < 0 ? input_.error(problem)
                   : input_.errorAtLine(static_cast<std::uint64_t>(line) + 1, problem);
}

void YamlReader::readKeys(const YAML::Node& node,
                          const std::map<std::string, Handler>& handlers) const {
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
        handler->second(entry.second);
    }
}

std::string YamlReader::text(const YAML::Node& node, const std::string& expected) const {
    if (!node.IsScalar()) {
        fail(node, std::string(node.IsSequence() ? "a list"
                               : node.IsMap()    ? "keys"
                                                 : "nothing") +
                       "; expected " + expected);
    }
    return node.Scalar();
}

std::uint64_t YamlReader::whole(const YAML::Node& node, std::uint64_t least,
                                std::uint64_t most) const {
    const auto value = node.IsScalar() ? parseUnsigned(node.Scalar()) : std::nullopt;
    if (!value || *value < least || *value > most) {
        fail(node, (node.IsScalar() ? quoted(node.Scalar()) : std::string("a list")) +
                       "; expected a whole number of at least " + std::to_string(least) +
                       (value && *value > most ? " and at most " + std::to_string(most) : ""));
    }
    return *value;
}

}  // namespace brownout
