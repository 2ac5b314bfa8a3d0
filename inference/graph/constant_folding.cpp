#include "inference/graph/constant_folding.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "inference/graph/node_order.h"
#include "inference/graph/quantized_constants.h"
#include "inference/plan/constants.h"

namespace brownout {
namespace {

/// Returns the constants that become factors or summands of products (convolutions, Gemm, MatMul),
/// as they are or after other nodes of constants.
std::unordered_set<std::string> reachingProducts(const Network& network,
                                                 const std::unordered_set<std::string>& constants) {
    static const std::set<std::string> kProducts = {"Conv", "ConvTranspose", "Gemm", "MatMul"};
    std::unordered_set<std::string> reaching;
    for (auto node = network.nodes.rbegin(); node != network.nodes.rend(); ++node) {
        bool reaches = kProducts.count(node->op) != 0;
        for (const std::string& name : node->outputs) {
            reaches = reaches || (constants.count(name) != 0 && reaching.count(name) != 0);
        }
        if (reaches) reaching.insert(node->inputs.begin(), node->inputs.end());
    }
    return reaching;
}

bool allEqual(const FloatTensor& tensor) {
    return !tensor.values.empty() &&
           std::all_of(tensor.values.begin(), tensor.values.end(),
                       [&](float value) { return value == tensor.values[0]; });
}

/// A network while it is folded. A value is known if it is computed of constants only. Of the known
/// values those are trained that come from parameters; the others are part of the computation.
class Folder {
 public:
    explicit Folder(Network& network)
        : network_(network),
          constants_(constantsOf(network)),
          reachingProducts_(reachingProducts(network, constants_)) {}

    void run() {
        std::vector<Node> nodes = std::move(network_.nodes);
        network_.nodes.clear();
        for (Node& node : nodes) {
            const bool known = constants_.count(node.outputs.at(0)) != 0;
            if (!known || !fold(node)) network_.nodes.push_back(std::move(node));
        }
        removeUnread(network_);
    }

 private:
    bool isTrained(const std::string& name) const {
        return network_.parameters.count(name) != 0 || keptTrained_.count(name) != 0;
    }

    /// Makes the results of a node known. Returns false if the node has to stay all the same.
    bool fold(const Node& node) {
        const Network one = alone(node);
        if (auto quantized = quantizedConstant(one)) {
            const std::string& name = node.outputs.at(0);
            if (auto* codes = std::get_if<IntTensor>(&*quantized)) {
                network_.integers[name] = std::move(*codes);
                return true;
            }
            auto& [values, codes] = std::get<QuantizedTensor>(*quantized);
            network_.parameters[name] = std::move(values);
            network_.fileCodes[name] = std::move(codes);
            codesOf_.insert(name);
            return true;
        }
        const bool trained = std::any_of(node.inputs.begin(), node.inputs.end(),
                                         [this](const auto& name) { return isTrained(name); });
        bool whole = true;
        for (auto& [name, content] : constantResults(one)) {
            if (auto* integers = std::get_if<IntTensor>(&content)) {
                takeIntegers(node, name, std::move(*integers));
            } else {
                whole =
                    takeFloats(node, name, std::move(std::get<FloatTensor>(content)), trained) &&
                    whole;
            }
        }
        return whole;
    }

    void takeIntegers(const Node& node, const std::string& name, IntTensor integers) {
        // What only moves codes leaves them codes of the same type.
        const auto from = network_.integers.find(node.input(0));
        if (isMove(node.op) && node.op != "Cast" && from != network_.integers.end()) {
            integers.bits = from->second.bits;
            integers.isSigned = from->second.isSigned;
        }
        network_.integers[name] = std::move(integers);
    }

    /// Returns false if the node has to stay.
    bool takeFloats(const Node& node, const std::string& name, FloatTensor floats, bool trained) {
        if (!trained && allEqual(floats) && reachingProducts_.count(name) == 0) {
            // A factor, a bound, a filler: nothing that was trained.
            if (node.op != "Constant") {
                network_.nodes.push_back(
                    {name, "Constant", {}, {name}, {{"value", floats}}, node.file});
            }
            kept_[name] = std::move(floats);
            return node.op != "Constant";
        }
        const bool stays = trained && (isMove(node.op) || reachingProducts_.count(name) == 0);
        if (!stays) {
            noteLostCodes(node);
            network_.parameters[name] = std::move(floats);
            return true;
        }
        kept_[name] = std::move(floats);
        keptTrained_.insert(name);
        if (isMove(node.op) && codesOf_.count(node.input(0)) != 0) codesOf_.insert(name);
        return false;
    }

    /// Notes that quantised weights are computed with before they are used, so that what is stored
    /// has other values than the file's codes.
    void noteLostCodes(const Node& node) {
        for (const std::string& name : node.inputs) {
            if (codesOf_.count(name) == 0) continue;
            network_.notes.push_back(network_.place(node) +
                                     ": computes with the quantised weights '" + name +
                                     "'; what it makes is stored, not the file's codes");
        }
    }

    /// Returns a network of this node and the constants that it reads.
    Network alone(const Node& node) const {
        Network one;
        one.file = network_.file;
        one.opset = network_.opset;
        one.nodes = {node};
        for (const std::string& name : node.inputs) {
            const auto parameter = network_.parameters.find(name);
            if (parameter != network_.parameters.end()) one.parameters.insert(*parameter);
            const auto kept = kept_.find(name);
            if (kept != kept_.end()) one.parameters.insert(*kept);
            const auto integers = network_.integers.find(name);
            if (integers != network_.integers.end()) one.integers.insert(*integers);
        }
        return one;
    }

    Network& network_;
    std::unordered_set<std::string> constants_;
    std::unordered_set<std::string> reachingProducts_;
    std::map<std::string, FloatTensor> kept_;  ///< known values whose nodes stay
    std::set<std::string> codesOf_;            ///< values that are codes of the file, moved or not
    std::set<std::string> keptTrained_;        ///< those of them that are trained
};

}  // namespace

bool isMove(const std::string& op) {
    static const std::set<std::string> kMoving = {"Identity", "Reshape",   "Transpose", "Squeeze",
                                                  "Flatten",  "Unsqueeze", "Cast",      "Expand"};
    return kMoving.count(op) != 0;
}

std::unordered_set<std::string> constantsOf(const Network& network) {
    std::unordered_set<std::string> constants;
    for (const auto& [name, tensor] : network.parameters) constants.insert(name);
    for (const auto& [name, tensor] : network.integers) constants.insert(name);
    for (const Node& node : network.nodes) {
        if (std::all_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& name) {
                return name.empty() || constants.count(name) != 0;
            })) {
            constants.insert(node.outputs.begin(), node.outputs.end());
        }
    }
    return constants;
}

void foldConstants(Network& network) { Folder(network).run(); }

}  // namespace brownout
