#include "inference/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <limits>

#include "base/error.h"
#include "base/temporary_files.h"
#include "inference/data/layout.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"
#include "tests/inference/data_folder.h"
#include "tests/inference/hdf5_file.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;

class DatasetTest : public DataFolder {};

std::string idx(const std::vector<std::uint8_t>& sizes, const std::string& values) {
    std::string bytes = {0, 0, 8, static_cast<char>(sizes.size())};
    for (std::uint8_t size : sizes) {
        bytes += std::string(3, '\0') + static_cast<char>(size);
    }
    return bytes + values;
}

TEST_F(DatasetTest, FashionMnistIsItsTestSplit) {
    const Dataset data = openDataset("fashion-mnist");
    EXPECT_EQ(data.name(), "fashion-mnist");
    EXPECT_EQ(data.size(), 10000U);
    EXPECT_EQ(data.shape(), (Shape{1, 28, 28}));
    std::vector<int> perClass(10);
    for (std::size_t i = 0; i < data.size(); ++i) {
        ++perClass.at(static_cast<std::size_t>(data.label(i)));
    }
    EXPECT_THAT(perClass, testing::Each(1000));
    std::vector<float> images(2 * 784);
    data.read(9998, 2, images.data());
    EXPECT_LE(*std::max_element(images.begin(), images.end()), 1.0F);
    EXPECT_GE(*std::min_element(images.begin(), images.end()), 0.0F);
    EXPECT_GT(*std::max_element(images.begin(), images.end()), 0.5F);
}

TEST_F(DatasetTest, IdxPixelsAreBytesOver255) {
    write("set/t10k-images-idx3-ubyte", idx({2, 1, 2}, std::string("\x00\xff\x33\x01", 4)));
    write("set/t10k-labels-idx1-ubyte", idx({2}, std::string("\x03\x07", 2)));
    const Dataset data = openDataset((folder_ / "set").string());
    EXPECT_EQ(data.name(), "set (t10k)");
    EXPECT_EQ(data.shape(), (Shape{1, 1, 2}));
    EXPECT_EQ(data.label(0), 3);
    EXPECT_EQ(data.label(1), 7);
    std::vector<float> images(4);
    data.read(0, 2, images.data());
    EXPECT_THAT(images, testing::ElementsAre(0.0F, 1.0F, 51.0F / 255, 1.0F / 255));
    // The file of images alone finds its labels.
    const Dataset same = openDataset((folder_ / "set" / "t10k-images-idx3-ubyte").string());
    EXPECT_EQ(same.fingerprint(), data.fingerprint());
}

TEST_F(DatasetTest, PackedFilesReadLikePlainOnes) {
    const std::string images = idx({2, 1, 2}, "abcd");
    const std::string labels = idx({2}, std::string("\x01\x02", 2));
    write("plain/train-images-idx3-ubyte", images);
    write("plain/train-labels-idx1-ubyte", labels);
    fs::create_directories(folder_ / "packed");
    for (const auto& [name, bytes] : {std::pair("images-idx3", images), {"labels-idx1", labels}}) {
        const fs::path path = folder_ / "packed" / (std::string("train-") + name + "-ubyte.gz");
        gzFile file = gzopen(path.c_str(), "wb");
        gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
        gzclose(file);
    }
    const Dataset plain = openDataset((folder_ / "plain").string());
    const Dataset packed = openDataset((folder_ / "packed").string());
    EXPECT_EQ(plain.fingerprint(), packed.fingerprint());
    EXPECT_EQ(packed.name(), "packed (train)");
}

TEST_F(DatasetTest, Cifar10RecordsAreALabelAndThreePlanes) {
    std::string record(1 + 3072, '\0');
    record[0] = 6;
    record[1 + 1024] = '\xff';  // first green pixel
    write("cifar/test_batch.bin", record + record);
    const Dataset data = openDataset((folder_ / "cifar").string());
    EXPECT_EQ(data.shape(), (Shape{3, 32, 32}));
    EXPECT_EQ(data.size(), 2U);
    EXPECT_EQ(data.label(1), 6);
    std::vector<float> image(3072);
    data.read(1, 1, image.data());
    EXPECT_EQ(image[1024], 1.0F);
    EXPECT_EQ(image[0], 0.0F);
}

