// With onnx_tensor.cpp the only file that knows ONNX and protobuf: bytes of a file in, a Network
// out.

#include "inference/onnx/onnx_import.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/fingerprint.h"
#include "inference/graph/batch_norm_folding.h"
#include "inference/graph/bit_regions.h"
#include "inference/graph/constant_folding.h"
#include "inference/graph/final_argmax.h"
#include "inference/graph/integer_operators.h"
#include "inference/graph/node_order.h"
#include "inference/onnx/function_inlining.h"
#include "inference/onnx/onnx_tensor.h"
#include "inference/plan/plan.h"

namespace brownout {

namespace {

constexpr std::size_t kMaxMessage = 300;

/// One line of reasonable length from a library's message.
std::string shortened(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            c = ' ';
        }
    }
    if (text.size() > kMaxMessage) {
        text = text.substr(0, kMaxMessage) + "...";
    }
    return text;
}

std::string nameOf(const onnx::NodeProto& node) {
    if (!node.name().empty()) {
        return shortened(node.name());
    }
    return node.output_size() > 0 ? shortened(node.output(0)) : "";
}

std::string placeOf(const std::string& file, const onnx::NodeProto& node) {
    return file + ": node '" + nameOf(node) + "' (" + shortened(node.op_type()) + ")";
}

AttributeValue attributeOf(const onnx::AttributeProto& attribute, const std::string& place,
                           ExternalData& external) {
    const std::string where = place + ": attribute '" + shortened(attribute.name()) + "'";
    switch (attribute.type()) {
        case onnx::AttributeProto::INT:
            return static_cast<std::int64_t>(attribute.i());
        case onnx::AttributeProto::FLOAT:
            return attribute.f();
        case onnx::AttributeProto::STRING:
            return attribute.s();
        case onnx::AttributeProto::INTS:
            return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
        case onnx::AttributeProto::FLOATS:
            return std::vector<float>(attribute.floats().begin(), attribute.floats().end());
        case onnx::AttributeProto::TENSOR: {
            const TensorContent content = contentOf(attribute.t(), where, external);
            if (const auto* floats = std::get_if<FloatTensor>(&content)) return *floats;
            return std::get<IntTensor>(content);
        }
        default:
            throw Error(where, "has a type that is not supported");
    }
}

Node nodeOf(const onnx::NodeProto& proto, const std::string& file, ExternalData& external) {
    Node node;
    node.name = nameOf(proto);
    node.op = proto.op_type();
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    while (!node.outputs.empty() && node.outputs.back().empty()) {
        node.outputs.pop_back();  // optional outputs that are left out
    }
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
        node.attributes[attribute.name()] = attributeOf(attribute, placeOf(file, proto), external);
    }
    return node;
}

Port portOf(const onnx::ValueInfoProto& info, const std::string& place) {
    Port port;
    port.name = info.name();
    const onnx::TypeProto_Tensor& type = info.type().tensor_type();
    if (info.type().value_case() == onnx::TypeProto::VALUE_NOT_SET) {
        return port;  // of an output whose type the file doesn't tell
    }
    if (!info.type().has_tensor_type() || !isNumberType(type.elem_type())) {
        throw Error(
            place, "has the type " + typeName(type.elem_type()) + ", expected a tensor of numbers");
    }
    port.whole = !isFloatType(type.elem_type());
    port.bytes = type.elem_type() == onnx::TensorProto::UINT8;
    for (const auto& dim : type.shape().dim()) {
        if (dim.has_dim_value() && dim.dim_value() < 0) {
            throw Error(place, "has an axis of size " + std::to_string(dim.dim_value()));
        }
        // Some exporters write 0 for a size that is free.
        const bool known = dim.has_dim_value() && dim.dim_value() > 0;
        port.shape.push_back(known ? dim.dim_value() : -1);
    }
    return port;
}

