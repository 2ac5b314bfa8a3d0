// Which operators can be compiled, and by what.

#include "inference/plan/builder.h"

namespace brownout {

namespace {

const std::map<std::string, CompileNode>& allOperators() {
    static const std::map<std::string, CompileNode> kAll = [] {
        std::map<std::string, CompileNode> all;
        for (const auto* group :
             {&convolutionOperators(), &productOperators(), &elementwiseOperators(),
              &normalizationOperators(), &layerNormalizationOperators(), &poolingOperators(),
              &shapeOperators(), &movingOperators(), &quantizationOperators(),
              &comparisonOperators(), &resizingOperators()}) {
            all.insert(group->begin(), group->end());
        }
        return all;
    }();
    return kAll;
}

}  // namespace

CompileNode compilerOf(const std::string& op) {
    const auto found = allOperators().find(op);
    if (found != allOperators().end()) return found->second;
    const auto part = partOperators().find(op);
    return part == partOperators().end() ? nullptr : part->second;
}

std::vector<std::string> supportedOperators() {
    std::vector<std::string> names;
    for (const auto& [name, compile] : allOperators()) names.push_back(name);
    return names;
}

}  // namespace brownout
