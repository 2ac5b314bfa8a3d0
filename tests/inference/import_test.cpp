#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <functional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "inference/executor.h"
#include "inference/plan.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

std::string bytesOf(const std::string& name) {
    return readFile(fs::path(BROWNOUT_INFERENCE_DATA) / name);
}

/// groupnorm.onnx after `change`.
std::string changed(const std::function<void(onnx::ModelProto&)>& change) {
    onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(bytesOf("groupnorm.onnx")));
    change(model);
    return model.SerializeAsString();
}

onnx::TensorProto* initializer(onnx::ModelProto& model, const std::string& name) {
    for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
        if (tensor.name() == name) {
            return &tensor;
        }
    }
    return nullptr;
}

onnx::NodeProto* firstNode(onnx::ModelProto& model, const std::string& op) {
    for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
        if (node.op_type() == op) {
            return &node;
        }
    }
    return nullptr;
}

void expectRefused(const std::string& bytes, const std::string& problem) {
    try {
        const Model model = importOnnxBytes(bytes, "net.onnx");
        Executor executor(model);
        ADD_FAILURE() << "should have been refused: " << problem;
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("net.onnx: "));
        EXPECT_THAT(error.what(), testing::HasSubstr(problem));
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
    }
}

TEST(Import, ReadsWhatTheFileSaysAboutItself) {
    const Model model = importOnnxBytes(changed([](onnx::ModelProto& proto) {
                                            auto* entry = proto.add_metadata_props();
                                            entry->set_key("brownout.bits");
                                            entry->set_value("8");
                                        }),
                                        "net.onnx");
    EXPECT_EQ(model.opset, 13);
    EXPECT_EQ(model.producer, "pytorch");
    EXPECT_EQ(model.metadata.at("brownout.bits"), "8");
    ASSERT_EQ(model.inputs.size(), 1U);
    EXPECT_EQ(model.inputs[0].name, "images");
    EXPECT_EQ(model.inputs[0].shape, (Shape{-1, 1, 12, 12}));
    EXPECT_EQ(model.outputs.at(0).name, "logits");
    EXPECT_EQ(model.parameters.at("linear.weight").shape, (Shape{10, 108}));
    EXPECT_EQ(model.fingerprint.size(), 40U);
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

TEST(Import, NewerVersionsAreTold) {
    expectRefused(changed([](onnx::ModelProto& m) { m.set_ir_version(99); }),
                  "has the ONNX format version 99, newer than");
    expectRefused(changed([](onnx::ModelProto& m) { m.mutable_opset_import(0)->set_version(18); }),
                  "uses opset 18, supported are 1 to 17");
}

TEST(Import, NamesNodeAndOperatorOfWhatIsNotSupported) {
    expectRefused(changed([](onnx::ModelProto& m) {
                      firstNode(m, "Relu")->set_op_type("Mish");
                      firstNode(m, "Mish")->set_name("activation");
                  }),
                  "node 'activation' (Mish): the operator is not supported");
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
                  "initializer 'conv2.weight': value 5 is not a number");
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

TEST(Import, FixedBatchesAreRefusedWithAnAdvice) {
    expectRefused(changed([](onnx::ModelProto& m) {
                      m.mutable_graph()
                          ->mutable_input(0)
                          ->mutable_type()
                          ->mutable_tensor_type()
                          ->mutable_shape()
                          ->mutable_dim(0)
                          ->set_dim_value(4);
                  }),
                  "fixed batch size 4; export it with a free batch size or 1");
}

/// The network with its "linear.bias" as 16-bit numbers.
FloatTensor biasFrom(onnx::TensorProto::DataType type, const std::vector<std::uint16_t>& bits,
                     bool raw) {
    const Model model = importOnnxBytes(changed([&](onnx::ModelProto& proto) {
                                            onnx::TensorProto* tensor =
                                                initializer(proto, "linear.bias");
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
    return model.parameters.at("linear.bias");
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

}  // namespace
}  // namespace brownout
