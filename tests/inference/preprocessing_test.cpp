// The steps between stored pixels and a network's input: scale, mean, std, order of channels.

#include "inference/data/preprocessing.h"

#include "tests/inference/data_folder.h"

namespace brownout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Dataset::Content bytes(const Shape& shape, std::vector<std::uint8_t> pixels) {
    Dataset::Content content;
    content.place = "made";
    content.shape = shape;
    content.bytes = std::move(pixels);
    content.labels.assign(content.bytes.size() / elementCount(shape), 0);
    return content;
}

/// Returns the pixels after steps that a command line names, "mean=0.5,0.5,0.5".
Preprocessing steps(const std::vector<std::pair<std::string, std::string>>& named) {
    PreprocessingOptions options;
    for (const auto& [name, text] : named) {
        (name == "scale"  ? options.scale
         : name == "mean" ? options.mean
         : name == "std"  ? options.std
                          : options.bgr) = text;
    }
    return preprocessingOf({}, options).steps;
}

// torchvision: ToTensor divides by 255 in floats, Normalize subtracts and divides in floats.
TEST(Preprocessing, ValuesAreThoseOfTorchvisionToTheLastBit) {
    const std::vector<std::uint8_t> pixels = {0, 255, 7, 128, 200, 31};
    const float mean[] = {0.485F, 0.456F, 0.406F};
    const float std[] = {0.229F, 0.224F, 0.225F};
    const Dataset data(bytes({3, 1, 2}, pixels),
                       steps({{"mean", "0.485,0.456,0.406"}, {"std", "0.229, 0.224, 0.225"}}));
    const std::vector<float> values = pixelsOf(data);
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(values[i], (static_cast<float>(pixels[i]) / 255.0F - mean[i / 2]) / std[i / 2]);
    }
    // Channels last.
    const Dataset last(bytes({1, 2, 3}, pixels),
                       steps({{"mean", "0.485,0.456,0.406"}, {"std", "0.229,0.224,0.225"}}));
    EXPECT_EQ(pixelsOf(last)[4], (200 / 255.0F - mean[1]) / std[1]);
}

TEST(Preprocessing, CaffesImagesAreBlueFirstMinusAMean) {
    const Dataset data(bytes({3, 1, 1}, {10, 20, 30}),
                       steps({{"scale", "1"}, {"bgr", "yes"}, {"mean", "104,117,123"}}));
    EXPECT_THAT(pixelsOf(data), ElementsAre(30 - 104, 20 - 117, 10 - 123));
}

TEST(Preprocessing, ScaleMultipliesWhatIsStored) {
    EXPECT_THAT(
        pixelsOf(Dataset(bytes({1, 1, 2}, {1, 255}), steps({{"scale", "1/127.5"}, {"mean", "1"}}))),
        ElementsAre(testing::FloatEq(1 / 127.5F - 1), 1));
    Dataset::Content floats = bytes({1, 1, 2}, {});
    floats.floats = {3, 510};
    floats.labels = {0};
    EXPECT_THAT(pixelsOf(Dataset(floats)), ElementsAre(3, 510));
    EXPECT_THAT(pixelsOf(Dataset(floats, steps({{"mean", "1"}, {"std", "2"}}))),
                ElementsAre(1, 254.5F));
    EXPECT_THAT(pixelsOf(Dataset(floats, steps({{"scale", "1/255"}}))),
                ElementsAre(testing::FloatEq(3 / 255.0F), testing::FloatEq(2)));
}

TEST(Preprocessing, ArePartOfWhatADataSetIs) {
    const auto name = [](const std::vector<std::pair<std::string, std::string>>& named) {
        return Dataset(bytes({3, 1, 1}, {10, 20, 30}), steps(named)).fingerprint();
    };
    const std::string plain = name({});
    EXPECT_EQ(plain, Dataset(bytes({3, 1, 1}, {10, 20, 30})).fingerprint());
    EXPECT_EQ(name({{"mean", "0.5"}}), name({{"mean", "1/2"}}));
    EXPECT_NE(name({{"mean", "0.5"}}), plain);
    EXPECT_NE(name({{"mean", "0.5"}}), name({{"std", "0.5"}}));
    EXPECT_NE(name({{"bgr", "yes"}}), plain);
    EXPECT_EQ(name({{"bgr", "no"}}), plain);
    EXPECT_NE(name({{"scale", "1"}}), plain);
}

TEST(Preprocessing, AskedOfChannelsThatThereArentIsRefused) {
    const auto refusal = [](const Shape& shape,
                            const std::vector<std::pair<std::string, std::string>>& named) {
        try {
            Dataset(bytes(shape, std::vector<std::uint8_t>(elementCount(shape))), steps(named));
            return std::string();
        } catch (const Error& error) {
            return std::string(error.what());
        }
    };
    EXPECT_THAT(refusal({1, 4, 4}, {{"mean", "1,2,3"}}),
                HasSubstr("made: has images of the shape [1, 4, 4], in which neither the first nor "
                          "the last axis may be 3 channels"));
    EXPECT_THAT(refusal({3, 4, 3}, {{"bgr", "yes"}}), HasSubstr("the first and the last axis may"));
    EXPECT_THAT(refusal({3, 4, 4}, {{"mean", "1,2,3"}, {"std", "1,2"}}),
                HasSubstr("different numbers of channels: 3 and 2"));
    EXPECT_THAT(refusal({3, 4, 4}, {{"bgr", "yes"}, {"std", "1,2"}}), HasSubstr("3 and 2"));
}

