// Data sets in HDF5 files: `images` and `labels`.

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/hdf5/hdf5_handle.h"
#include "base/numbers.h"
#include "inference/data/dataset_readers.h"
#include "inference/data/hdf5_array.h"

namespace brownout {
namespace {

void readImages(const Hdf5Array& images, Dataset::Content& content) {
    const std::size_t rank = images.sizes().size();
    if (rank < 2) {
        throw Error(images.place(), "has one axis, expected (N, C, H, W), (N, H, W) or (N, ...)");
    }
    // Of pictures without a channel axis, the one channel.
    if (rank == 3) content.shape.push_back(1);
    for (std::size_t i = 1; i < rank; ++i) {
        content.shape.push_back(static_cast<std::int64_t>(images.sizes()[i]));
    }
    if (images.holdsBytes()) {
        content.bytes.resize(images.count());
        images.read(H5T_NATIVE_UINT8, content.bytes.data());
        return;
    }
    content.floats.resize(images.count());
    images.read(H5T_NATIVE_FLOAT, content.floats.data());
    for (std::size_t i = 0; i < content.floats.size(); ++i) {
        if (!std::isfinite(content.floats[i])) {
            throw Error(images.place(), "image " + std::to_string(i / elementCount(content.shape)) +
                                            " has a pixel that is not a finite number");
        }
    }
}

/// Returns the class of image `i` of `row`: its one number, or the place of the 1 among zeros.
std::int32_t classOf(const double* row, std::size_t columns, std::size_t i,
                     const std::string& place) {
    const std::string label = "label " + std::to_string(i) + " is ";
    if (columns == 1) {
        if (!(row[0] >= 0 && row[0] <= std::numeric_limits<std::int32_t>::max())) {
            throw Error(place, label + shortestNumber(row[0]));
        }
        if (row[0] != std::floor(row[0])) {
            throw Error(place, label + shortestNumber(row[0]) + ", expected a whole number");
        }
        return static_cast<std::int32_t>(row[0]);
    }
    std::size_t ones = 0;
    std::size_t at = 0;
    for (std::size_t c = 0; c < columns; ++c) {
        if (row[c] == 0) continue;
        ones += row[c] == 1 ? 1 : columns;
        at = c;
    }
    if (ones != 1) {
        throw Error(place, label + "neither a class nor one-hot (a 1 among zeros)");
    }
    return static_cast<std::int32_t>(at);
}

void readLabels(const Hdf5Array& labels, hsize_t images, Dataset::Content& content) {
    const std::vector<hsize_t>& sizes = labels.sizes();
    if (sizes.size() > 2 || sizes[0] != images) {
        throw Error(labels.place(), "has " + std::to_string(sizes[0]) + " values in " +
                                        std::to_string(sizes.size()) + " axes for " +
                                        std::to_string(images) + " images");
    }
    const std::size_t columns = sizes.size() == 2 ? sizes[1] : 1;
    std::vector<double> values(labels.count());
    labels.read(H5T_NATIVE_DOUBLE, values.data());
    for (std::size_t i = 0; i < values.size() / columns; ++i) {
        content.labels.push_back(classOf(&values[i * columns], columns, i, labels.place()));
    }
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
