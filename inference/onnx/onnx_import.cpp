// The only file that knows ONNX and protobuf: bytes of a file in, a Network out.

#include "inference/onnx/onnx_import.h"

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/fingerprint.h"
#include "inference/graph/batch_norm_folding.h"
#include "inference/plan/plan.h"

namespace brownout {

namespace {

constexpr std::int64_t kOldestOpset = 1;
constexpr std::int64_t kNewestOpset = 17;
constexpr std::int64_t kMaxTensorElements = std::int64_t{1} << 30;
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

Shape shapeOf(const onnx::TensorProto& tensor, const std::string& place) {
    Shape shape;
    std::int64_t count = 1;
    for (std::int64_t size : tensor.dims()) {
        if (size < 0 || (size > 0 && count > kMaxTensorElements / size)) {
            throw Error(place, "the shape " +
                                   toString({tensor.dims().begin(), tensor.dims().end()}) +
                                   " is not possible");
        }
        count *= size;
        shape.push_back(size);
    }
    return shape;
}

[[noreturn]] void wrongAmount(const std::string& place, std::size_t found, std::size_t expected) {
    throw Error(place, "has data for " + std::to_string(found) + " values, its shape asks for " +
                           std::to_string(expected));
}

/// The values of a tensor, from its raw bytes (little-endian, as this program's machines) or from
/// the typed field.
template <typename T, typename Field>
std::vector<T> valuesOf(const onnx::TensorProto& tensor, const Field& field, std::size_t count,
                        const std::string& place) {
    std::vector<T> values;
    if (tensor.has_raw_data()) {
        if (tensor.raw_data().size() != count * sizeof(T)) {
            wrongAmount(place, tensor.raw_data().size() / sizeof(T), count);
        }
        values.resize(count);
        if (count > 0) {
            std::memcpy(values.data(), tensor.raw_data().data(), count * sizeof(T));
        }
        return values;
    }
    if (static_cast<std::size_t>(field.size()) != count) {
        wrongAmount(place, static_cast<std::size_t>(field.size()), count);
    }
    values.reserve(count);
    for (auto value : field) {
        values.push_back(static_cast<T>(value));
    }
    return values;
}

bool isFloat(const onnx::TensorProto& tensor) {
    return tensor.data_type() == onnx::TensorProto::FLOAT ||
           tensor.data_type() == onnx::TensorProto::FLOAT16 ||
           tensor.data_type() == onnx::TensorProto::BFLOAT16;
}

bool isInteger(const onnx::TensorProto& tensor) {
    return tensor.data_type() == onnx::TensorProto::INT64 ||
           tensor.data_type() == onnx::TensorProto::INT32 ||
           tensor.data_type() == onnx::TensorProto::BOOL;
}

void refuseOutside(const onnx::TensorProto& tensor, const std::string& place) {
    if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
        throw Error(place, "its data is in another file; save the model with all data inside");
    }
    if (tensor.has_segment()) {
        throw Error(place, "segmented tensors are not supported");
    }
}

FloatTensor floatsOf(const onnx::TensorProto& tensor, const std::string& place) {
    refuseOutside(tensor, place);
    FloatTensor result;
    result.shape = shapeOf(tensor, place);
    const std::size_t count = elementCount(result.shape);
    if (tensor.data_type() == onnx::TensorProto::FLOAT) {
        result.values = valuesOf<float>(tensor, tensor.float_data(), count, place);
    } else {
        const bool half = tensor.data_type() == onnx::TensorProto::FLOAT16;
        for (std::uint16_t bits :
             valuesOf<std::uint16_t>(tensor, tensor.int32_data(), count, place)) {
            result.values.push_back(
                half ? static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(bits))
                     : static_cast<float>(Eigen::numext::bit_cast<Eigen::bfloat16>(bits)));
        }
    }
    return result;
}

void refuseNotFinite(const FloatTensor& tensor, const std::string& place) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        if (!std::isfinite(tensor.values[i])) {
            throw Error(place, "value " + std::to_string(i) + " is " +
                                   (std::isnan(tensor.values[i]) ? "not a number" : "infinite"));
        }
    }
}

IntTensor integersOf(const onnx::TensorProto& tensor, const std::string& place) {
    refuseOutside(tensor, place);
    IntTensor result;
    result.shape = shapeOf(tensor, place);
    const std::size_t count = elementCount(result.shape);
    if (tensor.data_type() == onnx::TensorProto::INT64) {
        result.values = valuesOf<std::int64_t>(tensor, tensor.int64_data(), count, place);
    } else if (tensor.data_type() == onnx::TensorProto::INT32) {
        for (std::int32_t value :
             valuesOf<std::int32_t>(tensor, tensor.int32_data(), count, place)) {
            result.values.push_back(value);
        }
    } else {
        for (std::uint8_t value :
             valuesOf<std::uint8_t>(tensor, tensor.int32_data(), count, place)) {
            result.values.push_back(value != 0 ? 1 : 0);
        }
    }
    return result;
}

