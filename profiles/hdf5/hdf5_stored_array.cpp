#include "profiles/hdf5/hdf5_stored_array.h"

#include "base/error.h"

namespace brownout {
namespace {

// FORMAT.md, "Datasets": a chunk is decompressed as a whole, so it may not be large.
constexpr std::uint64_t kLargestChunkBytes = std::uint64_t{16} << 20;

/// As a double: a damaged shape's number of elements can wrap around.
double elementsOf(const std::vector<hsize_t>& shape) {
    double product = 1;
    for (const hsize_t one : shape) product *= static_cast<double>(one);
    return product;
}

}  // namespace

std::string textOfShape(const std::vector<hsize_t>& shape) {
    std::string text;
    for (const hsize_t one : shape) text += (text.empty() ? "" : " x ") + std::to_string(one);
    return text;
}

Hdf5StoredArray::Hdf5StoredArray(hid_t parent, const std::string& name, std::string place,
                                 unsigned dimensions, const std::string& expected)
    : place_(std::move(place)), dataset_(H5Dopen2(parent, name.c_str(), H5P_DEFAULT)) {
    if (!dataset_) fail("can't be opened as a dataset: " + takeHdf5Reason());
    type_ = TypeHandle(H5Dget_type(dataset_.get()));
    const SpaceHandle space(H5Dget_space(dataset_.get()));
    if (!type_ || !space) fail("can't be read: " + takeHdf5Reason());
    elementBytes_ = H5Tget_size(type_.get());
    const int found = H5Sget_simple_extent_ndims(space.get());
    if (found != static_cast<int>(dimensions)) {
        fail("has " + std::to_string(found) + " dimensions; expected " + expected);
    }
    shape_.resize(dimensions);
    if (elementBytes_ == 0 || H5Sget_simple_extent_dims(space.get(), shape_.data(), nullptr) < 0) {
        fail("can't be read: " + takeHdf5Reason());
    }
    checkLayout();
}

void Hdf5StoredArray::checkLayout() {
    const PropertyHandle creation(H5Dget_create_plist(dataset_.get()));
    if (!creation) fail("can't be read: " + takeHdf5Reason());
    const H5D_layout_t layout = H5Pget_layout(creation.get());
    if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED) {
        fail("is stored in a way that profiles don't use");
    }
    if (H5Pget_external_count(creation.get()) != 0) fail("is stored in another file");
    chunked_ = layout == H5D_CHUNKED;
    chunk_ = shape_;
    if (!chunked_) return;
    const auto dimensions = static_cast<int>(shape_.size());
    if (H5Pget_chunk(creation.get(), dimensions, chunk_.data()) != dimensions) {
        fail("has damaged chunks");
    }
    const double bytes = elementsOf(chunk_) * static_cast<double>(elementBytes_);
    if (!(bytes >= 1 && bytes <= static_cast<double>(kLargestChunkBytes))) {
        fail("has chunks of " + textOfShape(chunk_) + " elements; expected at most 16 MiB");
    }
}

void Hdf5StoredArray::requireStored(double compression) const {
    const double bytes = elementsOf(shape_) * static_cast<double>(elementBytes_);
    const hsize_t stored = H5Dget_storage_size(dataset_.get());
    if (static_cast<double>(stored) < bytes / compression) {
        fail("claims " + textOfShape(shape_) + " elements but stores " + std::to_string(stored) +
             " bytes");
    }
}

void Hdf5StoredArray::read(hid_t memoryType, const hsize_t* start, const hsize_t* extent,
                           void* out) const {
    const SpaceHandle fileSpace(H5Dget_space(dataset_.get()));
    const SpaceHandle memorySpace(
        H5Screate_simple(static_cast<int>(shape_.size()), extent, nullptr));
    if (H5Sselect_hyperslab(fileSpace.get(), H5S_SELECT_SET, start, nullptr, extent, nullptr) < 0 ||
        H5Dread(dataset_.get(), memoryType, memorySpace.get(), fileSpace.get(), H5P_DEFAULT, out) <
            0) {
        fail("can't be read: " + takeHdf5Reason());
    }
}

void Hdf5StoredArray::readAll(hid_t memoryType, void* out) const {
    if (H5Dread(dataset_.get(), memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0) {
        fail("can't be read: " + takeHdf5Reason());
    }
}

void Hdf5StoredArray::fail(const std::string& problem) const { throw Error(place_, problem); }

}  // namespace brownout
