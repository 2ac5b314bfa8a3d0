#pragma once

#include <gtest/gtest.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <filesystem>
#include <vector>

#include "inference/data/dataset.h"

namespace brownout::test {

/// Writes `images` (floats of shape sizes) and `labels`.
inline void writeHdf5(const std::filesystem::path& path, const std::vector<hsize_t>& sizes,
                      const std::vector<float>& values, const std::vector<std::int64_t>& labels) {
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
    const hid_t images =
        H5Dcreate2(file, "images", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(images, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Dclose(images);
    H5Sclose(space);
    if (!labels.empty()) {
        const hsize_t count = labels.size();
        const hid_t line = H5Screate_simple(1, &count, nullptr);
        const hid_t dataset =
            H5Dcreate2(file, "labels", H5T_STD_I64LE, line, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, labels.data());
        H5Dclose(dataset);
        H5Sclose(line);
    }
    H5Fclose(file);
}

/// A file whose `images` and `labels` the caller makes.
class Hdf5Parts {
 public:
    explicit Hdf5Parts(const std::filesystem::path& path)
        : path_(path), file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
    template <typename T>
    Hdf5Parts& add(const char* name, hid_t type, const std::vector<hsize_t>& sizes,
                   const std::vector<T>& values) {
        EXPECT_GE(H5LTmake_dataset(file_, name, static_cast<int>(sizes.size()), sizes.data(), type,
                                   values.data()),
                  0);
        return *this;
    }
    hid_t id() const { return file_; }
    void close() { H5Fclose(file_); }
    Dataset open() {
        close();
        return openDataset(path_.string());
    }

 private:
    std::filesystem::path path_;
    hid_t file_;
};

}  // namespace brownout::test
