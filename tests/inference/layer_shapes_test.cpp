// Are the shapes that memories see those of the network, layer by layer?

#include "inference/layer_shapes.h"

#include <gtest/gtest.h>

#include "inference/inspect.h"
#include "inference/onnx/onnx_import.h"

namespace brownout {
namespace {

Node nodeOf(const std::string& op, std::vector<std::string> inputs, const std::string& output,
            std::map<std::string, AttributeValue> attributes = {}) {
    Node node;
    node.name = output;
    node.op = op;
    node.inputs = std::move(inputs);
    node.outputs = {output};
    node.attributes = std::move(attributes);
    return node;
}

FloatTensor tensorOf(const Shape& shape) {
    return {shape, std::vector<float>(elementCount(shape), 0.5F)};
}

/// A grouped convolution with a stride, a Relu, a product of the result with itself, and a matrix.
Network mixedNetwork() {
    using Ints = std::vector<std::int64_t>;
    Network network;
    network.file = "mixed.onnx";
    network.opset = 13;
    network.inputs = {{"image", {1, 4, 9, 9}}};
    network.outputs = {{"logits", {}}};
    network.parameters["w"] = tensorOf({6, 2, 3, 3});
    network.parameters["b"] = tensorOf({6});
    network.parameters["m"] = tensorOf({150, 10});
    network.integers["rows"] = {{3}, {1, 6, 25}};
    network.integers["flat"] = {{2}, {1, 150}};
    network.nodes = {
        nodeOf("Conv", {"image", "w", "b"}, "conv",
               {{"group", std::int64_t{2}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}}),
        nodeOf("Relu", {"conv"}, "relu"),
        nodeOf("Reshape", {"relu", "rows"}, "matrix"),
        nodeOf("Transpose", {"matrix"}, "turned", {{"perm", Ints{0, 2, 1}}}),
        nodeOf("MatMul", {"matrix", "turned"}, "gram"),
        nodeOf("Softmax", {"gram"}, "soft", {{"axis", std::int64_t{-1}}}),
        nodeOf("MatMul", {"soft", "matrix"}, "mixed"),
        nodeOf("Reshape", {"mixed", "flat"}, "row"),
        nodeOf("MatMul", {"row", "m"}, "logits"),
    };
    return network;
}

TEST(LayerShapes, AreThoseOfTheOperators) {
    const Network network = mixedNetwork();
    StorageSettings storage = storageOf(network);
    storage.store = StoreScope::kParameters;
    const NetworkShape shape = layerShapesOf(network, storage);
    ASSERT_EQ(shape.layers.size(), 9U);
    EXPECT_EQ(shape.tensors.at(shape.images.at(0)), 4U * 81);
    EXPECT_EQ(shape.tensors.at(shape.results.at(0)), 10U);
    const LayerShape& conv = shape.layers[0];
    ASSERT_EQ(conv.products.size(), 1U);
    const ProductShape& product = conv.products[0];
    EXPECT_EQ(product.groups, 2U);
    EXPECT_EQ(product.channels, 2U);
    EXPECT_EQ(product.filters, 3U);
    EXPECT_EQ(product.in, (ProductShape::Sizes{1, 9, 9}));
    EXPECT_EQ(product.out, (ProductShape::Sizes{1, 5, 5}));
    EXPECT_EQ(product.kernel, (ProductShape::Sizes{1, 3, 3}));
    EXPECT_EQ(product.stride, (ProductShape::Sizes{1, 2, 2}));
    EXPECT_EQ(product.padding, (ProductShape::Sizes{0, 1, 1}));
    EXPECT_TRUE(product.fixedWeights);
    EXPECT_EQ(product.weights(), 108U);
    EXPECT_EQ(conv.parameters, 6U);  // the bias
    EXPECT_EQ(conv.parameterBits, 48U);
    EXPECT_FALSE(shape.layers[2].moves);
    EXPECT_TRUE(shape.layers[3].moves);
    const LayerShape& gram = shape.layers[4];
    EXPECT_FALSE(gram.products.at(0).fixedWeights);
    EXPECT_EQ(gram.products[0].macs(), 6U * 25 * 6);
    EXPECT_EQ(gram.inputs.size(), 2U);
    EXPECT_EQ(shape.layers[5].passes, 2U);
    EXPECT_EQ(shape.layers[8].products.at(0).weights(), 1500U);
}

TEST(LayerShapes, HaveTheArithmeticAndTheParametersThatInspectShows) {
    for (const char* name : {"normal", "rquant", "clipped", "randbet"}) {
        const Network network = importOnnx(std::string(BROWNOUT_SOURCE_DIR) +
                                           "/inference/zoo/fashion-" + name + ".onnx");
        const StorageSettings storage = storageOf(network);
        const NetworkInfo info = inspect(EncodedNetwork(network, storage.format, storage.store));
        const NetworkShape shape = layerShapesOf(network, storage);
        std::uint64_t macs = 0, values = 0;
        for (const LayerShape& layer : shape.layers) {
            values += layer.parameters;
            for (const ProductShape& product : layer.products) {
                macs += product.macs();
                values += product.weights();
            }
        }
        EXPECT_EQ(macs, info.macs);
        EXPECT_EQ(values, info.storedCodes);
    }
}

}  // namespace
}  // namespace brownout