TEST_F(DatasetTest, TakeIsThePrefixOfTheSameContent) {
    const Dataset data = openDataset("fashion-mnist");
    const Dataset part = data.take(100);
    EXPECT_EQ(part.size(), 100U);
    EXPECT_EQ(part.label(99), data.label(99));
    EXPECT_EQ(part.fingerprint(), data.fingerprint());
    EXPECT_THROW(data.take(10001), Error);
    EXPECT_THROW(data.take(0), Error);
}

TEST_F(DatasetTest, OnlyTheImagesAskedForAreReadFromAnyKindOfFile) {
    write("i", idx({3, 1, 2}, "abcdef"));
    write("l", idx({3}, std::string("\1\2\3", 3)));
    std::string record(3073, 'x');
    record[0] = 6;
    write("three.bin", record + record + record);
    writeHdf5(folder_ / "three.h5", {3, 1, 2}, {1, 2, 3, 4, 5, 6}, {7, 8, 9});
    for (const std::string& spec :
         {(folder_ / "i").string() + "," + (folder_ / "l").string(),
          (folder_ / "three.bin").string(), (folder_ / "three.h5").string()}) {
        const Dataset all = openDataset(spec);
        const Dataset two = openDataset(spec, 2);
        ASSERT_EQ(two.size(), 2U) << spec;
        EXPECT_EQ(two.label(1), all.label(1));
        std::vector<float> expected(2 * all.imageElements());
        std::vector<float> images(expected.size());
        all.read(0, 2, expected.data());
        two.read(0, 2, images.data());
        EXPECT_EQ(images, expected) << spec;
        EXPECT_NE(two.fingerprint(), all.fingerprint());
        EXPECT_EQ(openDataset(spec, 3).fingerprint(), all.fingerprint());
        EXPECT_EQ(openDataset(spec, 100).size(), 3U);
    }
    // Labels of another number of images are found out all the same.
    write("l", idx({4}, std::string("\1\2\3\4", 4)));
    EXPECT_THROW(openDataset((folder_ / "i").string() + "," + (folder_ / "l").string(), 2), Error);
}

/// Returns the largest memory, in MiB, that a process takes to run `action`, beyond what this one
/// has taken so far.
long peakMiB(const std::function<void()>& action) {
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    const pid_t child = ::fork();
    if (child == 0) {
        action();
        ::_exit(0);
    }
    int status = 0;
    rusage used{};
    EXPECT_EQ(::wait4(child, &status, 0, &used), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return (used.ru_maxrss - before.ru_maxrss) / 1024;
}

/// Writes a file that unpacks to `start` and `mebibytes` of zeros; gzip members may follow on.
void writeBomb(const fs::path& path, const std::string& start, int mebibytes) {
    const std::string zeros(std::size_t{1} << 20, '\0');
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, start.data(), static_cast<unsigned>(start.size()));
    for (int i = 0; i < mebibytes; ++i) gzwrite(file, zeros.data(), 1U << 20);
    gzclose(file);
}

// A thousandth of its size on the disk. All of it would take 600 MiB.
TEST_F(DatasetTest, AnImageOfAPackedFileTakesTheMemoryOfAnImage) {
    const fs::path cifar = folder_ / "bomb.bin";
    writeBomb(cifar, "", 600);
    EXPECT_LT(fs::file_size(cifar), 1U << 20);
    EXPECT_LT(peakMiB([&] { openDataset(cifar.string(), 1); }), 50);

    const auto header = [](unsigned char axes) {
        std::string bytes = {0, 0, 8, static_cast<char>(axes), 0x25, static_cast<char>(0x80), 0, 0};
        for (int i = 1; i < axes; ++i) bytes += std::string("\0\0\0\1", 4);
        return bytes;
    };
    writeBomb(folder_ / "i", header(3), 600);
    writeBomb(folder_ / "l", header(1), 600);
    const std::string pair = (folder_ / "i").string() + "," + (folder_ / "l").string();
    EXPECT_LT(peakMiB([&] { openDataset(pair, 1); }), 50);
    EXPECT_EQ(openDataset(pair, 5).size(), 5U);
}

