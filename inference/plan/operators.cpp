// Which operators can be compiled, and by what.

#include <set>

#include "inference/plan/builder.h"

namespace brownout {

namespace {

const std::map<std::string, CompileNode>& allOperators() {
    static const std::map<std::string, CompileNode> kAll = [] {
        std::map<std::string, CompileNode> all;
        for (const auto* group :
             {&convolutionOperators(), &productOperators(), &elementwiseOperators(),
              &binaryOperators(), &castOperators(), &regroupingOperators(),
              &normalizationOperators(), &layerNormalizationOperators(), &poolingOperators(),
              &shapeOperators(), &movingOperators(), &quantizationOperators(),
              &comparisonOperators(), &resizingOperators(), &integerOperatorsOfPlans(),
              &bitOperatorsOfPlans(), &storedActivationOperators(), &storedSumOperators()}) {
            all.insert(group->begin(), group->end());
        }
        return all;
    }();
    return kAll;
}

}  // namespace

CompileNode compilerOf(const std::string& op) {
    const auto found = allOperators().find(op);
    return found == allOperators().end() ? nullptr : found->second;
}

std::vector<std::string> supportedOperators() {
    // Parts of operators, which no file has.
    static const std::set<std::string> kParts = {
        "BitMove",     "BitPad",      "BitPool",        "BitProduct",
        "BitSign",     "BitValue",    "IntegerAdd",     "IntegerDequantize",
        "IntegerMove", "IntegerPool", "IntegerProduct", "IntegerQuantize",
        "KeepIf",      "KeepUnless",  "Quotient",       "StoredActivation",
        "StoredSums",  "Truncate"};
    std::vector<std::string> names;
    for (const auto& [name, compile] : allOperators()) {
        if (kParts.count(name) == 0) names.push_back(name);
    }
    return names;
}

}  // namespace brownout
