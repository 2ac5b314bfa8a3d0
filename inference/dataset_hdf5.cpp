// Data sets in HDF5 files; with hdf5_chunks.cpp the only part of this folder that knows HDF5.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/hdf5/hdf5_handle.h"
#include "inference/dataset_readers.h"
#include "inference/hdf5_chunks.h"

namespace brownout {

namespace {

/// `handle`, which the library could open or make.
template <typename Handle>
Handle opened(Handle handle, const std::string& place, const std::string& problem) {
    if (!handle) throw Error(place, problem);
    return handle;
}

PropertyHandle settingsOf(const DatasetHandle& dataset, const std::string& place) {
    return opened(PropertyHandle(H5Dget_create_plist(dataset.get())), place,
                  "has no readable layout");
}

struct Array {
    DatasetHandle dataset;
    TypeHandle type;
    std::vector<hsize_t> sizes;
    std::size_t count = 1;
    hsize_t fileBytes = 0;
};

/// Refuses a shape that the file is too small for: reading it would take memory and time without
/// end. A byte of a compressed file holds at most 1032 (the limit of deflate), and no chunk takes
/// no bytes.
void checkPossible(const Array& array, const std::string& place) {
    const hsize_t fileBytes = array.fileBytes;
    constexpr hsize_t kMostPerByte = 1040;
    const PropertyHandle settings = settingsOf(array.dataset, place);
    const bool chunked = H5Pget_layout(settings.get()) == H5D_CHUNKED;
    const bool packed = chunked && H5Pget_nfilters(settings.get()) > 0;
    const hsize_t bytes = array.count * H5Tget_size(array.type.get());
    hsize_t chunks = 0;
    if (chunked) {
        std::vector<hsize_t> sides(array.sizes.size());
        const int rank = static_cast<int>(sides.size());
        if (H5Pget_chunk(settings.get(), rank, sides.data()) != rank) {
            throw Error(place, "has no readable layout");
        }
        chunks = 1;
        double chunkBytes = static_cast<double>(H5Tget_size(array.type.get()));
        for (std::size_t i = 0; i < sides.size(); ++i) {
            if (sides[i] == 0) {
                throw Error(place, "has chunks of size 0");
            }
            chunks *= (array.sizes[i] + sides[i] - 1) / sides[i];
            chunkBytes *= static_cast<double>(sides[i]);
        }
        if (chunkBytes > static_cast<double>(kMostPerByte * fileBytes)) {
            throw Error(place, "has chunks larger than its file can hold: corrupted");
        }
    }
    if (bytes > (packed ? kMostPerByte : 1) * fileBytes || chunks > fileBytes) {
        throw Error(place, "should have " + std::to_string(bytes) + " bytes, more than a file of " +
                               std::to_string(fileBytes) + " can hold: truncated or corrupted");
    }
}

Array openArray(const FileHandle& file, const std::string& name, const std::string& place) {
    if (H5Lexists(file.get(), name.c_str(), H5P_DEFAULT) <= 0) {
        throw Error(place, "is missing");
    }
    DatasetHandle dataset = opened(DatasetHandle(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT)),
                                   place, "is not a data set, or is corrupted");
    TypeHandle type = opened(TypeHandle(H5Dget_type(dataset.get())), place, "has no readable type");
    const SpaceHandle space =
        opened(SpaceHandle(H5Dget_space(dataset.get())), place, "has no readable shape");
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 1 || rank > 4) {
        throw Error(place, "has " + std::to_string(rank) + " axes");
    }
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
    if (H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr) != rank) {
        throw Error(place, "has no readable shape");
    }
    std::size_t count = 1;
    for (hsize_t size : sizes) {
        if (size == 0 || size > kMaxDatasetBytes / sizeof(float) / count) {
            throw Error(place, "has an axis of size " + std::to_string(size));
        }
        count *= size;
    }
    hsize_t fileBytes = 0;
    if (H5Fget_filesize(file.get(), &fileBytes) < 0) {
        throw Error(place, "the size of its file cannot be read");
    }
    Array array{std::move(dataset), std::move(type), std::move(sizes), count, fileBytes};
    checkPossible(array, place);
    return array;
}

