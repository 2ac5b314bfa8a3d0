#include "profiles/hdf5/hdf5_writer.h"

#include <hdf5_hl.h>

#include <algorithm>

#include "base/error.h"
#include "profiles/hdf5/file_seal.h"

namespace brownout {
namespace {

constexpr hsize_t kChunkElements = 1 << 16;
constexpr unsigned kDeflateLevel = 6;
// Counts are nearly all zeros: level 4 is the fastest that packs long runs of them well.
constexpr unsigned kGridDeflateLevel = 4;
// Room for the chunks that arrays added in any order fill bit by bit; slots: a prime well above
// their number.
constexpr std::size_t kGridCacheBytes = std::size_t{16} << 20;
constexpr std::size_t kGridCacheSlots = 12007;

TypeHandle textType(std::size_t length) {
    TypeHandle type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), std::max<std::size_t>(length, 1));
    H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

/// Texts one after the other, each as long as the longest.
std::string paddedTexts(const std::vector<std::string>& values, std::size_t& longest) {
    for (const std::string& value : values) longest = std::max(longest, value.size());
    std::string padded;
    for (const std::string& value : values) {
        padded += value;
        padded.append(longest - value.size(), '\0');
    }
    return padded;
}

SpaceHandle row(hsize_t size) { return SpaceHandle(H5Screate_simple(1, &size, nullptr)); }

}  // namespace

Hdf5Output::Hdf5Output(const std::filesystem::path& temporary, std::string name)
    : name_(std::move(name)) {
    const PropertyHandle access(H5Pcreate(H5P_FILE_ACCESS));
    H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18);
    output_.useIn(access);
    H5Pset_fclose_degree(access.get(), H5F_CLOSE_SEMI);
    const PropertyHandle creation(H5Pcreate(H5P_FILE_CREATE));
    H5Pset_userblock(creation.get(), kSealBytes);
    H5Pset_obj_track_times(creation.get(), false);
    file_ = FileHandle(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()));
    check(static_cast<bool>(file_));
}

void Hdf5Output::check(bool good) {
    const std::string reason = good ? "" : takeHdf5Reason();
    if (output_.errorNumber() != 0) {
        throw ioError(name_, "cannot be written", output_.errorNumber());
    }
    if (!good) throw Error(name_, "cannot be written: " + reason);
}

GroupHandle Hdf5Output::root() {
    GroupHandle group(H5Gopen2(file_.get(), "/", H5P_DEFAULT));
    check(static_cast<bool>(group));
    return group;
}

GroupHandle Hdf5Output::makeGroup(const GroupHandle& parent, const std::string& name) {
    const PropertyHandle creation(H5Pcreate(H5P_GROUP_CREATE));
    H5Pset_obj_track_times(creation.get(), false);
    GroupHandle group(
        H5Gcreate2(parent.get(), name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
    check(static_cast<bool>(group));
    return group;
}

void Hdf5Output::setAttribute(hid_t object, const std::string& name, hid_t fileType,
                              hid_t memoryType, const SpaceHandle& space, const void* value) {
    const AttributeHandle attribute(
        H5Acreate2(object, name.c_str(), fileType, space.get(), H5P_DEFAULT, H5P_DEFAULT));
    check(attribute && H5Awrite(attribute.get(), memoryType, value) >= 0);
}

void Hdf5Output::setText(hid_t object, const std::string& name, const std::string& value) {
    const TypeHandle type = textType(value.size());
    setAttribute(object, name, type.get(), type.get(), SpaceHandle(H5Screate(H5S_SCALAR)),
                 value.c_str());
}

void Hdf5Output::setTexts(hid_t object, const std::string& name,
                          const std::vector<std::string>& values) {
    std::size_t longest = 1;
    const std::string padded = paddedTexts(values, longest);
    const TypeHandle type = textType(longest);
    setAttribute(object, name, type.get(), type.get(), row(values.size()), padded.c_str());
}

void Hdf5Output::setNumber(hid_t object, const std::string& name, double value) {
    setAttribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                 SpaceHandle(H5Screate(H5S_SCALAR)), &value);
}

void Hdf5Output::setIntegers(hid_t object, const std::string& name,
                             const std::vector<std::uint32_t>& values) {
    setAttribute(object, name, H5T_STD_U32LE, H5T_NATIVE_UINT32, row(values.size()), values.data());
}

void Hdf5Output::setInteger(hid_t object, const std::string& name, std::uint32_t value) {
    setAttribute(object, name, H5T_STD_U32LE, H5T_NATIVE_UINT32, SpaceHandle(H5Screate(H5S_SCALAR)),
                 &value);
}

void Hdf5Output::setInteger64(hid_t object, const std::string& name, std::uint64_t value) {
    setAttribute(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, SpaceHandle(H5Screate(H5S_SCALAR)),
                 &value);
}

DatasetHandle Hdf5Output::addColumn(const GroupHandle& parent, const std::string& name,
                                    const std::vector<double>& values, const std::string& unit) {
    const PropertyHandle creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(creation.get(), false);
    H5Pset_layout(creation.get(), H5D_COMPACT);
    const SpaceHandle space = row(values.size());
    DatasetHandle dataset(H5Dcreate2(parent.get(), name.c_str(), H5T_IEEE_F64LE, space.get(),
                                     H5P_DEFAULT, creation.get(), H5P_DEFAULT));
    check(dataset && H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                              values.data()) >= 0);
    if (!unit.empty()) setText(dataset.get(), "unit", unit);
    return dataset;
}

