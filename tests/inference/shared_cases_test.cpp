// Small networks and data sets that version 0.1.0 refused or took wrongly, from the folder that
// checkouts share; each test is skipped where that isn't there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inference/data/layout.h"
#include "inference/engines/float_engine.h"
#include "inference/formats/storage.h"
#include "inference/onnx/onnx_import.h"
#include "tests/inference/data_folder.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;

class SharedNetworks : public testing::Test {
 protected:
    void SetUp() override {
        if (!fs::is_directory(cases())) {
            GTEST_SKIP() << cases().string() << " isn't here; set BROWNOUT_SHARED to its parent";
        }
    }

    static fs::path cases() { return sharedFolder() / "cases"; }

    /// Returns the outputs for a data set of the cases, one image after the other.
    static std::vector<float> outputs(const std::string& network, const std::string& data) {
        Network graph = importOnnx(cases() / network);
        const FittedDataset fitted = fitTo(graph, openDataset((cases() / data).string()));
        graph = withImageShape(std::move(graph), fitted.data.shape());
        FloatEngine engine(graph);
        std::vector<float> images(fitted.data.size() * engine.imageElements());
        fitted.data.read(0, fitted.data.size(), images.data());
        std::vector<float> results(fitted.data.size() * engine.outputs());
        engine.run(images.data(), fitted.data.size(), results.data());
        return results;
    }

    static std::size_t codesOf(const std::string& network) {
        const Network graph = importOnnx(cases() / network);
        const StorageSettings storage = storageOf(graph);
        return EncodedNetwork(graph, storage.format, storage.store).codeCount();
    }
};

TEST_F(SharedNetworks, TheSameNetworkInEveryFormGivesTheSame) {
    const std::vector<float> plain = outputs("ir9_opset13_cnn.onnx", "labels_float.h5");
    for (const char* form : {"external_data.onnx", "weights_in_constant_nodes.onnx",
                             "half_weights_in_constant_nodes.onnx", "nodes_not_sorted.onnx"}) {
        EXPECT_EQ(outputs(form, "labels_float.h5"), plain) << form;
    }
    for (const char* version : {"ir10_opset13_cnn.onnx", "ir8_opset18_cnn.onnx"}) {
        EXPECT_EQ(outputs(version, "labels_float.h5").size(), plain.size()) << version;
    }
}

TEST_F(SharedNetworks, EveryKernelIsStored) {
    for (const char* whole :
         {"ir9_opset13_cnn.onnx", "ir10_opset13_cnn.onnx", "ir8_opset18_cnn.onnx",
          "external_data.onnx", "weights_in_constant_nodes.onnx",
          "half_weights_in_constant_nodes.onnx", "nodes_not_sorted.onnx"}) {
        EXPECT_EQ(codesOf(whole), 7876U) << whole;
    }
    EXPECT_EQ(codesOf("kernel_times_scale.onnx"), 792U);
    EXPECT_EQ(codesOf("kernel_clipped.onnx"), 792U);
}

TEST_F(SharedNetworks, Int8CodesAreTheFilesOwn) {
    const Network graph = importOnnx(cases() / "int8_weights_dequantized.onnx");
    const StorageSettings storage = storageOf(graph);
    EXPECT_EQ(storage.format->name(), "file");
    const EncodedNetwork stored(graph, storage.format, storage.store);
    ASSERT_EQ(stored.storedTensors().size(), 1U);
    const StoredTensor& tensor = stored.storedTensors()[0];
    const FileCodes& file = graph.fileCodes.at(tensor.name);
    EXPECT_EQ(tensor.bits, 8U);
    for (std::size_t i = 0; i < tensor.codes.size(); ++i) {
        ASSERT_EQ(tensor.codes[i], static_cast<Code>(file.codes[i] & 0xff)) << i;
        ASSERT_EQ(tensor.format->decode(tensor.codes[i], i),
                  graph.parameters.at(tensor.name).values[i]);
    }
}

TEST_F(SharedNetworks, ImagesComeInTheLayoutOfTheNetwork) {
    for (const char* network : {"input_N_28_28.onnx", "nhwc_N_28_28_1.onnx", "clip_inf_max.onnx"}) {
        const std::vector<float> expected = outputs(network, "labels_float.h5");
        EXPECT_EQ(expected.size(), 80U);
        EXPECT_EQ(outputs(network, "images_flat_N_784.h5").size(), 80U) << network;
    }
    for (const float value : outputs("clip_inf_max.onnx", "labels_float.h5")) EXPECT_GE(value, 0);
}

TEST_F(SharedNetworks, FreeSizesAreThoseOfTheImages) {
    const Network graph = importOnnx(cases() / "free_height_width.onnx");
    for (const Shape& image : {Shape{3, 8, 8}, Shape{3, 17, 9}}) {
        FloatEngine engine(withImageShape(graph, image));
        EXPECT_EQ(engine.imageElements(), elementCount(image));
        // The mean over the plane of a constant picture doesn't depend on its size inside.
        std::vector<float> result(engine.outputs());
        engine.run(std::vector<float>(elementCount(image), 0.5F).data(), 1, result.data());
        for (const float value : result) EXPECT_TRUE(std::isfinite(value));
    }
}

TEST_F(SharedNetworks, OperatorsOfOldAndBinaryNetworksRun) {
    for (const char* network : {"lrn.onnx", "binary_activation_sign.onnx", "argmax_output.onnx"}) {
        FloatEngine engine(importOnnx(cases() / network));
        const std::vector<float> image(engine.imageElements(), 0.25F);
        std::vector<float> result(engine.outputs());
        engine.run(image.data(), 1, result.data());
        EXPECT_GT(engine.outputs(), 1U) << network;  // also the scores that an ArgMax chose from
        for (const float value : result) EXPECT_TRUE(std::isfinite(value)) << network;
    }
    EXPECT_TRUE(importOnnx(cases() / "uint8_input.onnx").inputs.at(0).bytes);
}

TEST_F(SharedNetworks, DataSetsOfEveryFormAreRead) {
    for (const char* data : {"labels_float.h5", "labels_one_hot.h5", "images_lzf.h5",
                             "images_flat_N_784.h5", "images_virtual.h5"}) {
        const Dataset set = openDataset((cases() / data).string());
        EXPECT_GT(set.size(), 0U) << data;
        EXPECT_EQ(set.imageElements(), 784U) << data;
        for (std::size_t i = 0; i < set.size(); ++i) EXPECT_LT(set.label(i), 10) << data;
    }
}

}  // namespace
}  // namespace brownout::test
