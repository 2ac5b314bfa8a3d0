// CIFAR-10 and CIFAR-100 in every form that they are offered in, and folders of torchvision.

#include <zlib.h>

#include "tests/inference/data_folder.h"
#include "tests/inference/pickled_batch.h"

namespace brownout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Cifar : public DataFolder {
 protected:
    Cifar() {
        for (std::size_t i = 0; i < 2 * 3072; ++i) pixels_ += static_cast<char>(i * 7 % 251);
    }
    std::string records(const std::string& first, const std::string& second) const {
        return first + pixels_.substr(0, 3072) + second + pixels_.substr(3072);
    }
    void writePacked(const std::string& name, const std::string& bytes) {
        gzFile file = gzopen(write(name, "").c_str(), "wb");
        gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
        gzclose(file);
    }
    void expectSame(const std::string& spec, const Dataset& expected, const std::string& name) {
        const Dataset data = openDataset(spec);
        EXPECT_EQ(data.fingerprint(), expected.fingerprint()) << spec;
        EXPECT_EQ(data.name(), name);
        EXPECT_EQ(labelsOf(openDataset(spec, 1)), labelsOf(expected.take(1)));
    }
    std::string pixels_;
};

TEST_F(Cifar, TenIsTheSameInEveryForm) {
    const std::string binary = records("\x03", "\x07");
    const Dataset data = openDataset(write("b/test_batch.bin", binary).string());
    EXPECT_THAT(labelsOf(data), ElementsAre(3, 7));
    EXPECT_EQ(data.shape(), (Shape{3, 32, 32}));
    writePacked("packed/test_batch.bin.gz", binary);
    expectSame(in("packed"), data, "cifar-10 (test_batch)");
    expectSame(in("packed/test_batch.bin.gz"), data, "test_batch.bin.gz");

    const std::string pickle = pickledBatch("labels", "\x03\x07", pixels_);
    write("root/cifar-10-batches-py/test_batch", pickle);
    expectSame(in("root"), data, "cifar-10 (test_batch)");
    expectSame(in("root/cifar-10-batches-py"), data, "cifar-10 (test_batch)");
    expectSame(write("data_batch_1", pickle).string(), data, "data_batch_1");
    expectSame(write("p4", pickledBatch4("\x03\x07", pixels_)).string(), data, "p4");

    std::string text;
    for (const char c : pixels_) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0 | byte >> 6);
            text += static_cast<char>(0x80 | (byte & 63));
        }
    }
    expectSame(write("p2", pickledAsText("\x03\x07", text)).string(), data, "p2");
}

TEST_F(Cifar, HundredHasFineLabels) {
    const std::string binary = records("\x02\x0b", "\x13\x63");
    write("cifar-100-binary/test.bin", binary);
    const Dataset data = openDataset(in("cifar-100-binary"));
    EXPECT_THAT(labelsOf(data), ElementsAre(11, 99));
    EXPECT_EQ(data.name(), "cifar-100 (test)");
    expectSame(write("train.bin", binary).string(), data, "train.bin");
    write("r/cifar-100-python/test", pickledBatch("fine_labels", "\x0b\x63", pixels_));
    write("r/cifar-100-python/meta", "");
    expectSame(in("r"), data, "cifar-100 (test)");
    EXPECT_THAT(refusalOf(write("test.bin", records("\x02\x64", "\x02\x64")).string()),
                HasSubstr("test.bin: image 0 has the label 100, expected 0 to 99"));
    EXPECT_THAT(refusalOf(write("test.bin", "abc").string()),
                HasSubstr("not a multiple of the 3074 of a CIFAR-100 record"));
}

