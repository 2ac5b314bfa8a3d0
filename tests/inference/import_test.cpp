#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <limits>
#include <random>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/temporary_files.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"
#include "inference/onnx/onnx_tensor.h"
#include "inference/plan/plan.h"
#include "tests/inference/changed_model.h"

namespace brownout {
namespace {

TEST(Import, ReadsWhatTheFileSaysAboutItself) {
    const Network network = importOnnxBytes(changed([](onnx::ModelProto& proto) {
                                                auto* entry = proto.add_metadata_props();
                                                entry->set_key("brownout.bits");
                                                entry->set_value("8");
                                            }),
                                            "net.onnx");
    EXPECT_EQ(network.opset, 13);
    EXPECT_EQ(network.producer, "pytorch");
    EXPECT_EQ(network.metadata.at("brownout.bits"), "8");
    ASSERT_EQ(network.inputs.size(), 1U);
    EXPECT_EQ(network.inputs[0].name, "images");
    EXPECT_EQ(network.inputs[0].shape, (Shape{-1, 1, 12, 12}));
    EXPECT_EQ(network.outputs.at(0).name, "logits");
    EXPECT_EQ(network.parameters.at("linear.weight").shape, (Shape{10, 108}));
    EXPECT_EQ(network.fingerprint.size(), 40U);
}

TEST(Import, MissingFilesAndFoldersAreNamed) {
    try {
        importOnnx("/nowhere/net.onnx");
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("/nowhere/net.onnx: "));
    }
    EXPECT_THROW(importOnnx("/"), Error);
}

TEST(Import, OtherKindsOfFilesAreTold) {
    expectRefused("", "an empty file");
    expectRefused("\x89HDF\r\n\x1a\n....", "an HDF5 file");
    expectRefused(std::string("PK\x03\x04", 4) + "data.pkl", "a zip archive");
    expectRefused("This is a text.", "is not an ONNX model");
    const std::string bytes = bytesOf("groupnorm.onnx");
    expectRefused(bytes.substr(0, bytes.size() / 2), "truncated or corrupted");
}

TEST(Import, VersionsAreNoReasonToRefuse) {
    const auto logitsOf = [](const std::string& bytes) {
        FloatEngine engine(importOnnxBytes(bytes, "net.onnx"));
        const std::vector<float> image(engine.imageElements(), 0.25F);
        std::vector<float> logits(engine.outputs());
        engine.run(image.data(), 1, logits.data());
        return logits;
    };
    const std::vector<float> expected = logitsOf(bytesOf("groupnorm.onnx"));
    for (const int version : {8, 9, 13, 99}) {
        EXPECT_EQ(logitsOf(changed([=](onnx::ModelProto& m) { m.set_ir_version(version); })),
                  expected);
    }
    EXPECT_EQ(
        logitsOf(changed([](onnx::ModelProto& m) { m.mutable_opset_import(0)->set_version(17); })),
        expected);
    expectRefused(changed([](onnx::ModelProto& m) { m.mutable_opset_import(0)->set_version(0); }),
                  "uses opset 0, expected 1 or newer");
}

TEST(Import, NamesNodeAndOperatorOfWhatIsNotSupported) {
    expectRefused(changed([](onnx::ModelProto& m) {
                      firstNode(m, "Relu")->set_op_type("Loop");
                      firstNode(m, "Loop")->set_name("activation");
                  }),
                  "node 'activation' (Loop): the operator is not supported");
    expectRefused(
        changed([](onnx::ModelProto& m) { firstNode(m, "Relu")->set_domain("com.example"); }),
        "(Relu): the operator is not supported (domain 'com.example')");
    expectRefused(changed([](onnx::ModelProto& m) {
                      onnx::NodeProto* pool = firstNode(m, "MaxPool");
                      for (onnx::AttributeProto& attribute : *pool->mutable_attribute()) {
                          if (attribute.name() == "strides") {
                              attribute.set_ints(0, 0);
                          }
                      }
                  }),
                  "(MaxPool): attribute 'strides' has the value 0");
}

TEST(Import, NamesTheInitializerThatIsWrong) {
    expectRefused(changed([](onnx::ModelProto& m) {
                      const float nan = NAN;
                      initializer(m, "conv2.weight")
                          ->mutable_raw_data()
                          ->replace(20, 4, reinterpret_cast<const char*>(&nan), 4);
                  }),
                  "parameter 'conv2.weight': value 5 is not a number");
    expectRefused(changed([](onnx::ModelProto& m) {
                      onnx::TensorProto* tensor = initializer(m, "conv2.weight");
                      tensor->clear_raw_data();
                      tensor->set_data_location(onnx::TensorProto::EXTERNAL);
                  }),
                  "initializer 'conv2.weight': its data is in another file");
    expectRefused(changed([](onnx::ModelProto& m) {
                      initializer(m, "linear.bias")->set_dims(0, std::int64_t{1} << 50);
                  }),
                  "initializer 'linear.bias': the shape");
    expectRefused(
        changed([](onnx::ModelProto& m) { initializer(m, "linear.bias")->set_dims(0, 9); }),
        "initializer 'linear.bias': has data for 10 values, its shape asks for 9");
    expectRefused(changed([](onnx::ModelProto& m) {
                      initializer(m, "linear.bias")->set_data_type(onnx::TensorProto::INT8);
                      initializer(m, "linear.bias")->mutable_raw_data()->resize(10);
                  }),
                  "linear.bias");
}

TEST(Import, AFirstAxisThatTheOutputDoesNotKeepIsNoBatch) {
    const auto sized = [](std::int64_t batch, std::int64_t results) {
        return changed([=](onnx::ModelProto& m) {
            for (auto* port :
                 {m.mutable_graph()->mutable_input(0), m.mutable_graph()->mutable_output(0)}) {
                port->mutable_type()
                    ->mutable_tensor_type()
                    ->mutable_shape()
                    ->mutable_dim(0)
                    ->set_dim_value(port == m.mutable_graph()->mutable_input(0) ? batch : results);
            }
        });
    };
    FloatEngine engine(importOnnxBytes(sized(4, 4), "net.onnx"));
    EXPECT_EQ(engine.outputs(), 10U);
    expectRefused(sized(4, 1), "has 4 along its first axis and the output 1");
}

TEST(Import, CodesOfFourBitsShareBytesLowerHalfFirst) {
    for (const bool raw : {false, true}) {
        for (const int type : {21, 22}) {  // UINT4, INT4
            onnx::TensorProto tensor;
            tensor.set_data_type(type);
            tensor.add_dims(3);
            if (raw) {
                tensor.set_raw_data("\x8f\x07");
            } else {
                tensor.add_int32_data(0x8f);
                tensor.add_int32_data(0x07);
            }
            ExternalData none(std::nullopt);
            const TensorContent content = contentOf(tensor, "tensor", none);
            const auto& codes = std::get<IntTensor>(content);
            EXPECT_EQ(codes.bits, 4U);
            EXPECT_EQ(codes.values, type == 21 ? (std::vector<std::int64_t>{15, 8, 7})
                                               : (std::vector<std::int64_t>{-1, -8, 7}));
        }
    }
}

TEST(Import, NodesMayBeInAnyOrderButNotInACircle) {
    const std::string reversed = changed([](onnx::ModelProto& m) {
        auto* nodes = m.mutable_graph()->mutable_node();
        std::reverse(nodes->begin(), nodes->end());
    });
    const auto ops = [](const Network& network) {
        std::vector<std::string> names;
        for (const Node& node : network.nodes) names.push_back(node.op);
        std::sort(names.begin(), names.end());
        return names;
    };
    EXPECT_EQ(ops(importOnnxBytes(reversed, "net.onnx")),
              ops(importOnnxBytes(bytesOf("groupnorm.onnx"), "net.onnx")));
    expectRefused(changed([](onnx::ModelProto& m) {
                      onnx::NodeProto* relu = firstNode(m, "Relu");
                      relu->set_input(0, relu->output(0));
                  }),
                  "depends on its own result");
    expectRefused(changed([](onnx::ModelProto& m) { firstNode(m, "Relu")->set_input(0, "no"); }),
                  "reads the value 'no', which nothing makes");
}

/// The network with its "linear.bias" as 16-bit numbers.
FloatTensor biasFrom(onnx::TensorProto::DataType type, const std::vector<std::uint16_t>& bits,
                     bool raw) {
    const Network network =
        importOnnxBytes(changed([&](onnx::ModelProto& proto) {
                            onnx::TensorProto* tensor = initializer(proto, "linear.bias");
                            tensor->set_data_type(type);
                            tensor->clear_raw_data();
                            if (raw) {
                                tensor->set_raw_data(bits.data(), bits.size() * 2);
                            } else {
                                for (std::uint16_t value : bits) {
                                    tensor->add_int32_data(value);
                                }
                            }
                        }),
                        "net.onnx");
    return network.parameters.at("linear.bias");
}

TEST(Import, HalfAndBfloatParametersBecomeFloat) {
    for (bool raw : {false, true}) {
        const FloatTensor half = biasFrom(
            onnx::TensorProto::FLOAT16,
            {0x3c00, 0xc000, 0x0001, 0x8001, 0x03ff, 0x0400, 0x7bff, 0x0000, 0x3555, 0xb800}, raw);
        EXPECT_THAT(half.values,
                    testing::ElementsAre(1.0F, -2.0F, std::ldexp(1.0F, -24), -std::ldexp(1.0F, -24),
                                         std::ldexp(1023.0F, -24), std::ldexp(1.0F, -14), 65504.0F,
                                         0.0F, 0.333251953125F, -0.5F));
        const FloatTensor bfloat = biasFrom(
            onnx::TensorProto::BFLOAT16,
            {0x3f80, 0xc000, 0x0000, 0x4049, 0xbf00, 0x3e80, 0x4000, 0x3f00, 0x4120, 0x3f80}, raw);
        EXPECT_THAT(bfloat.values, testing::ElementsAre(1.0F, -2.0F, 0.0F, 3.140625F, -0.5F, 0.25F,
                                                        2.0F, 0.5F, 10.0F, 1.0F));
    }
}

TEST(Import, ClaimsTheOperatorsThatClassifiersExport) {
    EXPECT_THAT(supportedOperators(), testing::IsSupersetOf({"Conv",
                                                             "Gemm",
                                                             "MatMul",
                                                             "BatchNormalization",
                                                             "InstanceNormalization",
                                                             "Relu",
                                                             "Clip",
                                                             "LeakyRelu",
                                                             "Sigmoid",
                                                             "HardSwish",
                                                             "Softmax",
                                                             "MaxPool",
                                                             "AveragePool",
                                                             "GlobalAveragePool",
                                                             "GlobalMaxPool",
                                                             "Add",
                                                             "Mul",
                                                             "Concat",
                                                             "Flatten",
                                                             "Reshape",
                                                             "Transpose",
                                                             "Pad",
                                                             "Identity",
                                                             "Dropout",
                                                             "Constant",
                                                             "Squeeze",
                                                             "Unsqueeze",
                                                             "ReduceMean"}));
}

/// A network of `length` nodes, each reading the one before.
std::string chain(std::size_t length) {
    onnx::ModelProto network;
    network.set_ir_version(7);
    network.add_opset_import()->set_version(13);
    onnx::GraphProto& graph = *network.mutable_graph();
    graph.set_name("chain");
    const auto port = [](onnx::ValueInfoProto& value, const std::string& name) {
        value.set_name(name);
        auto& type = *value.mutable_type()->mutable_tensor_type();
        type.set_elem_type(onnx::TensorProto::FLOAT);
        type.mutable_shape()->add_dim()->set_dim_value(1);
        type.mutable_shape()->add_dim()->set_dim_value(4);
    };
    port(*graph.add_input(), "v0");
    port(*graph.add_output(), "v" + std::to_string(length));
    for (std::size_t n = 0; n < length; ++n) {
        onnx::NodeProto& node = *graph.add_node();
        node.set_op_type(n % 2 == 0 ? "Sigmoid" : "Neg");
        node.add_input("v" + std::to_string(n));
        node.add_output("v" + std::to_string(n + 1));
    }
    return network.SerializeAsString();
}

/// Returns the processor time in seconds that planning a chain takes, the shortest of some tries:
/// wall time would depend on what else runs.
double secondsToPlan(std::size_t length, int tries) {
    const Network network = importOnnxBytes(chain(length), "net.onnx");
    double shortest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < tries; ++i) {
        const std::clock_t start = std::clock();
        const Plan plan = makePlan(network, {{1, 4}}, kernels::kScalar);
        const std::clock_t passed = std::clock() - start;
        shortest = std::min(shortest, static_cast<double>(passed) / CLOCKS_PER_SEC);
        EXPECT_EQ(plan.steps.size(), length);
        EXPECT_LE(plan.activationElements, 8U);  // a buffer is free once its one reader has run
    }
    return shortest;
}

TEST(Import, AsManyNodesAsAreAllowedTakeTimeInProportion) {
    // Eight times the nodes take about nine times as long; a quadratic plan took 64 times.
    EXPECT_LT(secondsToPlan(kMaxNodes, 2), 30 * secondsToPlan(kMaxNodes / 8, 5));
    expectRefused(chain(kMaxNodes + 1), "has 100001 nodes, more than the 100000 allowed");
}

}  // namespace
}  // namespace brownout
