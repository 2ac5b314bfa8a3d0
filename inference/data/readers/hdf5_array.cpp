#include "inference/data/readers/hdf5_array.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/numbers.h"
#include "inference/data/readers/dataset_readers.h"
#include "inference/data/readers/lzf_filter.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

/// Returns `handle`, which the library could open or make. Throws Error otherwise.
template <typename Handle>
Handle opened(Handle handle, const std::string& place, const std::string& problem) {
    if (!handle) throw Error(place, problem);
    return handle;
}

DatasetHandle openDataset(const FileHandle& file, const std::string& name,
                          const std::string& place) {
    if (H5Lexists(file.get(), name.c_str(), H5P_DEFAULT) <= 0) throw Error(place, "is missing");
    return opened(DatasetHandle(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT)), place,
                  "is not a data set, or is corrupted");
}

/// Reads a name that the library writes to a buffer of which it tells the size.
template <typename Get>
std::string nameFrom(const Get& get, const std::string& place) {
    const ssize_t length = get(nullptr, 0);
    if (length <= 0 || length > 4096) throw Error(place, "has no readable list of its sources");
    std::string name(static_cast<std::size_t>(length) + 1, '\0');
    get(name.data(), name.size());
    name.resize(static_cast<std::size_t>(length));
    return name;
}

bool staysInside(const fs::path& path) {
    return path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

}  // namespace

Hdf5Array::Hdf5Array(const FileHandle& file, const std::string& path, const std::string& name,
                     std::size_t most)
    : place_(path + ":/" + name),
      dataset_(openDataset(file, name, place_)),
      type_(opened(TypeHandle(H5Dget_type(dataset_.get())), place_, "has no readable type")),
      settings_(opened(PropertyHandle(H5Dget_create_plist(dataset_.get())), place_,
                       "has no readable layout")) {
    const H5T_class_t kind = H5Tget_class(type_.get());
    if (kind != H5T_INTEGER && kind != H5T_FLOAT && kind != H5T_ENUM) {
        throw Error(place_, "holds no numbers");
    }
    takeShape(most);
    checkFilters();
    if (H5Pget_external_count(settings_.get()) != 0) {
        throw Error(place_, "has its data in other files, as raw bytes");
    }
    if (H5Pget_layout(settings_.get()) == H5D_VIRTUAL) {
        checkSources(path);
    } else {
        checkStored(file);
    }
}

void Hdf5Array::takeShape(std::size_t most) {
    const SpaceHandle space =
        opened(SpaceHandle(H5Dget_space(dataset_.get())), place_, "has no readable shape");
    constexpr int kMostAxes = 8;
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 1 || rank > kMostAxes) {
        throw Error(place_, "has " + std::to_string(rank) + " axes");
    }
    sizes_.resize(static_cast<std::size_t>(rank));
    if (H5Sget_simple_extent_dims(space.get(), sizes_.data(), nullptr) != rank) {
        throw Error(place_, "has no readable shape");
    }
    taken_ = sizes_;
    taken_[0] = std::min<hsize_t>(taken_[0], most);
    const std::size_t elementBytes = H5Tget_size(type_.get()) == 1 ? 1 : sizeof(float);
    // The first axis last: fewer images may be asked for, but not smaller ones.
    for (std::size_t axis = taken_.size(); axis-- > 0;) {
        if (taken_[axis] == 0) throw Error(place_, "has an axis of size 0");
        if (taken_[axis] > kMaxDatasetBytes / elementBytes / count_) throw tooManyImages(place_);
        count_ *= taken_[axis];
    }
}

bool Hdf5Array::holdsBytes() const {
    return H5Tget_class(type_.get()) == H5T_INTEGER && H5Tget_size(type_.get()) == 1 &&
           H5Tget_sign(type_.get()) == H5T_SGN_NONE;
}

void Hdf5Array::checkFilters() const {
    registerLzfFilter();
    const int filters = H5Pget_nfilters(settings_.get());
    for (int i = 0; i < filters; ++i) {
        unsigned flags = 0;
        unsigned config = 0;
        std::size_t values = 0;
        char name[64] = {};
        const H5Z_filter_t id = H5Pget_filter2(settings_.get(), static_cast<unsigned>(i), &flags,
                                               &values, nullptr, sizeof name - 1, name, &config);
        if (H5Zfilter_avail(id) > 0) continue;
        throw Error(place_, "is packed with the filter " + std::to_string(id) +
                                (name[0] != '\0' ? " (" + std::string(name) + ")" : "") +
                                ", which the installed HDF5 library doesn't have");
    }
}

