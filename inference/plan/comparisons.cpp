// Comparisons, logic and choices: 1 stands for true and 0 for false.

#include "inference/plan/binary.h"
#include "inference/plan/parts.h"

namespace brownout {

namespace {

using kernels::BinaryOp;

void compileModulo(PlanBuilder& builder, const Node& node) {
    if (node.intOr("fmod", 0) != 0) return binaryNode<BinaryOp::kRemainder>(builder, node);
    binaryNode<BinaryOp::kModulo>(builder, node);
}

/// Where: what is true of the one plus what is false of the other, each of the shape of all three.
void compileWhere(PlanBuilder& builder, const Node& node) {
    Parts parts(builder, node);
    const std::string& condition = node.inputs.at(0);
    const std::string yes = parts.add("KeepIf", {condition, node.input(1)});
    const std::string no = parts.add("KeepUnless", {condition, node.input(2)});
    parts.finish("Add", {yes, no});
}

}  // namespace

const std::map<std::string, CompileNode>& comparisonOperators() {
    static const std::map<std::string, CompileNode> kOperators = {
        {"Equal", binaryNode<BinaryOp::kEqual>},
        {"Greater", binaryNode<BinaryOp::kGreater>},
        {"GreaterOrEqual", binaryNode<BinaryOp::kGreaterOrEqual>},
        {"Less", binaryNode<BinaryOp::kLess>},
        {"LessOrEqual", binaryNode<BinaryOp::kLessOrEqual>},
        {"And", binaryNode<BinaryOp::kAnd>},
        {"Or", binaryNode<BinaryOp::kOr>},
        {"Xor", binaryNode<BinaryOp::kXor>},
        {"Mod", compileModulo},
        {"Where", compileWhere},
        {"KeepIf", binaryNode<BinaryOp::kKeepIf>},
        {"KeepUnless", binaryNode<BinaryOp::kKeepUnless>},
    };
    return kOperators;
}

}  // namespace brownout
