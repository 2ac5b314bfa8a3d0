// Data sets in HDF5 files: `images`, and `labels` or `targets`.

#include <cmath>

#include "base/error.h"
#include "base/hdf5/hdf5_handle.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/hdf5_array.h"
#include "inference/data/readers/number_arrays.h"

namespace brownout {
namespace {

std::vector<std::uint64_t> sizesOf(const Hdf5Array& array) {
    return {array.sizes().begin(), array.sizes().end()};
}

void readImages(const Hdf5Array& images, Dataset::Content& content) {
    content.shape = shapeOfImages(sizesOf(images), images.place());
    if (images.holdsBytes()) {
        content.bytes.resize(images.count());
        images.read(H5T_NATIVE_UINT8, content.bytes.data());
        return;
    }
    content.floats.resize(images.count());
    images.read(H5T_NATIVE_FLOAT, content.floats.data());
    checkFinite(content, images.place());
}

void readLabels(const Hdf5Array& labels, hsize_t images, Dataset::Content& content) {
    checkLabelSizes(sizesOf(labels), images, labels.place());
    std::vector<double> values(labels.count());
    labels.read(H5T_NATIVE_DOUBLE, values.data());
    const std::size_t columns = labels.sizes().size() == 2 ? labels.sizes()[1] : 1;
    content.labels = classesOf(values, columns, labels.place());
}

void readTargets(const Hdf5Array& targets, hsize_t images, Dataset::Content& content) {
    if (targets.sizes()[0] != images) {
        throw Error(targets.place(), "has " + std::to_string(targets.sizes()[0]) + " rows for " +
                                         std::to_string(images) + " images");
    }
    content.targets.resize(targets.count());
    targets.read(H5T_NATIVE_FLOAT, content.targets.data());
    for (const float target : content.targets) {
        if (!std::isfinite(target)) {
            throw Error(targets.place(), "has a target that is not a finite number");
        }
    }
}

bool has(const FileHandle& file, const char* name) {
    return H5Lexists(file.get(), name, H5P_DEFAULT) > 0;
}

}  // namespace

Dataset::Content readHdf5Dataset(const std::filesystem::path& path, std::size_t most) {
    const Hdf5Session session;
    const FileHandle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
    if (!file) {
        throw Error(path.string(), "is not a readable HDF5 file: truncated or corrupted");
    }
    Dataset::Content content;
    content.place = path.string();
    const Hdf5Array images(file, path.string(), "images", most);
    readImages(images, content);
    if (has(file, "targets")) {
        readTargets(Hdf5Array(file, path.string(), "targets", most), images.sizes()[0], content);
    }
    if (content.targets.empty() || has(file, "labels")) {
        readLabels(Hdf5Array(file, path.string(), "labels", most), images.sizes()[0], content);
    } else {
        content.labels.assign(images.count() / elementCount(content.shape), kNoLabel);
    }
    return content;
}

}  // namespace brownout
