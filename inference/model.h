#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "inference/tensor.h"

namespace brownout {

/// What an ONNX attribute can hold in the operators that we run.
using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                                    std::vector<float>, FloatTensor, IntTensor>;

/// One operation of a network, as in ONNX: it reads and writes values by name; an empty input name
/// is an optional input that is left out.
struct Node {
    std::string name;  ///< Its own, or that of its first output if it has none.
    std::string op;    ///< ONNX operator, e.g. "Conv".
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::map<std::string, AttributeValue> attributes;

    /// The attribute, or `fallback` if the node doesn't have it.
    /// Throws Error naming the node if it has another type.
    std::int64_t intOr(const std::string& attribute, std::int64_t fallback) const;
    float floatOr(const std::string& attribute, float fallback) const;
    std::string textOr(const std::string& attribute, const std::string& fallback) const;
    std::vector<std::int64_t> intsOr(const std::string& attribute,
                                     const std::vector<std::int64_t>& fallback) const;
    bool has(const std::string& attribute) const { return attributes.count(attribute) != 0; }

    /// Name of input `i`, empty if it is left out.
    const std::string& input(std::size_t i) const;
};

/// An input or output of a network.
struct Port {
    std::string name;
    Shape shape;  ///< -1: free. Empty for outputs whose shape the file doesn't tell.
};

/// Nodes that a network may have: far more than any that is in use.
constexpr std::size_t kMaxNodes = 100'000;

/// A network as imported: plain data, checked, never changed afterwards.
///
/// Nodes are in an order in which every node comes after those it reads from. `parameters` are the
/// trained values (ONNX initialisers of floating type): these can live in the SRAM. Constants that
/// only describe the computation come as Constant nodes and in `integers`, and can't.
struct Model {
    std::string file;  ///< Where it came from, for messages.
    std::string name;
    std::string producer;
    std::int64_t opset = 0;
    std::map<std::string, std::string> metadata;
    std::vector<Port> inputs;
    std::vector<Port> outputs;
    std::vector<Node> nodes;
    std::map<std::string, FloatTensor> parameters;
    std::map<std::string, IntTensor> integers;
    std::string fingerprint;  ///< Of the file's bytes.

    /// "FILE: node 'NAME' (OPERATOR)", the place in an Error about this node.
    std::string place(const Node& node) const;
};

/// Reads a network from an ONNX file (opsets 1 to 17; parameters in fp32, fp16 or bf16, which
/// become float). The onnx library's checker and shape inference must accept it, every operator
/// must be one that we run (supportedOperators()), every parameter finite and inside the file.
/// Batch normalisation behind a convolution or Gemm is folded into it. Throws Error naming the
/// file, and the node and operator where there is one.
Model importOnnx(const std::filesystem::path& path);

/// The same from the bytes of an ONNX file; `file` is what messages call it. `foldBatchNorm` false
/// keeps the graph as it is.
Model importOnnxBytes(const std::string& bytes, const std::string& file, bool foldBatchNorm = true);

/// Folds each BatchNormalization (inference form) whose input is the output of a Conv or Gemm that
/// nobody else reads into the weights and bias of that node, as accelerators do:
/// w' = w s, b' = (b - mean) s + offset, with s = scale / sqrt(variance + epsilon) per channel.
Model foldBatchNormalization(Model model);

/// A copy of `model` in which these inputs have become parameters: networks whose weights come as
/// inputs. Throws Error if there is no such input.
Model withBoundInputs(Model model, const std::map<std::string, FloatTensor>& floats,
                      const std::map<std::string, IntTensor>& integers);

}  // namespace brownout
