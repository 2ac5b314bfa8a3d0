// Data sets in HDF5 files: `images` and `labels`.

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
    readLabels(Hdf5Array(file, path.string(), "labels", most), images.sizes()[0], content);
    return content;
}

}  // namespace brownout
