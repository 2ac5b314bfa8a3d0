// Damaged networks: whatever is wrong with one, it loads as something sensible or is refused in one
// line.

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <filesystem>
#include <limits>

#include "base/atomic_file.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"
#include "tests/inference/mutations.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;

void useNetwork(const std::string& bytes) {
    const Network network = importOnnxBytes(bytes, "damaged.onnx");
    FloatEngine engine(network);
    // Sizes that are absurd but consistent may pass; running them would only take long.
    if (engine.activationBytes() < (std::size_t{16} << 20) && engine.outputs() < 10000) {
        const std::vector<float> image(engine.imageElements(), 0.5F);
        std::vector<float> logits(engine.outputs());
        engine.run(image.data(), 1, logits.data());
    }
    const auto integers = makeEngine(network);  // of a quantised network
    if (integers->bytes() < (std::size_t{16} << 20) && integers->outputs() < 10000) {
        const std::vector<float> image(integers->imageElements(), 0.5F);
        std::vector<float> logits(integers->outputs());
        integers->run(image.data(), 1, logits.data());
    }
    const EncodedNetwork quantized(network, numberFormat("rquant8"), StoreScope::kParameters);
    EXPECT_GT(quantized.codeCount(), 0U);
}

std::string networkBytes(const std::string& name) {
    return readFile(fs::path(BROWNOUT_INFERENCE_DATA) / name);
}

TEST(Mutations, DamagedBytesOfNetworksAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(11);
    for (const char* name : {"groupnorm.onnx", "mobile.onnx", "attention.onnx", "quantized.onnx",
                             "binarised.onnx"}) {
        const std::string bytes = networkBytes(name);
        for (int i = 0; i < 200; ++i) {
            SCOPED_TRACE(std::string(name) + " " + std::to_string(i));
            const std::string mutated = damaged(bytes, random);
            attempt(tally, "damaged.onnx", [&] { useNetwork(mutated); });
        }
    }
    report("bytes of ONNX files", tally, 1000);
}

/// Numbers that break programs.
std::int64_t nastyNumber(Random& random) {
    const std::vector<std::int64_t> numbers = {0,
                                               -1,
                                               1,
                                               2,
                                               -2,
                                               7,
                                               1000,
                                               65536,
                                               1 << 20,
                                               std::int64_t{1} << 31,
                                               std::int64_t{1} << 40,
                                               std::numeric_limits<std::int64_t>::max(),
                                               std::numeric_limits<std::int64_t>::min(),
                                               -1000000007};
    return numbers[below(random, numbers.size())];
}

template <typename Repeated>
auto& anyOf(Repeated* repeated, Random& random) {
    return *repeated->Mutable(static_cast<int>(below(random, repeated->size())));
}

void mutateTensor(onnx::TensorProto& tensor, Random& random) {
    const float notFinite[] = {std::numeric_limits<float>::quiet_NaN(),
                               std::numeric_limits<float>::infinity()};
    switch (below(random, 7)) {
        case 0:
            if (tensor.dims_size() > 0) {
                tensor.set_dims(static_cast<int>(below(random, tensor.dims_size())),
                                nastyNumber(random));
            }
            break;
        case 1:
            tensor.add_dims(nastyNumber(random));
            break;
        case 2:
            tensor.set_data_type(static_cast<int>(below(random, 20)));
            break;
        case 3:
            if (tensor.raw_data().size() >= sizeof(float)) {
                tensor.mutable_raw_data()->replace(
                    0, sizeof(float),
                    std::string(reinterpret_cast<const char*>(&notFinite[below(random, 2)]),
                                sizeof(float)));
            }
            break;
        case 4:
            tensor.mutable_raw_data()->resize(below(random, tensor.raw_data().size() + 8));
            break;
        case 5:
            tensor.set_data_location(onnx::TensorProto::EXTERNAL);
            break;
        default:
            tensor.clear_dims();
            break;
    }
}

