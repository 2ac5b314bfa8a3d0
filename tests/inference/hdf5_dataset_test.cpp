// Data sets in HDF5 files: numbers of any type, rank and filter, labels, targets, virtual data
// sets.

#include <liblzf/lzf.h>

#include "tests/inference/data_folder.h"
#include "tests/inference/hdf5_file.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;

class Hdf5Dataset : public DataFolder {};

TEST_F(Hdf5Dataset, FloatsAreTakenAsTheyAre) {
    writeHdf5(folder_ / "a.h5", {2, 1, 2}, {-1.5F, 0.0F, 2.0F, 3.0F}, {4, 5});
    const Dataset data = openDataset((folder_ / "a.h5").string());
    EXPECT_EQ(data.shape(), (Shape{1, 1, 2}));
    std::vector<float> image(2);
    data.read(1, 1, image.data());
    EXPECT_THAT(image, testing::ElementsAre(2.0F, 3.0F));
    EXPECT_EQ(data.label(1), 5);
}

TEST_F(Hdf5Dataset, ChunksReadBackWhateverTheirSizeAndFilters) {
    // 7 x 2 x 5 x 3 values in chunks that don't divide the shape, in either byte order.
    const std::vector<hsize_t> sizes = {7, 2, 5, 3};
    const std::vector<hsize_t> sides = {3, 1, 2, 2};
    std::vector<float> values;
    for (int i = 0; i < 7 * 2 * 5 * 3; ++i) {
        values.push_back(static_cast<float>(i) / 8.0F - 9.0F);
    }
    for (int filters = 0; filters < 8; ++filters) {
        for (hid_t type : {H5T_IEEE_F32LE, H5T_IEEE_F64BE}) {
            const fs::path path = folder_ / "chunks.h5";
            writeHdf5(path, {1, 1, 1}, {0}, {});
            const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
            H5Ldelete(file, "images", H5P_DEFAULT);
            const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
            H5Pset_chunk(settings, 4, sides.data());
            if ((filters & 1) != 0) {
                H5Pset_shuffle(settings);
            }
            if ((filters & 2) != 0) {
                H5Pset_deflate(settings, 9);
            }
            if ((filters & 4) != 0) {
                H5Pset_fletcher32(settings);
            }
            const hid_t space = H5Screate_simple(4, sizes.data(), nullptr);
            const hid_t images =
                H5Dcreate2(file, "images", type, space, H5P_DEFAULT, settings, H5P_DEFAULT);
            H5Dwrite(images, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
            const hid_t line = H5Screate_simple(1, sizes.data(), nullptr);
            const hid_t labels = H5Dcreate2(file, "labels", H5T_STD_U8LE, line, H5P_DEFAULT,
                                            H5P_DEFAULT, H5P_DEFAULT);
            const std::uint8_t classes[] = {6, 5, 4, 3, 2, 1, 0};
            H5Dwrite(labels, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, classes);
            H5Dclose(labels);
            H5Sclose(line);
            H5Dclose(images);
            H5Sclose(space);
            H5Pclose(settings);
            H5Fclose(file);
            const Dataset data = openDataset(path.string());
            std::vector<float> read(values.size());
            data.read(0, 7, read.data());
            EXPECT_EQ(read, values) << "filters " << filters;
            EXPECT_EQ(data.label(0), 6);
        }
    }
}

TEST_F(Hdf5Dataset, ImagesMayBeNumbersOfAnyTypeAndAnyRank) {
    const std::vector<std::int64_t> classes = {1, 0};
    const Dataset words =
        Hdf5Parts(folder_ / "words.h5")
            .add<std::int16_t>("images", H5T_NATIVE_INT16, {2, 3}, {-300, 0, 1, 2, 500, 7})
            .add("labels", H5T_NATIVE_INT64, {2}, classes)
            .open();
    EXPECT_EQ(words.shape(), (Shape{3}));
    EXPECT_THAT(pixelsOf(words), testing::ElementsAre(-300, 0, 1, 2, 500, 7));
    const Dataset doubles =
        Hdf5Parts(folder_ / "doubles.h5")
            .add<double>("images", H5T_NATIVE_DOUBLE, {2, 1, 1, 1, 2}, {0.5, -1, 2, 0.25})
            .add("labels", H5T_NATIVE_INT64, {2, 1}, classes)
            .open();
    EXPECT_EQ(doubles.shape(), (Shape{1, 1, 1, 2}));
    EXPECT_THAT(pixelsOf(doubles), testing::ElementsAre(0.5F, -1, 2, 0.25F));
    EXPECT_EQ(doubles.label(0), 1);
}

std::vector<float> targetsOf(const Dataset& data, std::size_t i) {
    const auto targets = data.targets(i);
    return {targets.begin(), targets.end()};
}

TEST_F(Hdf5Dataset, TargetsAreAsManyNumbersForEachImage) {
    const std::vector<std::uint8_t> images = {1, 2, 3, 4};
    const std::vector<double> targets = {0.5, -1, 2, 1e6, 3, 4};
    const fs::path path = folder_ / "targets.h5";
    const Dataset data = Hdf5Parts(path)
                             .add("images", H5T_NATIVE_UINT8, {2, 1, 2}, images)
                             .add("targets", H5T_NATIVE_DOUBLE, {2, 1, 3}, targets)
                             .open();
    EXPECT_EQ(data.targetElements(), 3U);
    EXPECT_THAT(targetsOf(data, 0), testing::ElementsAre(0.5F, -1, 2));
    EXPECT_THAT(targetsOf(data, 1), testing::ElementsAre(1e6F, 3, 4));
    EXPECT_FALSE(data.hasLabels());
    EXPECT_THAT(targetsOf(openDataset(path.string(), 1), 0), testing::ElementsAre(0.5F, -1, 2));
    const Dataset both = Hdf5Parts(folder_ / "both.h5")
                             .add("images", H5T_NATIVE_UINT8, {2, 1, 2}, images)
                             .add("targets", H5T_NATIVE_DOUBLE, {2}, std::vector<double>{7, 8})
                             .add("labels", H5T_NATIVE_INT64, {2}, std::vector<std::int64_t>{1, 0})
                             .open();
    EXPECT_EQ(both.targetElements(), 1U);
    EXPECT_TRUE(both.hasLabels());
    EXPECT_EQ(both.label(0), 1);
    EXPECT_NE(both.fingerprint(), data.fingerprint());
    Hdf5Parts(folder_ / "few.h5")
        .add("images", H5T_NATIVE_UINT8, {2, 1, 2}, images)
        .add("targets", H5T_NATIVE_DOUBLE, {3}, std::vector<double>{7, 8, 9})
        .close();
    expectRefused((folder_ / "few.h5").string(), "few.h5:/targets", "has 3 rows for 2 images");
    Hdf5Parts(folder_ / "nan.h5")
        .add("images", H5T_NATIVE_UINT8, {2, 1, 2}, images)
        .add("targets", H5T_NATIVE_DOUBLE, {2}, std::vector<double>{7, std::nan("")})
        .close();
    expectRefused((folder_ / "nan.h5").string(), "nan.h5:/targets", "not a finite number");
}

TEST_F(Hdf5Dataset, LabelsMayBeWholeFloatsAndOneHot) {
    const std::vector<std::uint8_t> images = {1, 2, 3, 4};
    const Dataset floats = Hdf5Parts(folder_ / "floats.h5")
                               .add("images", H5T_NATIVE_UINT8, {2, 1, 2}, images)
                               .add<float>("labels", H5T_NATIVE_FLOAT, {2}, {7, 3})
                               .open();
    EXPECT_EQ(floats.label(0), 7);
    EXPECT_EQ(floats.label(1), 3);
    const Dataset oneHot =
        Hdf5Parts(folder_ / "hot.h5")
            .add("images", H5T_NATIVE_UINT8, {2, 1, 2}, images)
            .add<std::uint8_t>("labels", H5T_NATIVE_UINT8, {2, 3}, {0, 0, 1, 1, 0, 0})
            .open();
    EXPECT_EQ(oneHot.label(0), 2);
    EXPECT_EQ(oneHot.label(1), 0);
    Hdf5Parts(folder_ / "half.h5")
        .add("images", H5T_NATIVE_UINT8, {2, 1, 2}, images)
        .add<float>("labels", H5T_NATIVE_FLOAT, {2}, {7, 0.5F})
        .close();
    expectRefused((folder_ / "half.h5").string(), "half.h5:/labels",
                  "label 1 is 0.5, expected a whole number");
}

TEST_F(Hdf5Dataset, VirtualDataSetsAreReadFromTheirFolderOnly) {
    const std::vector<std::uint8_t> images = {1, 2, 3, 4};
    Hdf5Parts(folder_ / "source.h5").add("part", H5T_NATIVE_UINT8, {2, 1, 2}, images).close();
    const auto made = [&](const std::string& source, hsize_t rows) {
        const hsize_t sizes[] = {rows, 1, 2};
        const hsize_t two[] = {2, 1, 2};
        const hsize_t origin[] = {0, 0, 0};
        const hid_t space = H5Screate_simple(3, sizes, nullptr);
        const hid_t from = H5Screate_simple(3, two, nullptr);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, origin, nullptr, two, nullptr);
        const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_virtual(settings, space, source.c_str(), "part", from);
        Hdf5Parts file(folder_ / "virtual.h5");
        H5Dclose(H5Dcreate2(file.id(), "images", H5T_NATIVE_UINT8, space, H5P_DEFAULT, settings,
                            H5P_DEFAULT));
        file.add("labels", H5T_NATIVE_INT64, {rows}, std::vector<std::int64_t>(rows, 5));
        H5Fclose(file.id());
        H5Pclose(settings);
        H5Sclose(from);
        H5Sclose(space);
        return (folder_ / "virtual.h5").string();
    };
    EXPECT_THAT(pixelsOf(openDataset(made("source.h5", 2))),
                testing::ElementsAre(1 / 255.0F, 2 / 255.0F, 3 / 255.0F, 4 / 255.0F));
    expectRefused(made("source.h5", 3), "virtual.h5:/images", "6 values; its sources have 4");
    expectRefused(made("nowhere.h5", 2), "virtual.h5:/images", "nowhere.h5, which is missing");
    expectRefused(made((folder_ / "source.h5").string(), 2), "virtual.h5:/images",
                  "expected sources in the folder of the file");
    expectRefused(made("../source.h5", 2), "virtual.h5:/images", "expected sources in the folder");
}

