// Data sets in HDF5 files; with hdf5_chunks.cpp the only part of this folder that knows HDF5.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/hdf5/hdf5_handle.h"
#include "base/numbers.h"
#include "inference/data/dataset_readers.h"
#include "inference/data/hdf5_chunks.h"

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

/// A data set, of which the first `taken[0]` rows are used.
struct Array {
    DatasetHandle dataset;
    TypeHandle type;
    std::vector<hsize_t> sizes;  ///< in the file
    std::vector<hsize_t> taken;  ///< sizes of the part that is read
    std::size_t count = 1;       ///< elements of that part
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
    double bytes = static_cast<double>(H5Tget_size(array.type.get()));
    for (const hsize_t size : array.sizes) bytes *= static_cast<double>(size);
    double chunks = 0;
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
            chunks *=
                std::ceil(static_cast<double>(array.sizes[i]) / static_cast<double>(sides[i]));
            chunkBytes *= static_cast<double>(sides[i]);
        }
        if (chunkBytes > static_cast<double>(kMostPerByte * fileBytes)) {
            throw Error(place, "has chunks larger than its file can hold: corrupted");
        }
        if (chunkBytes > static_cast<double>(kMaxDatasetBytes)) throw tooManyImages(place);
    }
    if (bytes > static_cast<double>((packed ? kMostPerByte : 1) * fileBytes) ||
        chunks > static_cast<double>(fileBytes)) {
        throw Error(place, "should have " + shortestNumber(bytes) + " bytes, more than a file of " +
                               std::to_string(fileBytes) + " can hold: truncated or corrupted");
    }
}

/// Opens the data set for reading its first `most` rows.
Array openArray(const FileHandle& file, const std::string& name, const std::string& place,
                std::size_t most) {
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
    std::vector<hsize_t> taken = sizes;
    taken[0] = std::min<hsize_t>(taken[0], most);
    const std::size_t elementBytes = H5Tget_size(type.get()) == 1 ? 1 : sizeof(float);
    std::size_t count = 1;
    // The first axis last: fewer images may be asked for, but not smaller ones.
    for (std::size_t axis = taken.size(); axis-- > 0;) {
        if (taken[axis] == 0) throw Error(place, "has an axis of size 0");
        if (taken[axis] > kMaxDatasetBytes / elementBytes / count) throw tooManyImages(place);
        count *= taken[axis];
    }
    hsize_t fileBytes = 0;
    if (H5Fget_filesize(file.get(), &fileBytes) < 0) {
        throw Error(place, "the size of its file cannot be read");
    }
    Array array{std::move(dataset), std::move(type), std::move(sizes),
                std::move(taken),   count,           fileBytes};
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
            readChunks(array.dataset.get(), array.taken, fileBytes, array.fileBytes, place);
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
    const int rank = static_cast<int>(array.taken.size());
    const std::vector<hsize_t> origin(array.taken.size(), 0);
    const SpaceHandle memory(H5Screate_simple(rank, array.taken.data(), nullptr));
    const SpaceHandle part(H5Dget_space(array.dataset.get()));
    if (H5Sselect_hyperslab(part.get(), H5S_SELECT_SET, origin.data(), nullptr, array.taken.data(),
                            nullptr) < 0 ||
        H5Dread(array.dataset.get(), memoryType, memory.get(), part.get(), H5P_DEFAULT, values) <
            0) {
        throw Error(place, "cannot be read: truncated or corrupted");
    }
}

/// Reads the first `most` images. Returns how many the file has.
hsize_t readImages(const FileHandle& file, const std::string& path, std::size_t most,
                   Dataset::Content& content) {
    const std::string place = path + ":/images";
    const Array images = openArray(file, "images", place, most);
    if (images.sizes.size() < 3) {
        throw Error(place, "has " + std::to_string(images.sizes.size()) +
                               " axes, expected (N, H, W) or (N, C, H, W)");
    }
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
        readAll(images, H5T_NATIVE_UINT8, content.bytes.data(), place);
        return images.sizes[0];
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
    return images.sizes[0];
}

Dataset::Content read(const std::filesystem::path& path, std::size_t most) {
    const FileHandle file =
        opened(FileHandle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)), path.string(),
               "is not a readable HDF5 file: truncated or corrupted");
    Dataset::Content content;
    content.place = path.string();
    const hsize_t count = readImages(file, path.string(), most, content);

    const std::string place = path.string() + ":/labels";
    const Array labels = openArray(file, "labels", place, most);
    if (labels.sizes.size() != 1 || labels.sizes[0] != count) {
        throw Error(place, "has " + std::to_string(labels.sizes[0]) + " values in " +
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

Dataset::Content readHdf5Dataset(const std::filesystem::path& path, std::size_t most) {
    const Hdf5Session session;
    return read(path, most);
}

}  // namespace brownout
