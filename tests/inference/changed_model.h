#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <filesystem>
#include <functional>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"

// Helpers of tests that change a good ONNX file and import it.

namespace brownout {

inline std::string bytesOf(const std::string& name) {
    return readFile(std::filesystem::path(BROWNOUT_INFERENCE_DATA) / name);
}

/// groupnorm.onnx after `change`.
inline std::string changed(const std::function<void(onnx::ModelProto&)>& change) {
    onnx::ModelProto network;
    EXPECT_TRUE(network.ParseFromString(bytesOf("groupnorm.onnx")));
    change(network);
    return network.SerializeAsString();
}

inline onnx::TensorProto* initializer(onnx::ModelProto& network, const std::string& name) {
    for (onnx::TensorProto& tensor : *network.mutable_graph()->mutable_initializer()) {
        if (tensor.name() == name) {
            return &tensor;
        }
    }
    return nullptr;
}

inline onnx::NodeProto* firstNode(onnx::ModelProto& network, const std::string& op) {
    for (onnx::NodeProto& node : *network.mutable_graph()->mutable_node()) {
        if (node.op_type() == op) {
            return &node;
        }
    }
    return nullptr;
}

inline void expectRefused(const std::string& bytes, const std::string& problem) {
    try {
        const Network network = importOnnxBytes(bytes, "net.onnx");
        const EncodedNetwork stored(network, numberFormat("fp32"), StoreScope::kParameters);
        FloatEngine engine(stored);
        ADD_FAILURE() << "should have been refused: " << problem;
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("net.onnx: "));
        EXPECT_THAT(error.what(), testing::HasSubstr(problem));
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
    }
}

}  // namespace brownout