TEST_F(Hdf5Dataset, ChunksThatWereNeverWrittenAreNotZeros) {
    Hdf5Parts file(folder_ / "gap.h5");
    const hsize_t sizes[] = {4, 1, 2};
    const hsize_t sides[] = {2, 1, 2};
    const hid_t space = H5Screate_simple(3, sizes, nullptr);
    const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(settings, 3, sides);
    H5Dclose(H5Dcreate2(file.id(), "images", H5T_NATIVE_UINT8, space, H5P_DEFAULT, settings,
                        H5P_DEFAULT));
    file.add("labels", H5T_NATIVE_INT64, {4}, std::vector<std::int64_t>(4, 5));
    H5Fclose(file.id());
    H5Pclose(settings);
    H5Sclose(space);
    expectRefused((folder_ / "gap.h5").string(), "gap.h5:/images", "never written");
}

TEST_F(Hdf5Dataset, ChunksThatH5pyPackedWithLzfAreUnpacked) {
    // Two chunks; h5py writes the version of the filter, that of lzf, and the size of a chunk.
    Hdf5Parts file(folder_ / "lzf.h5");
    const hsize_t sizes[] = {2, 1, 200};
    const hsize_t sides[] = {1, 1, 200};
    const unsigned values[] = {4, 0x105, 200};
    const hid_t space = H5Screate_simple(3, sizes, nullptr);
    const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(settings, 3, sides);
    // Ours can't pack: a filter that claims to stands in while the file is made.
    const H5Z_class2_t packer = {H5Z_CLASS_T_VERS,
                                 32000,
                                 1,
                                 1,
                                 "packer",
                                 nullptr,
                                 nullptr,
                                 [](unsigned, std::size_t, const unsigned*, std::size_t,
                                    std::size_t*, void**) -> std::size_t { return 0; }};
    if (H5Zfilter_avail(32000) > 0) H5Zunregister(32000);
    ASSERT_GE(H5Zregister(&packer), 0);
    ASSERT_GE(H5Pset_filter(settings, 32000, H5Z_FLAG_OPTIONAL, 3, values), 0);
    const hid_t dataset = H5Dcreate2(file.id(), "images", H5T_NATIVE_UINT8, space, H5P_DEFAULT,
                                     settings, H5P_DEFAULT);
    for (hsize_t image = 0; image < 2; ++image) {
        std::vector<std::uint8_t> packed(200);
        std::vector<std::uint8_t> pixels(200, static_cast<std::uint8_t>(7 + image));
        pixels[199] = 99;
        const unsigned length = lzf_compress(pixels.data(), 200, packed.data(), 199);
        ASSERT_GT(length, 0U);
        const hsize_t first[] = {image, 0, 0};
        ASSERT_GE(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, first, length, packed.data()), 0);
    }
    H5Dclose(dataset);
    H5Pclose(settings);
    H5Sclose(space);
    file.add("labels", H5T_NATIVE_INT64, {2}, std::vector<std::int64_t>{1, 2}).close();
    ASSERT_GE(H5Zunregister(32000), 0);
    const Dataset data = openDataset((folder_ / "lzf.h5").string());
    const std::vector<float> pixels = pixelsOf(data);
    EXPECT_EQ(pixels[0], 7 / 255.0F);
    EXPECT_EQ(pixels[199], 99 / 255.0F);
    EXPECT_EQ(pixels[200], 8 / 255.0F);
    EXPECT_EQ(pixels[399], 99 / 255.0F);
}

}  // namespace
}  // namespace brownout::test