// Files of 600 MiB with holes, which take no room on the disk: reading all of one takes seconds.
TEST_F(DatasetTest, TwentyImagesOfAHugeFileTakeTheTimeOfTwenty) {
    const auto huge = [&](const std::string& name, const std::string& start) {
        const fs::path path = write(name, start);
        fs::resize_file(path, start.size() + (std::uintmax_t{600} << 20));
        return path.string();
    };
    const std::string dictionary =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1228800, 512), }\n";
    const std::string numpy = std::string("\x93NUMPY\x01\x00", 8) +
                              static_cast<char>(dictionary.size()) + '\0' + dictionary;
    std::string labels = numpy;
    labels.replace(labels.find(", 512"), 5, "     ");
    labels.replace(labels.find("1228800"), 8, "1228800,");
    for (const std::string& spec :
         {huge("huge.bin", ""),
          huge("i", std::string("\0\0\x08\x03\0\x01\x2c\0\0\0\0\x20\0\0\0\x40", 16)) + "," +
              huge("l", std::string("\0\0\x08\x01\0\x01\x2c\0", 8)),
          huge("x.npy", numpy) + "," + huge("y.npy", labels)}) {
        const auto begin = std::chrono::steady_clock::now();
        EXPECT_EQ(openDataset(spec, 20).size(), 20U) << spec;
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300)) << spec;
        EXPECT_LT(peakMiB([&] { openDataset(spec, 20); }), 30) << spec;
    }
}

TEST_F(DatasetTest, MoreImagesThanFitInMemoryAreRefusedByTheirHeader) {
    // 2^20 images of 32 x 64, 2 GiB, in a file of some bytes.
    const std::string images("\0\0\x08\x03\0\x10\0\0\0\0\0\x20\0\0\0\x40", 16);
    const std::string labels("\0\0\x08\x01\0\x10\0\0", 8);
    expectRefused(write("i", images).string() + "," + write("l", labels).string(), "/i",
                  "holds more than 1024 MiB of images");

    // Chunks of zeros, packed: 2 GiB in 2 MiB.
    const hsize_t sizes[] = {2048, 1024, 1024};
    const hsize_t sides[] = {16, 1024, 1024};
    const fs::path path = folder_ / "bomb.h5";
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(settings, 3, sides);
    H5Pset_deflate(settings, 9);
    const hid_t space = H5Screate_simple(3, sizes, nullptr);
    const hid_t dataset =
        H5Dcreate2(file, "images", H5T_STD_U8LE, space, H5P_DEFAULT, settings, H5P_DEFAULT);
    const std::vector<std::uint8_t> zeros(16U << 20);
    std::vector<std::uint8_t> packed(1U << 20);
    uLongf length = packed.size();
    ASSERT_EQ(compress2(packed.data(), &length, zeros.data(), zeros.size(), 9), Z_OK);
    for (hsize_t image = 0; image < sizes[0]; image += sides[0]) {
        const hsize_t first[] = {image, 0, 0};
        ASSERT_GE(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, first, length, packed.data()), 0);
    }
    const hid_t line = H5Screate_simple(1, sizes, nullptr);
    const hid_t classes =
        H5Dcreate2(file, "labels", H5T_STD_U8LE, line, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const std::vector<std::uint8_t> none(sizes[0]);
    H5Dwrite(classes, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, none.data());
    H5Dclose(classes);
    H5Sclose(line);
    H5Dclose(dataset);
    H5Sclose(space);
    H5Pclose(settings);
    H5Fclose(file);
    expectRefused(path.string(), "bomb.h5:/images", "holds more than 1024 MiB of images");
    // One chunk, as packed and as bytes, and the image.
    EXPECT_LT(peakMiB([&] { openDataset(path.string(), 1); }), 100);
}

