// Damaged data sets: whatever is wrong with one, it loads as something sensible or is refused in
// one line.

#include <gtest/gtest.h>
#include <hdf5.h>
#include <zip.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "base/trial_run.h"
#include "inference/data/dataset.h"
#include "tests/base/npy_file.h"
#include "tests/inference/data_folder.h"
#include "tests/inference/mutations.h"
#include "tests/inference/pickled_batch.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;

class DatasetMutations : public testing::Test {
 protected:
    fs::path write(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
        return folder_ / name;
    }

    void useDataset(const std::string& spec) {
        const Dataset data = openDataset(spec);
        std::vector<float> image(data.imageElements());
        data.read(data.size() - 1, 1, image.data());
        EXPECT_GE(data.label(data.size() - 1), 0);
    }

    /// Uses a file as programs use HDF5 files of strangers: in a child process first.
    void tryDataset(const std::string& spec) {
        tryInChild({spec, "the HDF5 library", 2}, [&] { useDataset(spec); });
        useDataset(spec);
    }

    TemporaryFolder folder_;
};

std::string idxBytes(const std::vector<std::uint8_t>& sizes) {
    std::string bytes = {0, 0, 8, static_cast<char>(sizes.size())};
    std::size_t count = 1;
    for (std::uint8_t size : sizes) {
        bytes += std::string(3, '\0') + static_cast<char>(size);
        count *= size;
    }
    for (std::size_t i = 0; i < count; ++i) {
        bytes += static_cast<char>(i % 10);
    }
    return bytes;
}

std::string packed(const std::string& bytes, const fs::path& scratch) {
    gzFile file = gzopen(scratch.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return readFile(scratch);
}

TEST_F(DatasetMutations, DamagedIdxFilesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(13);
    const std::string images = idxBytes({5, 4, 3});
    const std::string labels = idxBytes({5});
    const std::string zipped = packed(images, folder_ / "scratch.gz");
    for (int i = 0; i < 150; ++i) {
        SCOPED_TRACE(i);
        const bool damageLabels = i % 3 == 0;
        const bool gzip = i % 3 == 1;
        const std::string intact = gzip ? zipped : images;
        write("x-images-idx3-ubyte", damageLabels ? intact : damaged(intact, random));
        write("x-labels-idx1-ubyte", damageLabels ? damaged(labels, random) : labels);
        attempt(tally, folder_.path().string(), [&] {
            useDataset((folder_ / "x-images-idx3-ubyte").string() + "," +
                       (folder_ / "x-labels-idx1-ubyte").string());
        });
    }
    report("IDX files", tally, 150);
}

TEST_F(DatasetMutations, DamagedPicturesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(16);
    write("list.csv", "it,1\n");
    int pictures = 0;
    for (const auto& entry :
         fs::directory_iterator(fs::path(BROWNOUT_INFERENCE_DATA) / "pictures")) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() == ".py" || name == "expected.txt") continue;
        ++pictures;
        const std::string intact = readFile(entry.path());
        for (int i = 0; i < 60; ++i) {
            SCOPED_TRACE(name + " " + std::to_string(i));
            write("it", damaged(intact, random));
            attempt(tally, folder_.path().string(),
                    [&] { useDataset((folder_ / "list.csv").string()); });
        }
    }
    EXPECT_EQ(pictures, 19);
    report("pictures", tally, 19 * 60);
}

TEST_F(DatasetMutations, DamagedPictureListsAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(17);
    write("a.png", readFile(fs::path(BROWNOUT_INFERENCE_DATA) / "pictures" / "rgb.png"));
    const std::string intact = "file,label\na.png,1\n\"a.png\",22\r\n\na.png,3\n";
    for (int i = 0; i < 150; ++i) {
        SCOPED_TRACE(i);
        write("list.csv", damaged(intact, random));
        attempt(tally, folder_.path().string(),
                [&] { useDataset((folder_ / "list.csv").string()); });
    }
    report("picture lists", tally, 150);
}