DatasetHandle Hdf5Output::addTextColumn(const GroupHandle& parent, const std::string& name,
                                        const std::vector<std::string>& values) {
    std::size_t longest = 1;
    const std::string padded = paddedTexts(values, longest);
    const TypeHandle type = textType(longest);
    const PropertyHandle creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(creation.get(), false);
    H5Pset_layout(creation.get(), H5D_COMPACT);
    const SpaceHandle space = row(values.size());
    DatasetHandle dataset(H5Dcreate2(parent.get(), name.c_str(), type.get(), space.get(),
                                     H5P_DEFAULT, creation.get(), H5P_DEFAULT));
    check(dataset &&
          H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.c_str()) >= 0);
    return dataset;
}

void Hdf5Output::attachScale(const DatasetHandle& scale, const std::string& name,
                             const std::vector<const DatasetHandle*>& columns, unsigned dimension) {
    check(H5DSset_scale(scale.get(), name.c_str()) >= 0);
    for (const DatasetHandle* column : columns) {
        check(H5DSattach_scale(column->get(), scale.get(), dimension) >= 0);
    }
}

void Hdf5Output::labelDimension(const DatasetHandle& dataset, unsigned dimension,
                                const std::string& label) {
    check(H5DSset_label(dataset.get(), dimension, label.c_str()) >= 0);
}

DatasetHandle Hdf5Output::addGrowing(const GroupHandle& parent, const std::string& name,
                                     hid_t fileType) {
    const PropertyHandle creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(creation.get(), false);
    H5Pset_chunk(creation.get(), 1, &kChunkElements);
    H5Pset_shuffle(creation.get());
    H5Pset_deflate(creation.get(), kDeflateLevel);
    H5Pset_fletcher32(creation.get());
    const hsize_t none = 0;
    const hsize_t unlimited = H5S_UNLIMITED;
    const SpaceHandle space(H5Screate_simple(1, &none, &unlimited));
    DatasetHandle dataset(H5Dcreate2(parent.get(), name.c_str(), fileType, space.get(), H5P_DEFAULT,
                                     creation.get(), H5P_DEFAULT));
    check(static_cast<bool>(dataset));
    return dataset;
}

void Hdf5Output::append(const DatasetHandle& dataset, std::uint64_t size, hid_t memoryType,
                        const void* values, std::uint64_t count) {
    if (count == 0) return;
    const hsize_t start = size;
    const hsize_t extent = count;
    const hsize_t grown = size + count;
    check(H5Dset_extent(dataset.get(), &grown) >= 0);
    const SpaceHandle fileSpace(H5Dget_space(dataset.get()));
    const SpaceHandle memorySpace = row(extent);
    check(H5Sselect_hyperslab(fileSpace.get(), H5S_SELECT_SET, &start, nullptr, &extent, nullptr) >=
              0 &&
          H5Dwrite(dataset.get(), memoryType, memorySpace.get(), fileSpace.get(), H5P_DEFAULT,
                   values) >= 0);
}

DatasetHandle Hdf5Output::addGrid(const GroupHandle& parent, const std::string& name,
                                  hid_t fileType, const std::vector<hsize_t>& shape,
                                  const std::vector<hsize_t>& chunk, std::uint32_t fill) {
    const PropertyHandle creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(creation.get(), false);
    H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_fill_value(creation.get(), H5T_NATIVE_UINT32, &fill);
    H5Pset_shuffle(creation.get());
    H5Pset_deflate(creation.get(), kGridDeflateLevel);
    H5Pset_fletcher32(creation.get());
    const PropertyHandle access(H5Pcreate(H5P_DATASET_ACCESS));
    H5Pset_chunk_cache(access.get(), kGridCacheSlots, kGridCacheBytes, 1.0);
    const SpaceHandle space(
        H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    DatasetHandle dataset(H5Dcreate2(parent.get(), name.c_str(), fileType, space.get(), H5P_DEFAULT,
                                     creation.get(), access.get()));
    check(static_cast<bool>(dataset));
    return dataset;
}

void Hdf5Output::writeBox(const DatasetHandle& dataset, const std::vector<hsize_t>& start,
                          const std::vector<hsize_t>& extent, hid_t memoryType,
                          const void* values) {
    const SpaceHandle fileSpace(H5Dget_space(dataset.get()));
    const SpaceHandle memorySpace(
        H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
    check(H5Sselect_hyperslab(fileSpace.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(),
                              nullptr) >= 0 &&
          H5Dwrite(dataset.get(), memoryType, memorySpace.get(), fileSpace.get(), H5P_DEFAULT,
                   values) >= 0);
}

void Hdf5Output::finish() {
    const bool closed = file_.close();
    check(closed);
}

}  // namespace brownout