TEST(Preprocessing, MetadataSaysItAndOptionsOverride) {
    Network network;
    network.file = "net.onnx";
    network.metadata = {{"brownout.resize", "256"},
                        {"brownout.crop", "224"},
                        {"brownout.mean", "0.5"},
                        {"brownout.bgr", "true"},
                        {"brownout.labels-offset", "7"}};
    ChosenPreprocessing chosen = preprocessingOf({&network}, {});
    EXPECT_EQ(chosen.fromNetwork, "resize 256, crop 224, mean 0.5, bgr true");
    EXPECT_EQ(*chosen.steps.resize, (PixelSize{256, 0}));
    EXPECT_EQ(*chosen.steps.crop, (PixelSize{224, 224}));
    EXPECT_TRUE(chosen.steps.bgr);
    EXPECT_EQ(chosen.steps.labelsOffset, 0);
    PreprocessingOptions options;
    options.resize = "64x96";
    options.bgr = "no";
    chosen = preprocessingOf({&network, &network}, options);
    EXPECT_EQ(chosen.fromNetwork, "crop 224, mean 0.5");
    EXPECT_EQ(*chosen.steps.resize, (PixelSize{64, 96}));
    EXPECT_FALSE(chosen.steps.bgr);

    const auto refusal = [](const std::vector<const Network*>& networks,
                            const PreprocessingOptions& asked) {
        try {
            preprocessingOf(networks, asked);
            return std::string();
        } catch (const Error& error) {
            return std::string(error.what());
        }
    };
    const Network plain;
    Network bytes;
    bytes.inputs.resize(1);
    bytes.inputs[0].bytes = true;
    EXPECT_EQ(preprocessingOf({&bytes}, {}).steps.scale, 1);
    EXPECT_EQ(preprocessingOf({&bytes}, {}).fromNetwork, "scale 1, as it takes bytes");
    PreprocessingOptions scaled;
    scaled.scale = "1/255";
    EXPECT_EQ(preprocessingOf({&bytes}, scaled).steps.scale, 1.0 / 255);
    EXPECT_THAT(refusal({&bytes, &plain}, {}), HasSubstr("scale: some of the networks take"));
    Network other = network;
    other.file = "other.onnx";
    other.metadata.erase("brownout.mean");
    EXPECT_THAT(refusal({&network, &other}, {}),
                testing::AllOf(HasSubstr("mean: the networks ask for different images: net.onnx"),
                               HasSubstr("other.onnx")));
    options.mean = "0";
    EXPECT_EQ(refusal({&network, &other}, options), "");
    other.metadata["brownout.crop"] = "big";
    EXPECT_THAT(refusal({&other}, {}),
                HasSubstr("other.onnx: metadata brownout.crop: 'big'; expected pixels"));
}

TEST(Preprocessing, WrongOptionsSayWhatIsExpected) {
    const auto refusal = [](const char* which, const std::string& text) {
        PreprocessingOptions options;
        const std::string name = which;
        (name == "resize"  ? options.resize
         : name == "scale" ? options.scale
         : name == "mean"  ? options.mean
         : name == "std"   ? options.std
         : name == "bgr"   ? options.bgr
                           : options.labelsOffset) = text;
        try {
            preprocessingOf({}, options);
            return std::string();
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
    };
    for (const char* text : {"0", "-1", "x", "3x", "x3", "3x3x3", "1e2", "99999", "2.5", "0x10"}) {
        EXPECT_THAT(refusal("resize", text), HasSubstr("resize: '")) << text;
    }
    for (const char* text : {"0", "nan", "1/0", "1/", "inf", "x", "1e-60", "1e99"}) {
        EXPECT_THAT(refusal("scale", text), HasSubstr("scale: '")) << text;
    }
    EXPECT_THAT(refusal("mean", "1,,2"), HasSubstr("mean: '1,,2'; expected numbers"));
    EXPECT_THAT(refusal("mean", "1e40"), HasSubstr("mean: '"));
    EXPECT_THAT(refusal("std", "0"), HasSubstr("std: '0'; expected positive numbers"));
    EXPECT_THAT(refusal("std", "1,-1"), HasSubstr("std: '"));
    EXPECT_THAT(refusal("bgr", "maybe"), HasSubstr("bgr: 'maybe'; expected yes or no"));
    EXPECT_THAT(refusal("labels-offset", "1.5"), HasSubstr("labels-offset: '1.5'; expected"));
    EXPECT_EQ(refusal("labels-offset", "+1"), "");
    EXPECT_EQ(refusal("mean", "-1, 2/3"), "");
}

}  // namespace
}  // namespace brownout::test
