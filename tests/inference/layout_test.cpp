// Images in the layout of a network: as they are where that fits, channels moved where only that
// fits, refused where the user must say.

#include "inference/data/layout.h"

#include "tests/inference/data_folder.h"

namespace brownout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Returns "KIND SHAPE", or the number of ways there are if that isn't one.
std::string layoutOf(const Shape& network, const Shape& data) {
    const std::vector<Layout> layouts = layoutsFor(network, data);
    if (layouts.size() != 1) return std::to_string(layouts.size());
    const char* const kinds[] = {"as stored ", "to end ", "to front "};
    return kinds[static_cast<int>(layouts[0].order)] + toString(layouts[0].shape);
}

TEST(Layout, ImagesThatFitAreTakenAsTheyAreStored) {
    EXPECT_EQ(layoutOf({1, 28, 28}, {1, 28, 28}), "as stored [1, 28, 28]");
    EXPECT_EQ(layoutOf({28, 28}, {1, 28, 28}), "as stored [28, 28]");
    EXPECT_EQ(layoutOf({28, 28, 1}, {1, 28, 28}), "as stored [28, 28, 1]");
    EXPECT_EQ(layoutOf({1, 28, 28}, {28, 28, 1}), "as stored [1, 28, 28]");
    EXPECT_EQ(layoutOf({784}, {1, 28, 28}), "as stored [784]");
    EXPECT_EQ(layoutOf({1, 28, 28}, {784}), "as stored [1, 28, 28]");
    EXPECT_EQ(layoutOf({9, 128}, {1, 9, 128}), "as stored [9, 128]");
    EXPECT_EQ(layoutOf({3, 3, 3}, {3, 3, 3}), "as stored [3, 3, 3]");
}

TEST(Layout, ChannelsMoveWhereTheyMust) {
    EXPECT_EQ(layoutOf({32, 48, 3}, {3, 32, 48}), "to end [32, 48, 3]");
    EXPECT_EQ(layoutOf({3, 32, 48}, {32, 48, 3}), "to front [3, 32, 48]");
    EXPECT_EQ(layoutOf({48, 32, 3}, {3, 32, 48}), "0");
    EXPECT_EQ(layoutOf({3, 32, 32}, {1, 32, 32}), "0");
    EXPECT_EQ(layoutOf({1, 28, 28}, {1, 32, 32}), "0");
    EXPECT_EQ(layoutOf({784}, {3, 28, 28}), "0");
    EXPECT_EQ(layoutOf({128, 9}, {1, 9, 128}), "0");
}

TEST(Layout, FreeSizesBecomeThoseOfTheImages) {
    EXPECT_EQ(layoutOf({3, -1, -1}, {3, 32, 48}), "as stored [3, 32, 48]");
    EXPECT_EQ(layoutOf({-1, -1, 3}, {3, 32, 48}), "to end [32, 48, 3]");
    EXPECT_EQ(layoutOf({3, -1, -1}, {32, 48, 3}), "to front [3, 32, 48]");
    EXPECT_EQ(layoutOf({-1, -1}, {1, 32, 48}), "as stored [32, 48]");
    EXPECT_EQ(layoutOf({-1, 28, 1}, {1, 28, 28}), "as stored [28, 28, 1]");
    EXPECT_EQ(layoutOf({-1}, {1, 28, 28}), "as stored [784]");
    EXPECT_EQ(layoutOf({3, -1, -1}, {1, 32, 32}), "0");
    EXPECT_EQ(layoutOf({-1, -1, -1}, {3, 32, 48}), "as stored [3, 32, 48]");
    // (8, 3, 3) may be (3, 3, 8) or (3, 8, 3).
    EXPECT_EQ(layoutOf({3, -1, -1}, {8, 3, 3}), "2");
}

Dataset made(const Shape& shape, std::vector<std::uint8_t> bytes) {
    Dataset::Content content;
    content.name = "made";
    content.place = "made";
    content.shape = shape;
    content.labels.assign(bytes.size() / elementCount(shape), 1);
    content.bytes = std::move(bytes);
    return Dataset(content);
}

/// A network that flattens an image, and gives its first two values.
Network network(const Shape& input) {
    Network made;
    made.file = "net.onnx";
    made.opset = 13;
    made.inputs = {{"x", input}};
    made.outputs = {{"y", {}}};
    made.nodes.push_back({"flat", "Flatten", {"x"}, {"f"}, {}});
    made.nodes.push_back({"dense", "MatMul", {"f", "w"}, {"y"}, {}});
    FloatTensor weights{{12, 2}, std::vector<float>(24, 0)};
    weights.values[0] = weights.values[3] = 1;
    made.parameters["w"] = weights;
    return made;
}

TEST(Layout, MovedChannelsAreTheSamePixelsElsewhere) {
    // Two images of 3 channels, 2 x 2.
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 24; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
    const Dataset first = made({3, 2, 2}, bytes);
    const FittedDataset fitted = fitTo(network({-1, 2, 2, 3}), first);
    EXPECT_EQ(fitted.data.shape(), (Shape{2, 2, 3}));
    std::vector<float> image(12);
    fitted.data.read(1, 1, image.data());
    std::vector<int> whole;
    for (const float value : image) whole.push_back(static_cast<int>(std::lround(value * 255)));
    EXPECT_THAT(whole, ElementsAre(12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23));
    EXPECT_EQ(fitted.note,
              "net.onnx: takes images of the shape [2, 2, 3], those of made have [3, 2, 2]: their "
              "channels are moved to the end");
    EXPECT_EQ(fitted.data.fingerprint(), first.fingerprint());

    const Dataset back = made({2, 2, 3}, bytes);
    const FittedDataset front = fitTo(network({-1, 3, 2, 2}), back);
    front.data.read(0, 1, image.data());
    whole.clear();
    for (const float value : image) whole.push_back(static_cast<int>(std::lround(value * 255)));
    EXPECT_THAT(whole, ElementsAre(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11));
    EXPECT_THAT(front.note, HasSubstr("moved to the front"));
}

TEST(Layout, OfNetworksAndDataThatDontFitIsRefused) {
    const auto refusal = [](const Shape& input, const Dataset& data) -> std::string {
        try {
            return fitTo(network(input), data).note;
        } catch (const Error& error) {
            return error.what();
        }
    };
    EXPECT_EQ(refusal({-1, 1, 3, 4}, made({1, 3, 4}, std::vector<std::uint8_t>(12))), "");
    EXPECT_EQ(refusal({-1, 12}, made({3, 2, 2}, std::vector<std::uint8_t>(12))), "");
    EXPECT_EQ(refusal({-1, 1, 3, 4}, made({1, 4, 3}, std::vector<std::uint8_t>(12))),
              "net.onnx: takes images of the shape [1, 3, 4], those of made have [1, 4, 3]");
    EXPECT_THAT(refusal({-1, 2, -1, -1}, made({3, 2, 2}, std::vector<std::uint8_t>(12))),
                HasSubstr("whose channels may be first or last"));
    EXPECT_THAT(refusal({-1}, made({3, 2, 2}, std::vector<std::uint8_t>(12))),
                HasSubstr("net.onnx: input 'x': has the shape [?]"));
}

TEST(Layout, FreeSizesOfANetworkAreThoseOfTheFittedImages) {
    const Network free = network({-1, 3, -1, -1});
    const FittedDataset fitted = fitTo(free, made({3, 2, 2}, std::vector<std::uint8_t>(12)));
    EXPECT_EQ(withImageShape(free, fitted.data.shape()).inputs[0].shape, (Shape{-1, 3, 2, 2}));
}

}  // namespace
}  // namespace brownout::test