TEST_F(DatasetMutations, DamagedNumPyFilesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(18);
    const std::string labels = npyFile("<i8", "(2,)", bytesOf<std::int64_t>({1, 0}));
    const std::string bytes = npyFile("|u1", "(2, 3, 4)", std::string(24, 'x'));
    const std::string floats =
        npyFile("<f4", "(2, 3, 2)", bytesOf(std::vector<float>(12, 0.5F)), true);
    for (const bool deflated : {false, true}) {
        zip_t* archive =
            zip_open((folder_ / "intact.npz").c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
        for (const auto& [name, content] :
             {std::pair("x.npy", &bytes), std::pair("y.npy", &labels)}) {
            const auto index = zip_file_add(
                archive, name, zip_source_buffer(archive, content->data(), content->size(), 0), 0);
            zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                                     deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
        }
        ASSERT_EQ(zip_close(archive), 0);
        const std::string zipped = readFile(folder_ / "intact.npz");
        for (int i = 0; i < 200; ++i) {
            SCOPED_TRACE(i);
            write("damaged.npz", damaged(zipped, random));
            attempt(tally, folder_.path().string(),
                    [&] { useDataset((folder_ / "damaged.npz").string()); });
            write("x.npy", i % 3 == 0 ? bytes : damaged(i % 3 == 1 ? bytes : floats, random));
            write("y.npy", i % 3 == 0 ? damaged(labels, random) : labels);
            attempt(tally, folder_.path().string(), [&] {
                useDataset((folder_ / "x.npy").string() + "," + (folder_ / "y.npy").string());
            });
        }
    }
    report("NumPy files", tally, 800);
}

TEST_F(DatasetMutations, DamagedPicklesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(19);
    const std::string pixels(2 * 3072, 'x');
    for (const std::string& intact :
         {pickledBatch("labels", "\x03\x07", pixels), pickledAsText("\x03\x07", pixels),
          pickledBatch4("\x03\x07", pixels)}) {
        write("batch", intact);
        useDataset((folder_ / "batch").string());
        // Most damage would hit pixels, which may be anything.
        const std::size_t begin = intact.find(std::string(100, 'x'));
        const std::string head = intact.substr(0, begin);
        const std::string tail = intact.substr(begin + pixels.size());
        for (int i = 0; i < 300; ++i) {
            SCOPED_TRACE(i);
            write("batch", i % 3 == 0   ? head + pixels + damaged(tail, random)
                           : i % 3 == 1 ? damaged(intact, random)
                                        : damaged(head, random) + pixels + tail);
            attempt(tally, folder_.path().string(),
                    [&] { useDataset((folder_ / "batch").string()); });
        }
    }
    report("pickles", tally, 900);
}

TEST_F(DatasetMutations, DamagedCifarFilesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(14);
    std::string records;
    for (int i = 0; i < 3; ++i) {
        records += static_cast<char>(i) + std::string(3072, static_cast<char>(37 * i));
    }
    for (int i = 0; i < 60; ++i) {
        SCOPED_TRACE(i);
        write("test_batch.bin", damaged(records, random));
        attempt(tally, folder_.path().string(), [&] { useDataset(folder_.path().string()); });
    }
    report("CIFAR-10 files", tally, 60);
}

/// A small HDF5 data set, its images compressed and with checksums.
void writeHdf5(const fs::path& path) {
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t sizes[] = {6, 1, 8, 8};
    const hid_t space = H5Screate_simple(4, sizes, nullptr);
    const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk[] = {2, 1, 8, 8};
    H5Pset_chunk(settings, 4, chunk);
    H5Pset_deflate(settings, 6);
    H5Pset_fletcher32(settings);
    const hid_t images =
        H5Dcreate2(file, "images", H5T_STD_U8LE, space, H5P_DEFAULT, settings, H5P_DEFAULT);
    std::vector<std::uint8_t> pixels(6 * 64);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        pixels[i] = static_cast<std::uint8_t>(i * 7);
    }
    H5Dwrite(images, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, pixels.data());
    const hid_t line = H5Screate_simple(1, sizes, nullptr);
    const hid_t labels =
        H5Dcreate2(file, "labels", H5T_STD_I32LE, line, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const std::int32_t classes[] = {0, 1, 2, 3, 4, 5};
    H5Dwrite(labels, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, classes);
    H5Dclose(labels);
    H5Sclose(line);
    H5Dclose(images);
    H5Pclose(settings);
    H5Sclose(space);
    H5Fclose(file);
}

TEST_F(DatasetMutations, DamagedHdf5FilesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(15);
    writeHdf5(folder_ / "intact.h5");
    const std::string bytes = readFile(folder_ / "intact.h5");
    useDataset((folder_ / "intact.h5").string());
    for (int i = 0; i < 300; ++i) {
        SCOPED_TRACE(i);
        write("damaged.h5", damaged(bytes, random));
        attempt(tally, folder_.path().string(),
                [&] { tryDataset((folder_ / "damaged.h5").string()); });
    }
    report("HDF5 data sets", tally, 300);
}

TEST_F(DatasetMutations, EveryByteOfAnHdf5DataSetMayBeWrong) {
    writeHdf5(folder_ / "intact.h5");
    const std::string bytes = readFile(folder_ / "intact.h5");
    Tally tally;
    for (std::size_t i = 0; i < bytes.size(); i += i < 2500 ? 1 : 7) {
        const char wrong = i % 2 == 0 ? static_cast<char>(0xFF) : static_cast<char>(bytes[i] ^ 4);
        if (wrong == bytes[i]) continue;
        std::string content = bytes;
        content[i] = wrong;
        write("damaged.h5", content);
        SCOPED_TRACE(i);
        attempt(tally, folder_.path().string(),
                [&] { tryDataset((folder_ / "damaged.h5").string()); });
    }
    report("bytes of HDF5 data sets", tally, 2500);
}

}  // namespace
}  // namespace brownout::test
