#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "inference/tensor.h"

namespace brownout {

/// A value that an ONNX attribute can have in the operators that we run.
using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                                    std::vector<float>, FloatTensor, IntTensor>;

/// One operation of a network, as in ONNX: it reads and writes values by name; an empty input name
/// is an optional input that is left out.
struct Node {
    std::string name;  ///< name of the node, or that of its first output if it has none
    std::string op;    ///< ONNX operator, e.g. "Conv"
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::map<std::string, AttributeValue> attributes;
    std::shared_ptr<const std::string> file =
        nullptr;  ///< file that it came from, for messages; may be null

    /// Returns the attribute, or `fallback` if the node doesn't have it.
    /// Throws Error naming the node if it has another type.
    std::int64_t intOr(const std::string& attribute, std::int64_t fallback) const;
    float floatOr(const std::string& attribute, float fallback) const;
    std::string textOr(const std::string& attribute, const std::string& fallback) const;
    std::vector<std::int64_t> intsOr(const std::string& attribute,
                                     const std::vector<std::int64_t>& fallback) const;
    bool has(const std::string& attribute) const { return attributes.count(attribute) != 0; }

    /// Returns the name of input `i`, empty if it is left out.
    const std::string& input(std::size_t i) const;
};

/// An input or output of a network.
struct Port {
    std::string name;
    Shape shape;         ///< shape, -1: free; empty for outputs whose shape the file doesn't tell
    bool whole = false;  ///< true for integers and truth values
    bool bytes = false;  ///< true for an input of unsigned bytes, whose pixels go from 0 to 255
};

/// The codes that a parameter has in a file whose weights are quantised: element e of channel c has
/// the value (code - zeroPoints[c]) scales[c]. Element e is of channel
/// e / channelStep % scales.size().
struct FileCodes {
    std::uint32_t bits = 8;
    bool isSigned = true;
    bool bipolar = false;  ///< true for codes of one bit, of which 0 stands for -1
    std::vector<std::int64_t> codes;
    std::vector<float> scales;
    std::vector<float> zeroPoints;  ///< one for each scale
    std::size_t channelStep = 1;
};

/// Returns the code whose two's complement these bits are, those above codes.bits ignored.
std::int64_t codeOfBits(const FileCodes& codes, std::uint32_t bits);
/// Returns a code of element `element` less its zero point, which must be whole.
std::int32_t integerOf(const FileCodes& codes, std::int64_t code, std::size_t element);
/// Returns the value of a code of element `element`.
float valueOf(const FileCodes& codes, std::int64_t code, std::size_t element);

/// Nodes that a network may have: far more than any that is in use.
constexpr std::size_t kMaxNodes = 100'000;

/// A network as imported: plain data, checked, never changed afterwards.
///
/// Nodes are in an order in which every node comes after those it reads from. `parameters` are the
/// trained values (ONNX initialisers of floating type, and what is computed of them): these can
/// live in the SRAM. Integers that only describe the computation are in `integers`, and can't.
struct Network {
    std::string file;  ///< path that it came from, for messages
    std::string name;
    std::string producer;
    std::int64_t opset = 0;
    std::map<std::string, std::string> metadata;
    std::vector<Port> inputs;
    std::vector<Port> outputs;
    std::vector<Node> nodes;
    std::map<std::string, FloatTensor> parameters;
    std::map<std::string, IntTensor> integers;
    std::map<std::string, FileCodes> fileCodes;  ///< of parameters that are quantised in the file
    std::vector<std::string> notes;              ///< lines that a user should know
    std::string fingerprint;                     ///< names the bytes of the file

    /// Returns "FILE: node 'NAME' (OPERATOR)", the place in an Error about this node.
    std::string place(const Node& node) const;
};

/// Returns the shape of the images that a network takes, without the batch, -1 where it is free.
/// Throws Error naming the file if the network doesn't take images and nothing else.
Shape imageShapeOf(const Network& network);

/// Returns the input shapes of a network that takes images one by one: the batch 1, whatever the
/// batch of the file. Throws Error if the network has several inputs, an image of unknown size, or
/// a first axis that is no batch.
std::vector<Shape> singleImageShapes(const Network& network);

/// Returns a copy of `network` in which the free sizes of its one input are those of images of this
/// shape; the batch stays free. Throws Error if the images have another number of axes.
Network withImageShape(Network network, const Shape& imageShape);

/// Returns a copy of `network` in which these inputs have become parameters, for networks whose
/// weights come as inputs. Throws Error if there is no such input.
Network withBoundInputs(Network network, const std::map<std::string, FloatTensor>& floats,
                        const std::map<std::string, IntTensor>& integers);

}  // namespace brownout