void Hdf5Array::checkSources(const std::string& path) const {
    const fs::path folder = fs::path(path).parent_path();
    std::size_t sources = 0;
    if (H5Pget_virtual_count(settings_.get(), &sources) < 0) {
        throw Error(place_, "has no readable list of its sources");
    }
    double known = 0;
    for (std::size_t i = 0; i < sources; ++i) {
        const std::string name = nameFrom(
            [&](char* text, std::size_t size) {
                return H5Pget_virtual_filename(settings_.get(), i, text, size);
            },
            place_);
        const std::string array = nameFrom(
            [&](char* text, std::size_t size) {
                return H5Pget_virtual_dsetname(settings_.get(), i, text, size);
            },
            place_);
        if (!staysInside(name) || name.find('%') != std::string::npos) {
            throw Error(place_, "is a virtual data set of '" + name +
                                    "'; expected sources in the folder of the file or below");
        }
        const fs::path source = name == "." ? fs::path(path) : folder / name;
        std::error_code unknown;
        if (!fs::is_regular_file(source, unknown)) {
            throw Error(place_,
                        "is a virtual data set of " + source.string() + ", which is missing");
        }
        // The library would take zeros for what is not there; opening finds out what is wrong.
        const FileHandle file =
            opened(FileHandle(H5Fopen(source.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)),
                   source.string(), "is not a readable HDF5 file: truncated or corrupted");
        const DatasetHandle part = openDataset(file, array, source.string() + ":" + array);
        const PropertyHandle settings =
            opened(PropertyHandle(H5Dget_create_plist(part.get())), place_, "has a broken source");
        if (H5Pget_layout(settings.get()) == H5D_VIRTUAL ||
            H5Pget_external_count(settings.get()) != 0) {
            throw Error(source.string() + ":" + array, "has its data in other files again");
        }
        const SpaceHandle mapped = opened(SpaceHandle(H5Pget_virtual_vspace(settings_.get(), i)),
                                          place_, "has a broken source");
        known += static_cast<double>(H5Sget_select_npoints(mapped.get()));
    }
    double elements = 1;
    for (const hsize_t size : sizes_) elements *= static_cast<double>(size);
    if (known != elements) {
        throw Error(place_, "is a virtual data set of " + shortestNumber(elements) +
                                " values; its sources have " + shortestNumber(known));
    }
}

/// Refuses a shape that the file is too small for: reading it would take memory and time without
/// end. A byte of a compressed file holds at most 1032 (the limit of deflate; lzf packs less), and
/// no chunk takes no bytes.
void Hdf5Array::checkStored(const FileHandle& file) const {
    hsize_t fileBytes = 0;
    if (H5Fget_filesize(file.get(), &fileBytes) < 0) {
        throw Error(place_, "the size of its file cannot be read");
    }
    constexpr hsize_t kMostPerByte = 1040;
    const bool chunked = H5Pget_layout(settings_.get()) == H5D_CHUNKED;
    const bool packed = chunked && H5Pget_nfilters(settings_.get()) > 0;
    const auto elementBytes = static_cast<double>(H5Tget_size(type_.get()));
    double bytes = elementBytes;
    for (const hsize_t size : sizes_) bytes *= static_cast<double>(size);
    double chunks = 0;
    if (chunked) {
        std::vector<hsize_t> sides(sizes_.size());
        const int rank = static_cast<int>(sides.size());
        if (H5Pget_chunk(settings_.get(), rank, sides.data()) != rank) {
            throw Error(place_, "has no readable layout");
        }
        chunks = 1;
        double chunkBytes = elementBytes;
        for (std::size_t i = 0; i < sides.size(); ++i) {
            if (sides[i] == 0) throw Error(place_, "has chunks of size 0");
            chunks *= std::ceil(static_cast<double>(sizes_[i]) / static_cast<double>(sides[i]));
            chunkBytes *= static_cast<double>(sides[i]);
        }
        if (chunkBytes > static_cast<double>(kMostPerByte * fileBytes)) {
            throw Error(place_, "has chunks larger than its file can hold: corrupted");
        }
        if (chunkBytes > static_cast<double>(kMaxDatasetBytes)) throw tooManyImages(place_);
    }
    if (bytes > static_cast<double>((packed ? kMostPerByte : 1) * fileBytes) ||
        chunks > static_cast<double>(fileBytes)) {
        throw Error(place_, "should have " + shortestNumber(bytes) +
                                " bytes, more than a file of " + std::to_string(fileBytes) +
                                " can hold: truncated or corrupted");
    }
    // The library would take zeros for what was never written.
    hsize_t stored = 0;
    if (chunked) {
        const SpaceHandle space(H5Dget_space(dataset_.get()));
        if (H5Dget_num_chunks(dataset_.get(), space.get(), &stored) < 0 ||
            static_cast<double>(stored) < chunks) {
            throw Error(place_, "has chunks that are missing: never written, or corrupted");
        }
    } else if (static_cast<double>(H5Dget_storage_size(dataset_.get())) < bytes) {
        throw Error(place_, "has less data than its shape asks for: truncated or corrupted");
    }
}

void Hdf5Array::read(hid_t memoryType, void* values) const {
    const std::vector<hsize_t> origin(taken_.size(), 0);
    const SpaceHandle memory(
        H5Screate_simple(static_cast<int>(taken_.size()), taken_.data(), nullptr));
    const SpaceHandle part(H5Dget_space(dataset_.get()));
    if (H5Sselect_hyperslab(part.get(), H5S_SELECT_SET, origin.data(), nullptr, taken_.data(),
                            nullptr) < 0 ||
        H5Dread(dataset_.get(), memoryType, memory.get(), part.get(), H5P_DEFAULT, values) < 0) {
        throw Error(place_, "cannot be read: truncated or corrupted");
    }
}

}  // namespace brownout