TEST_F(DatasetTest, EveryBadFileGetsOneLine) {
    expectRefused((folder_ / "none").string(), "none", "no such file");
    expectRefused("/dev/zero", "/dev/zero", "is a device or a pipe");
    fs::create_directories(folder_ / "empty");
    expectRefused((folder_ / "empty").string(), "empty", "neither IDX files");
    expectRefused(write("zero.bin", "").string(), "zero.bin", "is empty");
    expectRefused(write("short.bin", "abc").string(), "short.bin", "not a multiple of the 3073");
    expectRefused(write("text.txt", "hello, world").string(), "text.txt", "is no data set");
    std::string record(3073, '\0');
    record[0] = 10;
    expectRefused(write("label.bin", record).string(), "label.bin", "label 10, expected 0 to 9");

    const std::string labels = write("l", idx({2}, "ab")).string();
    const std::string images = write("i", idx({2, 1, 2}, "abcd")).string();
    expectRefused(write("i1", idx({2, 1, 2}, "abc")).string() + "," + labels, "i1",
                  "3 bytes of data, its header says 4");
    expectRefused(write("i2", idx({2, 1, 2}, "abcde")).string() + "," + labels, "i2", "more data");
    expectRefused(write("i3", idx({3, 1, 1}, "abc")).string() + "," + labels, "l",
                  "2 labels for 3 images");
    expectRefused(write("i4", idx({2}, "ab")).string() + "," + labels, "i4", "expected images");
    expectRefused(images + "," + images, "i", "expected labels");
    expectRefused(write("i5", std::string("\0\0\x0d\x03", 4)).string() + "," + labels, "i5",
                  "IDX type 13");
    expectRefused(write("i6", std::string("\0\0\x08\x03\0\0", 6)).string() + "," + labels, "i6",
                  "ends within its header");
    expectRefused(write("i7", "not idx at all").string() + "," + labels, "i7", "not an IDX file");
    expectRefused(
        write("i8", std::string("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\1", 16))
                .string() +
            "," + labels,
        "i8", "holds more than 1024 MiB of images");

    expectRefused(write("bad.h5", "not HDF5").string(), "bad.h5", "not a readable HDF5 file");
    writeHdf5(folder_ / "nolabels.h5", {2, 1, 2}, {0, 0, 0, 0}, {});
    expectRefused((folder_ / "nolabels.h5").string(), "nolabels.h5:/labels", "is missing");
    writeHdf5(folder_ / "nan.h5", {2, 1, 2}, {0, 0, 0, NAN}, {0, 1});
    expectRefused((folder_ / "nan.h5").string(), "nan.h5:/images", "image 1 has a pixel");
    writeHdf5(folder_ / "count.h5", {2, 1, 2}, {0, 0, 0, 0}, {0, 1, 2});
    expectRefused((folder_ / "count.h5").string(), "count.h5:/labels", "for 2 images");
    writeHdf5(folder_ / "negative.h5", {2, 1, 2}, {0, 0, 0, 0}, {0, -1});
    expectRefused((folder_ / "negative.h5").string(), "negative.h5:/labels", "label 1 is -1");
    writeHdf5(folder_ / "table.h5", {2, 1, 2}, {0, 0, 0, 0}, {0, 1});
    {
        const hid_t file = H5Fopen((folder_ / "table.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
        H5Ldelete(file, "labels", H5P_DEFAULT);
        H5LTmake_dataset_double(file, "labels", 2, std::vector<hsize_t>{2, 3}.data(),
                                std::vector<double>{0, 1, 0, 0, 1, 1}.data());
        H5Fclose(file);
    }
    expectRefused((folder_ / "table.h5").string(), "table.h5:/labels",
                  "label 1 is neither a class nor one-hot");
    writeHdf5(folder_ / "flat.h5", {4}, {0, 0, 0, 0}, {0, 1, 2, 3});
    expectRefused((folder_ / "flat.h5").string(), "flat.h5:/images", "has one axis");
}

TEST_F(DatasetTest, ANetworkMustFitItsImagesAndLabels) {
    const Network network = importOnnx(fs::path(BROWNOUT_INFERENCE_DATA) / "groupnorm.onnx");
    const NetworkInterface interface = interfaceOf(network);
    EXPECT_EQ(interface.imageShape, (Shape{1, 12, 12}));
    EXPECT_EQ(interface.classes, 10U);
    auto refusal = [&](const Dataset& data) -> std::string {
        try {
            checkFits(network, fitTo(network, data).data);
            return "";
        } catch (const Error& error) {
            return error.what();
        }
    };
    EXPECT_THAT(refusal(openDataset("fashion-mnist")),
                testing::HasSubstr("takes images of the shape [1, 12, 12], those of fashion-mnist "
                                   "have [1, 28, 28]"));
    Dataset::Content content;
    content.place = "made";
    content.shape = {1, 12, 12};
    content.bytes.resize(2 * 144);
    content.labels = {9, 3};
    EXPECT_EQ(refusal(Dataset(content)), "");
    content.labels = {9, 10};
    EXPECT_THAT(refusal(Dataset(content)), testing::HasSubstr("made: image 1 has the label 10"));
}

}  // namespace
}  // namespace brownout::test
