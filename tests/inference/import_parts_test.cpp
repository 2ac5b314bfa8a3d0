// Are networks put together from the functions of their file, and from files beside it?

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <fstream>

#include "base/temporary_files.h"
#include "inference/onnx/onnx_tensor.h"
#include "tests/inference/changed_model.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

TEST(Import, FunctionsOfTheFileAreTakenApart) {
    // y = LeakyRelu(x, slope of the call) + x, called twice, once through another function.
    const auto made = [](bool circle) {
        onnx::ModelProto proto;
        EXPECT_TRUE(proto.ParseFromString(bytesOf("groupnorm.onnx")));
        proto.set_ir_version(8);
        auto* inner = proto.add_functions();
        inner->set_domain("com.example");
        inner->set_name("Inner");
        inner->add_input("x");
        inner->add_output("y");
        inner->add_attribute("slope");
        onnx::NodeProto* leaky = inner->add_node();
        leaky->set_op_type(circle ? "Outer" : "LeakyRelu");
        leaky->set_domain(circle ? "com.example" : "");
        leaky->add_input("x");
        leaky->add_output("bent");
        onnx::AttributeProto* alpha = leaky->add_attribute();
        alpha->set_name("alpha");
        alpha->set_type(onnx::AttributeProto::FLOAT);
        alpha->set_ref_attr_name("slope");
        onnx::NodeProto* sum = inner->add_node();
        sum->set_op_type("Add");
        sum->add_input("bent");
        sum->add_input("x");
        sum->add_output("y");
        auto* outer = proto.add_functions();
        outer->set_domain("com.example");
        outer->set_name("Outer");
        outer->add_input("x");
        outer->add_output("bent");
        onnx::NodeProto* call = outer->add_node();
        call->set_op_type("Inner");
        call->set_domain("com.example");
        call->add_input("x");
        call->add_output("bent");
        onnx::AttributeProto* slope = call->add_attribute();
        slope->set_name("slope");
        slope->set_type(onnx::AttributeProto::FLOAT);
        slope->set_f(0.25F);

        onnx::GraphProto graph;
        graph.set_name("graph");
        *graph.add_input() = proto.graph().input(0);
        *graph.add_output() = proto.graph().output(0);
        graph.mutable_output(0)->clear_type();
        for (const char* name : {"Outer", "Outer"}) {
            onnx::NodeProto* node = graph.add_node();
            node->set_op_type(name);
            node->set_domain("com.example");
            node->add_input(graph.node_size() == 1 ? graph.input(0).name() : "middle");
            node->add_output(graph.node_size() == 1 ? "middle" : graph.output(0).name());
        }
        *proto.mutable_graph() = graph;
        return proto.SerializeAsString();
    };
    const Network network = importOnnxBytes(made(false), "net.onnx");
    EXPECT_EQ(network.nodes.size(), 4U);
    FloatEngine engine(network, std::vector<Shape>{{1, 1, 1, 2}});
    const auto outputs = engine.runOnce({FloatTensor{{1, 1, 1, 2}, {3, -4}}});
    // 3 doubles twice; -4 becomes -5 and then -6.25.
    EXPECT_THAT(outputs[0].values, testing::ElementsAre(12, -6.25F));
    expectRefused(made(true), "has functions that call themselves");
}

TEST(Import, TensorsMayBeInFilesOfTheSameFolder) {
    TemporaryFolder folder;
    const auto network = [&](const std::string& location, const std::string& offset,
                             const std::string& length) {
        std::string raw;
        const std::string bytes = changed([&](onnx::ModelProto& m) {
            onnx::TensorProto* tensor = initializer(m, "linear.bias");
            raw = tensor->raw_data();
            tensor->clear_raw_data();
            tensor->set_data_location(onnx::TensorProto::EXTERNAL);
            for (const auto& [key, value] : std::map<std::string, std::string>{
                     {"location", location}, {"offset", offset}, {"length", length}}) {
                auto* entry = tensor->add_external_data();
                entry->set_key(key);
                entry->set_value(value);
            }
        });
        std::ofstream(folder / "net.onnx", std::ios::binary) << bytes;
        return raw;
    };
    const auto refusal = [&]() -> std::string {
        try {
            importOnnx(folder / "net.onnx");
            return "";
        } catch (const Error& error) {
            return error.what();
        }
    };
    const std::string raw = network("weights.data", "8", "40");
    EXPECT_THAT(refusal(), testing::HasSubstr("weights.data, which is missing"));
    std::ofstream(folder / "weights.data", std::ios::binary) << "12345678" << raw;
    const Network read = importOnnx(folder / "net.onnx");
    EXPECT_EQ(read.parameters.at("linear.bias").values,
              importOnnxBytes(bytesOf("groupnorm.onnx"), "n").parameters.at("linear.bias").values);
    // Other numbers in that file are another network.
    std::ofstream(folder / "weights.data", std::ios::binary)
        << "12345678" << raw.substr(4) << "abcd";
    EXPECT_NE(importOnnx(folder / "net.onnx").fingerprint, read.fingerprint);

    network("weights.data", "9", "40");
    EXPECT_THAT(refusal(), testing::HasSubstr("40 bytes at 9"));
    network("weights.data", "8", "36");
    EXPECT_THAT(refusal(), testing::HasSubstr("36 bytes of external data, its shape asks for 40"));
    network("weights.data", "-1", "40");
    EXPECT_THAT(refusal(), testing::HasSubstr("the offset '-1', expected a number"));
    for (const char* outside : {"/etc/passwd", "../weights.data", "a/../../weights.data", ""}) {
        network(outside, "0", "40");
        EXPECT_THAT(refusal(), testing::HasSubstr("expected a file in the folder of the network"));
    }
    fs::create_symlink("/etc/passwd", folder / "link");
    network("link", "0", "40");
    EXPECT_THAT(refusal(), testing::HasSubstr("leads out of the folder"));
}

}  // namespace
}  // namespace brownout