std::string typeName(int type) {
    return onnx::TensorProto::DataType_IsValid(type)
               ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type))
               : "number " + std::to_string(type);
}

AttributeValue attributeOf(const onnx::AttributeProto& attribute, const std::string& place) {
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
        case onnx::AttributeProto::TENSOR:
            if (isFloat(attribute.t())) {
                return floatsOf(attribute.t(), where);
            }
            if (isInteger(attribute.t())) {
                return integersOf(attribute.t(), where);
            }
            throw Error(where, "has the type " + typeName(attribute.t().data_type()) +
                                   ", expected floats or integers");
        default:
            throw Error(where, "has a type that is not supported");
    }
}

Node nodeOf(const onnx::NodeProto& proto, const std::string& file) {
    Node node;
    node.name = nameOf(proto);
    node.op = proto.op_type();
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    while (!node.outputs.empty() && node.outputs.back().empty()) {
        node.outputs.pop_back();  // optional outputs that are left out
    }
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
        node.attributes[attribute.name()] = attributeOf(attribute, placeOf(file, proto));
    }
    return node;
}

Port portOf(const onnx::ValueInfoProto& info, const std::string& place) {
    Port port;
    port.name = info.name();
    const onnx::TypeProto_Tensor& type = info.type().tensor_type();
    if (!info.type().has_tensor_type() || (type.elem_type() != onnx::TensorProto::FLOAT &&
                                           type.elem_type() != onnx::TensorProto::INT64 &&
                                           type.elem_type() != onnx::TensorProto::INT32 &&
                                           type.elem_type() != onnx::TensorProto::BOOL)) {
        throw Error(place, "has the type " + typeName(type.elem_type()) + ", expected FLOAT");
    }
    for (const auto& dim : type.shape().dim()) {
        if (dim.has_dim_value() && dim.dim_value() < 0) {
            throw Error(place, "has an axis of size " + std::to_string(dim.dim_value()));
        }
        port.shape.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    }
    return port;
}

/// Refuses tensors whose bytes don't fit their shape: shape inference copies without a look.
void checkTensor(const onnx::TensorProto& tensor, const std::string& place) {
    refuseOutside(tensor, place);
    const std::size_t count = elementCount(shapeOf(tensor, place));
    std::size_t bytes = 0;
    switch (tensor.data_type()) {
        case onnx::TensorProto::FLOAT:
        case onnx::TensorProto::INT32:
            bytes = 4;
            break;
        case onnx::TensorProto::INT64:
            bytes = 8;
            break;
        case onnx::TensorProto::FLOAT16:
        case onnx::TensorProto::BFLOAT16:
            bytes = 2;
            break;
        case onnx::TensorProto::BOOL:
            bytes = 1;
            break;
        default:
            throw Error(place, "has the type " + typeName(tensor.data_type()) +
                                   ", expected FLOAT, FLOAT16, BFLOAT16, INT32 or INT64");
    }
    if (tensor.has_raw_data() && tensor.raw_data().size() != count * bytes) {
        wrongAmount(place, tensor.raw_data().size() / bytes, count);
    }
}