/// Reads all elements as `memoryType`; `values` has room for them.
void readAll(const Array& array, hid_t memoryType, void* values, const std::string& place) {
    const std::size_t fileBytes = H5Tget_size(array.type.get());
    const std::size_t memoryBytes = H5Tget_size(memoryType);
    const PropertyHandle settings = settingsOf(array.dataset, place);
    const H5D_layout_t layout = H5Pget_layout(settings.get());
    if (layout == H5D_CHUNKED) {
        std::vector<std::uint8_t> bytes =
            readChunks(array.dataset.get(), array.sizes, fileBytes, array.fileBytes, place);
        bytes.resize(array.count * std::max(fileBytes, memoryBytes));
        if (H5Tconvert(array.type.get(), memoryType, array.count, bytes.data(), nullptr,
                       H5P_DEFAULT) < 0) {
            throw Error(place, "has a type that can't be converted");
        }
        std::memcpy(values, bytes.data(), array.count * memoryBytes);
        return;
    }
    if ((layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) ||
        H5Pget_external_count(settings.get()) != 0) {
        throw Error(place, "has its data in other files or data sets");
    }
    if (H5Dget_storage_size(array.dataset.get()) < array.count * fileBytes) {
        throw Error(place, "has less data than its shape asks for: truncated or corrupted");
    }
    if (H5Dread(array.dataset.get(), memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        throw Error(place, "cannot be read: truncated or corrupted");
    }
}

void readImages(const FileHandle& file, const std::string& path, Dataset::Content& content,
                std::size_t& count) {
    const std::string place = path + ":/images";
    const Array images = openArray(file, "images", place);
    if (images.sizes.size() < 3) {
        throw Error(place, "has " + std::to_string(images.sizes.size()) +
                               " axes, expected (N, H, W) or (N, C, H, W)");
    }
    count = images.sizes[0];
    if (images.sizes.size() == 3) {
        content.shape.push_back(1);
    }
    for (std::size_t i = 1; i < images.sizes.size(); ++i) {
        content.shape.push_back(static_cast<std::int64_t>(images.sizes[i]));
    }
    const H5T_class_t kind = H5Tget_class(images.type.get());
    if (kind == H5T_INTEGER && H5Tget_size(images.type.get()) == 1 &&
        H5Tget_sign(images.type.get()) == H5T_SGN_NONE) {
        content.bytes.resize(images.count);
        return readAll(images, H5T_NATIVE_UINT8, content.bytes.data(), place);
    }
    if (kind != H5T_FLOAT) {
        throw Error(place, "has neither unsigned bytes nor floats");
    }
    content.floats.resize(images.count);
    readAll(images, H5T_NATIVE_FLOAT, content.floats.data(), place);
    for (std::size_t i = 0; i < content.floats.size(); ++i) {
        if (!std::isfinite(content.floats[i])) {
            throw Error(place, "image " + std::to_string(i / elementCount(content.shape)) +
                                   " has a pixel that is not a finite number");
        }
    }
}

Dataset::Content read(const std::filesystem::path& path) {
    const FileHandle file =
        opened(FileHandle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)), path.string(),
               "is not a readable HDF5 file: truncated or corrupted");
    Dataset::Content content;
    content.place = path.string();
    std::size_t count = 0;
    readImages(file, path.string(), content, count);

    const std::string place = path.string() + ":/labels";
    const Array labels = openArray(file, "labels", place);
    if (labels.sizes.size() != 1 || labels.count != count) {
        throw Error(place, "has " + std::to_string(labels.count) + " values in " +
                               std::to_string(labels.sizes.size()) + " axes for " +
                               std::to_string(count) + " images");
    }
    if (H5Tget_class(labels.type.get()) != H5T_INTEGER) {
        throw Error(place, "has no integers");
    }
    std::vector<std::int64_t> values(labels.count);
    readAll(labels, H5T_NATIVE_INT64, values.data(), place);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] < 0 || values[i] > std::numeric_limits<std::int32_t>::max()) {
            throw Error(place, "label " + std::to_string(i) + " is " + std::to_string(values[i]));
        }
        content.labels.push_back(static_cast<std::int32_t>(values[i]));
    }
    return content;
}

}  // namespace

Dataset::Content readHdf5Dataset(const std::filesystem::path& path) {
    const Hdf5Session session;
    return read(path);
}

}  // namespace brownout