void mutateAttribute(onnx::AttributeProto& attribute, Random& random) {
    switch (below(random, 5)) {
        case 0:
            attribute.set_i(nastyNumber(random));
            if (attribute.ints_size() > 0) {
                attribute.set_ints(static_cast<int>(below(random, attribute.ints_size())),
                                   nastyNumber(random));
            }
            break;
        case 1:
            attribute.add_ints(nastyNumber(random));
            break;
        case 2:
            attribute.set_type(static_cast<onnx::AttributeProto::AttributeType>(below(random, 12)));
            break;
        case 3:
            attribute.set_name("nonsense");
            break;
        default:
            if (attribute.has_t()) {
                mutateTensor(*attribute.mutable_t(), random);
            } else {
                attribute.clear_ints();
                attribute.set_f(std::numeric_limits<float>::quiet_NaN());
            }
            break;
    }
}

void mutateNode(onnx::GraphProto& graph, Random& random) {
    onnx::NodeProto& node = anyOf(graph.mutable_node(), random);
    const std::vector<std::string> operators = {
        "Conv",    "Gemm",    "MatMul",    "Reshape", "Concat", "Slice", "Pad",     "Gather",
        "MaxPool", "Softmax", "Transpose", "Split",   "Expand", "If",    "NoSuchOp"};
    switch (below(random, 9)) {
        case 0:
            node.set_op_type(operators[below(random, operators.size())]);
            break;
        case 1:
            node.mutable_output()->Clear();
            break;
        case 2:  // a cycle, or a value used before it is made
            if (node.input_size() > 0) {
                const onnx::NodeProto& other = anyOf(graph.mutable_node(), random);
                if (other.output_size() > 0) {
                    node.set_input(0, other.output(0));
                }
            }
            break;
        case 3:
            if (node.input_size() > 0) {
                node.set_input(static_cast<int>(below(random, node.input_size())), "nowhere");
            }
            break;
        case 4:
            if (node.input_size() > 0) {
                node.mutable_input()->RemoveLast();
            }
            break;
        case 5:
            node.add_input(graph.initializer(0).name());
            break;
        case 6:
            node.add_output("another");
            break;
        case 7:  // any other value of the graph in its place
            if (node.input_size() > 0) {
                node.set_input(static_cast<int>(below(random, node.input_size())),
                               anyOf(graph.mutable_initializer(), random).name());
            }
            break;
        default:
            if (node.attribute_size() > 0) {
                mutateAttribute(anyOf(node.mutable_attribute(), random), random);
            }
            break;
    }
}

void mutateModel(onnx::ModelProto& model, Random& random) {
    onnx::GraphProto& graph = *model.mutable_graph();
    switch (below(random, 12)) {
        case 0:
            graph.mutable_initializer()->DeleteSubrange(
                static_cast<int>(below(random, graph.initializer_size())), 1);
            break;
        case 1:
            graph.mutable_node()->DeleteSubrange(static_cast<int>(below(random, graph.node_size())),
                                                 1);
            break;
        case 2:
            graph.mutable_node()->SwapElements(static_cast<int>(below(random, graph.node_size())),
                                               static_cast<int>(below(random, graph.node_size())));
            break;
        case 3: {
            auto* shape =
                graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
            anyOf(shape->mutable_dim(), random).set_dim_value(nastyNumber(random));
            break;
        }
        case 4:
            model.mutable_opset_import(0)->set_version(nastyNumber(random));
            break;
        case 5:
            model.set_ir_version(nastyNumber(random));
            break;
        case 6:
            graph.mutable_output(0)->set_name("nowhere");
            break;
        case 7:
        case 8:
            mutateTensor(anyOf(graph.mutable_initializer(), random), random);
            break;
        default:
            mutateNode(graph, random);
            break;
    }
}

TEST(Mutations, NonsenseInTheFieldsOfNetworksIsRefusedOrLoads) {
    Tally tally;
    Random random = seeded(12);
    for (const char* name : {"groupnorm.onnx", "mobile.onnx", "attention.onnx", "quantized.onnx",
                             "binarised.onnx"}) {
        const std::string bytes = networkBytes(name);
        for (int i = 0; i < 300; ++i) {
            onnx::ModelProto model;
            ASSERT_TRUE(model.ParseFromString(bytes));
            for (std::size_t k = 0; k <= below(random, 2); ++k) {
                mutateModel(model, random);
            }
            SCOPED_TRACE(std::string(name) + " " + std::to_string(i));
            attempt(tally, "damaged.onnx", [&] { useNetwork(model.SerializeAsString()); });
        }
    }
    report("fields of ONNX models", tally, 1500);
}

}  // namespace
}  // namespace brownout::test