bool isStandard(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

/// The domains that operators for quantised networks were published under (QONNX).
bool isQonnx(const std::string& domain) {
    return domain == "qonnx.custom_op.general" || domain == "finn.custom_op.general" ||
           domain == "onnx.brevitas";
}

void checkNode(const onnx::NodeProto& node, const std::string& file,
               const std::vector<std::string>& supported) {
    const std::string place = placeOf(file, node);
    if ((!isStandard(node.domain()) && !isQonnx(node.domain())) ||
        (!std::binary_search(supported.begin(), supported.end(), node.op_type()) &&
         !std::binary_search(integerOperators().begin(), integerOperators().end(),
                             node.op_type()))) {
        throw Error(place, "the operator is not supported" +
                               (isStandard(node.domain())
                                    ? std::string()
                                    : " (domain '" + shortened(node.domain()) + "')"));
    }
    if (node.output_size() == 0 || node.output(0).empty()) throw Error(place, "has no output");
    for (const onnx::AttributeProto& attribute : node.attribute()) {
        const bool sizes = attribute.name() == "strides" || attribute.name() == "dilations" ||
                           attribute.name() == "kernel_shape";
        for (std::int64_t value : attribute.ints()) {
            if (sizes && (value < 1 || value > (std::int64_t{1} << 20))) {
                throw Error(place, "attribute '" + attribute.name() + "' has the value " +
                                       std::to_string(value));
            }
        }
    }
}

/// Refuses files that hold no network, or parts that have no place in one. The version of the
/// format and of the operators is no reason to refuse: an operator that isn't known is.
void checkBefore(const onnx::ModelProto& proto, const std::string& file) {
    if (!proto.has_graph() || proto.graph().node_size() == 0) {
        throw Error(file, "is not an ONNX model, or one without nodes");
    }
    if (proto.graph().node_size() > static_cast<int>(kMaxNodes)) {
        throw Error(file, "has " + std::to_string(proto.graph().node_size()) +
                              " nodes, more than the " + std::to_string(kMaxNodes) + " allowed");
    }
    if (proto.graph().sparse_initializer_size() > 0) {
        throw Error(file, "sparse tensors are not supported");
    }
    for (const onnx::OperatorSetIdProto& set : proto.opset_import()) {
        if (isStandard(set.domain()) && set.version() < 1) {
            throw Error(file,
                        "uses opset " + std::to_string(set.version()) + ", expected 1 or newer");
        }
    }
    const std::vector<std::string> supported = supportedOperators();
    for (const onnx::NodeProto& node : proto.graph().node()) checkNode(node, file, supported);
}

/// Reads the initialisers that a node or output reads; the others are not part of the network.
void readInitializers(const onnx::GraphProto& graph, Network& network, ExternalData& external) {
    std::set<std::string> read;
    for (const Node& node : network.nodes) read.insert(node.inputs.begin(), node.inputs.end());
    for (const Port& output : network.outputs) read.insert(output.name);
    for (const onnx::TensorProto& tensor : graph.initializer()) {
        if (read.count(tensor.name()) == 0) continue;
        const std::string place = network.file + ": initializer '" + shortened(tensor.name()) + "'";
        TensorContent content = contentOf(tensor, place, external);
        if (auto* floats = std::get_if<FloatTensor>(&content)) {
            network.parameters[tensor.name()] = std::move(*floats);
        } else {
            network.integers[tensor.name()] = std::move(std::get<IntTensor>(content));
        }
    }
}

/// Names the kind of a file that isn't ONNX by its first bytes, empty if it may be.
std::string otherKind(const std::string& bytes) {
    if (bytes.compare(0, 8, "\x89HDF\r\n\x1a\n") == 0) {
        return "an HDF5 file";
    }
    if (bytes.compare(0, 4, "PK\x03\x04") == 0) {
        return "a zip archive (a PyTorch checkpoint?)";
    }
    return bytes.empty() ? "an empty file" : "";
}

Network read(const std::string& bytes, const std::string& file, ExternalData& external) {
    if (const std::string kind = otherKind(bytes); !kind.empty()) {
        throw Error(file, "is " + kind + ", expected an ONNX model");
    }
    google::protobuf::LogSilencer silence;
    onnx::ModelProto proto;
    if (!proto.ParseFromString(bytes)) {
        throw Error(file, "is not an ONNX model, or is truncated or corrupted");
    }
    if (proto.has_graph()) inlineFunctions(proto, file);
    checkBefore(proto, file);
    Network network;
    network.file = file;
    network.name = proto.graph().name();
    network.producer = proto.producer_name();
    network.opset = 1;
    for (const onnx::OperatorSetIdProto& set : proto.opset_import()) {
        if (isStandard(set.domain())) network.opset = set.version();
    }
    for (const onnx::StringStringEntryProto& entry : proto.metadata_props()) {
        network.metadata[entry.key()] = entry.value();
    }
    const onnx::GraphProto& graph = proto.graph();
    const auto sharedName = std::make_shared<const std::string>(file);
    for (const onnx::NodeProto& node : graph.node()) {
        network.nodes.push_back(nodeOf(node, file, external));
        network.nodes.back().file = sharedName;
    }
    std::set<std::string> initialized;
    for (const onnx::TensorProto& tensor : graph.initializer()) initialized.insert(tensor.name());
    for (const onnx::ValueInfoProto& input : graph.input()) {
        if (initialized.count(input.name()) != 0) continue;
        network.inputs.push_back(portOf(input, file + ": input '" + shortened(input.name()) + "'"));
    }
    for (const onnx::ValueInfoProto& output : graph.output()) {
        network.outputs.push_back(
            portOf(output, file + ": output '" + shortened(output.name()) + "'"));
    }
    readInitializers(graph, network, external);
    network.fingerprint = fingerprint(bytes);
    if (!external.fingerprint().empty()) {
        network.fingerprint = fingerprint(network.fingerprint + external.fingerprint());
    }
    sortNodes(network);
    lowerIntegerOperators(network);
    return network;
}

/// Brings a network into the form that is stored and run: constants are parameters, what is
/// computed of constants only is computed, a final ArgMax leaves the scores it chose from, and
/// batch normalisation is folded.
Network simplified(Network network) {
    foldConstants(network);
    removeFinalArgMax(network);
    network = foldBatchNormalization(std::move(network));
    noteLostBits(network);
    return network;
}

}  // namespace

Network importOnnxBytes(const std::string& bytes, const std::string& file, GraphForm form) {
    ExternalData none(std::nullopt);
    Network network = read(bytes, file, none);
    return form == GraphForm::kAsInFile ? network : simplified(std::move(network));
}

Network importOnnx(const std::filesystem::path& path) {
    ExternalData beside(path.parent_path());
    return simplified(read(readFile(path), path.string(), beside));
}

}  // namespace brownout
