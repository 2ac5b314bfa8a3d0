#include "inference/onnx/function_inlining.h"

#include <map>
#include <unordered_map>

#include "base/error.h"
#include "inference/network.h"

namespace brownout {
namespace {

using Functions = std::map<std::pair<std::string, std::string>, const onnx::FunctionProto*>;

/// Functions that call each other deeper than this call each other in a circle.
constexpr int kMostDepth = 64;

class Inliner {
 public:
    Inliner(const onnx::ModelProto& model, const std::string& file) : file_(file) {
        for (const onnx::FunctionProto& function : model.functions()) {
            functions_[{function.domain(), function.name()}] = &function;
        }
    }

    /// Adds a node, or the nodes of the function that it calls, to `graph`.
    void add(const onnx::NodeProto& node, onnx::GraphProto& graph, int depth) {
        const auto function = functions_.find({node.domain(), node.op_type()});
        if (function == functions_.end()) {
            if (graph.node_size() >= static_cast<int>(kMaxNodes)) {
                throw Error(file_, "has more than the " + std::to_string(kMaxNodes) +
                                       " nodes allowed once its functions are in place");
            }
            *graph.add_node() = node;
            return;
        }
        if (depth >= kMostDepth) throw Error(file_, "has functions that call themselves");
        call(*function->second, node, graph, depth);
    }

 private:
    void call(const onnx::FunctionProto& function, const onnx::NodeProto& node,
              onnx::GraphProto& graph, int depth) {
        std::unordered_map<std::string, std::string> names;
        for (int i = 0; i < function.input_size(); ++i) {
            names[function.input(i)] = i < node.input_size() ? node.input(i) : "";
        }
        const std::string prefix = (node.name().empty() ? node.op_type() : node.name()) + "/" +
                                   std::to_string(calls_++) + "/";
        for (int i = 0; i < function.output_size(); ++i) {
            const bool wanted = i < node.output_size() && !node.output(i).empty();
            names[function.output(i)] = wanted ? node.output(i) : prefix + function.output(i);
        }
        const auto renamed = [&](const std::string& name) {
            if (name.empty()) return name;
            const auto known = names.find(name);
            return known != names.end() ? known->second : prefix + name;
        };
        for (const onnx::NodeProto& inner : function.node()) {
            onnx::NodeProto copy = inner;
            copy.set_name(prefix + (inner.name().empty() ? inner.op_type() : inner.name()));
            for (std::string& name : *copy.mutable_input()) name = renamed(name);
            for (std::string& name : *copy.mutable_output()) name = renamed(name);
            setAttributes(copy, node);
            add(copy, graph, depth + 1);
        }
    }

    /// Gives attributes that stand for those of the call their values; those that the call leaves
    /// out are left out.
    static void setAttributes(onnx::NodeProto& copy, const onnx::NodeProto& call) {
        google::protobuf::RepeatedPtrField<onnx::AttributeProto> attributes;
        attributes.Swap(copy.mutable_attribute());
        for (const onnx::AttributeProto& attribute : attributes) {
            if (attribute.ref_attr_name().empty()) {
                *copy.add_attribute() = attribute;
                continue;
            }
            for (const onnx::AttributeProto& given : call.attribute()) {
                if (given.name() != attribute.ref_attr_name()) continue;
                onnx::AttributeProto* filled = copy.add_attribute();
                *filled = given;
                filled->set_name(attribute.name());
            }
        }
    }

    const std::string& file_;
    Functions functions_;
    std::size_t calls_ = 0;
};

}  // namespace

void inlineFunctions(onnx::ModelProto& model, const std::string& file) {
    if (model.functions_size() == 0) return;
    Inliner inliner(model, file);
    google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
    nodes.Swap(model.mutable_graph()->mutable_node());
    for (const onnx::NodeProto& node : nodes) inliner.add(node, *model.mutable_graph(), 0);
}

}  // namespace brownout