/// Everything that has to hold before the library's own checks may look at the network: those read
/// other files, and divide by attributes without a look.
void checkBefore(const onnx::ModelProto& proto, const std::string& file) {
    if (!proto.has_graph() || proto.graph().node_size() == 0) {
        throw Error(file, "is not an ONNX model, or one without nodes");
    }
    if (proto.ir_version() > onnx::Version::IR_VERSION) {
        throw Error(file, "has the ONNX format version " + std::to_string(proto.ir_version()) +
                              ", newer than the newest supported, " +
                              std::to_string(onnx::Version::IR_VERSION));
    }
    if (proto.graph().node_size() > static_cast<int>(kMaxNodes)) {
        throw Error(file, "has " + std::to_string(proto.graph().node_size()) +
                              " nodes, more than the " + std::to_string(kMaxNodes) + " allowed");
    }
    if (proto.functions_size() > 0 || proto.graph().sparse_initializer_size() > 0) {
        throw Error(file, "functions and sparse tensors are not supported");
    }
    for (const onnx::OperatorSetIdProto& set : proto.opset_import()) {
        const bool standard = set.domain().empty() || set.domain() == "ai.onnx";
        if (standard && (set.version() < kOldestOpset || set.version() > kNewestOpset)) {
            throw Error(file, "uses opset " + std::to_string(set.version()) + ", supported are " +
                                  std::to_string(kOldestOpset) + " to " +
                                  std::to_string(kNewestOpset));
        }
    }
    for (const onnx::TensorProto& tensor : proto.graph().initializer()) {
        const std::string place = file + ": initializer '" + shortened(tensor.name()) + "'";
        checkTensor(tensor, place);
    }
    const std::vector<std::string> supported = supportedOperators();
    for (const onnx::NodeProto& node : proto.graph().node()) {
        const std::string place = placeOf(file, node);
        if ((!node.domain().empty() && node.domain() != "ai.onnx") ||
            !std::binary_search(supported.begin(), supported.end(), node.op_type())) {
            throw Error(place, "the operator is not supported" +
                                   (node.domain().empty()
                                        ? std::string()
                                        : " (domain '" + shortened(node.domain()) + "')"));
        }
        if (node.output_size() == 0 || node.output(0).empty()) {
            throw Error(place, "has no output");
        }
        for (const onnx::AttributeProto& attribute : node.attribute()) {
            if (attribute.has_t()) {
                checkTensor(attribute.t(),
                            place + ": attribute '" + shortened(attribute.name()) + "'");
            }
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
}

/// The onnx library's opinion. Its exceptions become one line; where it names a node, so does that.
void checkWithLibrary(onnx::ModelProto& proto, const std::string& file) {
    try {
        onnx::checker::check_model(proto);
    } catch (const std::exception& problem) {
        throw Error(file, "refused by the ONNX checker: " + shortened(problem.what()));
    }
    try {
        // Without its check of types, which refuses the integer constants of older exporters; plans
        // check them.
        const onnx::ShapeInferenceOptions options(false, 1, false);
        onnx::shape_inference::InferShapes(proto, onnx::OpSchemaRegistry::Instance(), options);
    } catch (const std::exception& problem) {
        throw Error(file, "refused by ONNX shape inference: " + shortened(problem.what()));
    }
}

void readInitializers(const onnx::GraphProto& graph, Network& network) {
    std::set<std::string> read;
    for (const Node& node : network.nodes) {
        read.insert(node.inputs.begin(), node.inputs.end());
    }
    for (const Port& output : network.outputs) {
        read.insert(output.name);
    }
    for (const onnx::TensorProto& tensor : graph.initializer()) {
        const std::string place = network.file + ": initializer '" + shortened(tensor.name()) + "'";
        if (read.count(tensor.name()) == 0) {
            continue;  // nobody computes with it, so nothing is stored of it
        }
        if (isFloat(tensor)) {
            const FloatTensor& values = network.parameters[tensor.name()] = floatsOf(tensor, place);
            refuseNotFinite(values, place);
        } else if (isInteger(tensor)) {
            network.integers[tensor.name()] = integersOf(tensor, place);
        } else {
            throw Error(place, "has the type " + typeName(tensor.data_type()) +
                                   ", expected FLOAT, FLOAT16, BFLOAT16, INT32 or INT64");
        }
    }
}

/// What a file of another kind gives itself away by.
std::string otherKind(const std::string& bytes) {
    if (bytes.compare(0, 8, "\x89HDF\r\n\x1a\n") == 0) {
        return "an HDF5 file";
    }
    if (bytes.compare(0, 4, "PK\x03\x04") == 0) {
        return "a zip archive (a PyTorch checkpoint?)";
    }
    return bytes.empty() ? "an empty file" : "";
}

}  // namespace

Network importOnnxBytes(const std::string& bytes, const std::string& file, bool foldBatchNorm) {
    if (const std::string kind = otherKind(bytes); !kind.empty()) {
        throw Error(file, "is " + kind + ", expected an ONNX model");
    }
    google::protobuf::LogSilencer silence;
    onnx::ModelProto proto;
    if (!proto.ParseFromString(bytes)) {
        throw Error(file, "is not an ONNX model, or is truncated or corrupted");
    }
    checkBefore(proto, file);
    checkWithLibrary(proto, file);

    Network network;
    network.file = file;
    network.fingerprint = fingerprint(bytes);
    network.name = proto.graph().name();
    network.producer = proto.producer_name();
    for (const onnx::OperatorSetIdProto& set : proto.opset_import()) {
        if (set.domain().empty() || set.domain() == "ai.onnx") {
            network.opset = set.version();
        }
    }
    for (const onnx::StringStringEntryProto& entry : proto.metadata_props()) {
        network.metadata[entry.key()] = entry.value();
    }
    const onnx::GraphProto& graph = proto.graph();
    for (const onnx::NodeProto& node : graph.node()) {
        network.nodes.push_back(nodeOf(node, file));
    }
    std::set<std::string> initialized;
    for (const onnx::TensorProto& tensor : graph.initializer()) {
        initialized.insert(tensor.name());
    }
    for (const onnx::ValueInfoProto& input : graph.input()) {
        if (initialized.count(input.name()) == 0) {
            network.inputs.push_back(
                portOf(input, file + ": input '" + shortened(input.name()) + "'"));
        }
    }
    for (const onnx::ValueInfoProto& output : graph.output()) {
        network.outputs.push_back(
            portOf(output, file + ": output '" + shortened(output.name()) + "'"));
    }
    readInitializers(graph, network);
    return foldBatchNorm ? foldBatchNormalization(std::move(network)) : network;
}

Network importOnnx(const std::filesystem::path& path) {
    return importOnnxBytes(readFile(path), path.string());
}

}  // namespace brownout