TEST_F(Cifar, PicklesThatAreNoBatchesGetOneLineAndCallNothing) {
    const auto refused = [&](const std::string& bytes) {
        return refusalOf(write("batch", bytes).string());
    };
    const std::string good = pickledBatch("labels", "\x03\x07", pixels_);
    EXPECT_EQ(refused(good), "");
    EXPECT_THAT(refused(good.substr(0, 500)),
                HasSubstr("the file ends within the pickle; expected a batch of images"));
    // os.system("echo"): written down, never called.
    EXPECT_THAT(refused("\x80\x02"
                        "cposix\nsystem\nX\x04" +
                        std::string("\0\0\0echo\x85R.", 10)),
                HasSubstr("batch: has no 'data' and 'labels'"));
    EXPECT_THAT(refused("\x80\x02}."), HasSubstr("has no 'data' and 'labels'"));
    EXPECT_THAT(refused("\x80\x02u."), HasSubstr("batch: byte 3: a stack without a mark"));
    EXPECT_THAT(refused("\x80\x02h\x07."), HasSubstr("a value that isn't there"));
    EXPECT_THAT(refused("\x80\x02~."), HasSubstr("the operation 126"));
    EXPECT_THAT(refused(pickledBatch("labels", "\x03", pixels_)),
                HasSubstr("'data' is no array of (N, 3072) bytes"));
    EXPECT_THAT(refused(pickledBatch("labels", "\x03\x7f", pixels_)),
                HasSubstr("label 1 is no number from 0 to 99"));
    EXPECT_THAT(refused(pickledBatch("names", "\x03\x07", pixels_)), HasSubstr("'labels'"));
    // A list that is put into itself a hundred times a step would grow without end.
    std::string growing = "\x80\x02]q\x01";
    for (int i = 0; i < 1000; ++i)
        growing +=
            "(h\x01h\x01h\x01h\x01"
            "e";
    EXPECT_THAT(refused(growing + "."), HasSubstr("has no 'data'"));
}

std::string idx(const std::vector<std::uint8_t>& sizes, const std::string& values) {
    std::string bytes = {0, 0, 8, static_cast<char>(sizes.size())};
    for (std::uint8_t size : sizes) bytes += std::string(3, '\0') + static_cast<char>(size);
    return bytes + values;
}

class TorchvisionRoots : public DataFolder {
 protected:
    void writeIdx(const std::string& stem, const std::string& pixels = "abcd") {
        write(stem + "-images-idx3-ubyte", idx({2, 1, 2}, pixels));
        write(stem + "-labels-idx1-ubyte", idx({2}, std::string("\1\2", 2)));
    }
};

TEST_F(TorchvisionRoots, LeadToTheDataSetBelow) {
    for (const char* name : {"MNIST", "FashionMNIST", "KMNIST"}) {
        writeIdx(std::string(name) + "-root/" + name + "/raw/t10k");
        const Dataset data = openDataset(in(std::string(name) + "-root"));
        EXPECT_EQ(data.name(), std::string(name) + " (t10k)");
        EXPECT_THAT(labelsOf(data), ElementsAre(1, 2));
    }
    writeIdx("MNIST-root/KMNIST/raw/t10k");
    EXPECT_THAT(refusalOf(in("MNIST-root")),
                HasSubstr("has several data sets (MNIST/raw, KMNIST/raw): name one"));
    EXPECT_EQ(openDataset(in("MNIST-root/KMNIST")).name(), "raw (t10k)");
}

TEST_F(TorchvisionRoots, EmnistIsReadAsItIsStored) {
    writeIdx("e/EMNIST/raw/emnist-letters-test");
    writeIdx("e/EMNIST/raw/emnist-letters-train", "wxyz");
    const Dataset data = openDataset(in("e"));
    EXPECT_EQ(data.name(), "EMNIST (emnist-letters-test)");
    EXPECT_THAT(data.note(), HasSubstr("EMNIST stores its images transposed"));
    EXPECT_THAT(pixelsOf(data),
                ElementsAre('a' / 255.0F, 'b' / 255.0F, 'c' / 255.0F, 'd' / 255.0F));
    writeIdx("e/EMNIST/raw/emnist-digits-test");
    EXPECT_THAT(refusalOf(in("e")), HasSubstr("several parts of EMNIST (emnist-digits-test, "
                                              "emnist-letters-test): name the file of images"));
    EXPECT_EQ(openDataset(in("e/EMNIST/raw/emnist-letters-test-images-idx3-ubyte")).fingerprint(),
              data.fingerprint());
}

}  // namespace
}  // namespace brownout::test
