#include "profiles/hdf5/hdf5_reader.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "profiles/hdf5/hdf5_attribute.h"
#include "profiles/hdf5/hdf5_grid.h"

namespace brownout {
namespace {

// Deflate compresses by at most 1032 to 1, fletcher32 and headers only add.
constexpr double kLargestCompression = 1100;

herr_t collectLink(hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* data) {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
}

herr_t collectAttribute(hid_t /*object*/, const char* name, const H5A_info_t* /*info*/,
                        void* data) {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
}

}  // namespace

FileHandle openHdf5(const std::filesystem::path& path) {
    const PropertyHandle access(H5Pcreate(H5P_FILE_ACCESS));
    // Profiles are replaced as a whole, never changed in place, so there is nothing to lock; and
    // locks fail on some network file systems.
    H5Pset_file_locking(access.get(), false, true);
    FileHandle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
    if (!file) {
        throw Error(path.string(), "is no HDF5 file or is damaged: " + takeHdf5Reason());
    }
    return file;
}

Hdf5Dataset::Hdf5Dataset(hid_t parent, const std::string& name, std::string place)
    : array_(parent, name, std::move(place), 1, "1") {
    if (!isStandardFloat(array_.type().get()) && !isStandardInteger(array_.type().get())) {
        fail("holds no plain numbers");
    }
    array_.requireStored(array_.chunked() ? kLargestCompression : 1);
}

void Hdf5Dataset::requireFloat() const {
    if (!isStandardFloat(array_.type().get())) fail("holds no floating-point numbers");
}

std::vector<double> Hdf5Dataset::numbers(std::uint64_t first, std::uint64_t count) const {
    requireFloat();
    std::vector<double> values(count);
    read(H5T_NATIVE_DOUBLE, first, count, values.data());
    return values;
}

std::vector<float> Hdf5Dataset::singles(std::uint64_t first, std::uint64_t count) const {
    requireFloat();
    std::vector<float> values(count);
    read(H5T_NATIVE_FLOAT, first, count, values.data());
    return values;
}

std::vector<std::uint64_t> Hdf5Dataset::unsignedIntegers(std::uint64_t first,
                                                         std::uint64_t count) const {
    if (!isStandardInteger(array_.type().get())) fail("holds no integers");
    std::vector<std::uint64_t> values(count);
    if (H5Tget_sign(array_.type().get()) == H5T_SGN_NONE) {
        read(H5T_NATIVE_UINT64, first, count, values.data());
        return values;
    }
    std::vector<std::int64_t> integers(count);
    read(H5T_NATIVE_INT64, first, count, integers.data());
    for (std::size_t i = 0; i < integers.size(); ++i) {
        if (integers[i] < 0) {
            fail("element " + std::to_string(first + i) +
                 " is negative: " + std::to_string(integers[i]));
        }
        values[i] = static_cast<std::uint64_t>(integers[i]);
    }
    return values;
}

void Hdf5Dataset::read(hid_t memoryType, std::uint64_t first, std::uint64_t count,
                       void* out) const {
    if (count == 0) return;
    const hsize_t start = first;
    const hsize_t extent = count;
    array_.read(memoryType, &start, &extent, out);
}

Hdf5Group::Hdf5Group(const FileHandle& file, const std::filesystem::path& path)
    : place_(path.string() + ":/"), group_(H5Gopen2(file.get(), "/", H5P_DEFAULT)) {
    if (!group_) fail("can't be read: " + takeHdf5Reason());
}

Hdf5Group::Hdf5Group(hid_t parent, const std::string& name, std::string place)
    : place_(std::move(place)), group_(H5Gopen2(parent, name.c_str(), H5P_DEFAULT)) {
    if (!group_) fail("can't be opened as a group: " + takeHdf5Reason());
}

std::string Hdf5Group::placeOf(const std::string& child) const {
    return place_ + (place_.back() == '/' ? "" : "/") + child;
}

bool Hdf5Group::has(const std::string& child) const {
    return H5Lexists(group_.get(), child.c_str(), H5P_DEFAULT) > 0;
}

void Hdf5Group::requireChild(const std::string& child) const {
    const htri_t exists = H5Lexists(group_.get(), child.c_str(), H5P_DEFAULT);
    if (exists < 0) fail("is damaged: " + takeHdf5Reason());
    if (exists == 0) throw Error(placeOf(child), "is missing");
    H5L_info_t info;
    if (H5Lget_info(group_.get(), child.c_str(), &info, H5P_DEFAULT) < 0) {
        throw Error(placeOf(child), "can't be read: " + takeHdf5Reason());
    }
    // A profile is one file: following a link elsewhere could read anything.
    if (info.type != H5L_TYPE_HARD)
        throw Error(placeOf(child), "is a link, which profiles don't use");
}

Hdf5Group Hdf5Group::group(const std::string& child) const {
    requireChild(child);
    return Hdf5Group(group_.get(), child, placeOf(child));
}

Hdf5Dataset Hdf5Group::dataset(const std::string& child) const {
    requireChild(child);
    return Hdf5Dataset(group_.get(), child, placeOf(child));
}

Hdf5Grid Hdf5Group::grid(const std::string& child) const {
    requireChild(child);
    return Hdf5Grid(group_.get(), child, placeOf(child));
}

std::vector<std::string> Hdf5Group::textColumn(const std::string& child, std::size_t most) const {
    requireChild(child);
    const Hdf5StoredArray array(group_.get(), child, placeOf(child), 1, "1");
    const hsize_t count = array.shape().front();
    if (count > most) {
        array.fail("has " + std::to_string(count) + " elements; expected at most " +
                   std::to_string(most));
    }
    return readTexts(
        array.type(), static_cast<std::size_t>(count),
        [&](hid_t memoryType, void* out) { array.readAll(memoryType, out); },
        [&](const std::string& problem) { array.fail(problem); });
}

bool Hdf5Group::hasAttribute(const std::string& name) const {
    return H5Aexists(group_.get(), name.c_str()) > 0;
}

std::string Hdf5Group::text(const std::string& name) const {
    const Hdf5Attribute attribute(group_.get(), name, place_);
    if (attribute.count() != 1) attribute.fail("has not one value");
    return attribute.texts().front();
}

std::vector<std::string> Hdf5Group::texts(const std::string& name) const {
    return Hdf5Attribute(group_.get(), name, place_).texts();
}

double Hdf5Group::number(const std::string& name) const {
    const Hdf5Attribute attribute(group_.get(), name, place_);
    if (attribute.count() != 1) attribute.fail("has not one value");
    const double value = attribute.numbers().front();
    if (!std::isfinite(value)) attribute.fail("is not finite");
    return value;
}

std::uint64_t Hdf5Group::integer(const std::string& name, std::uint64_t least,
                                 std::uint64_t most) const {
    const Hdf5Attribute attribute(group_.get(), name, place_);
    if (attribute.count() != 1) attribute.fail("has not one value");
    const std::uint64_t value = attribute.unsignedIntegers().front();
    if (value < least || value > most) {
        attribute.fail("is " + std::to_string(value) + "; expected " + std::to_string(least) +
                       " to " + std::to_string(most));
    }
    return value;
}

std::vector<std::uint64_t> Hdf5Group::integers(const std::string& name, std::size_t count) const {
    const Hdf5Attribute attribute(group_.get(), name, place_);
    if (attribute.count() != count) {
        attribute.fail("has " + std::to_string(attribute.count()) + " values; expected " +
                       std::to_string(count));
    }
    return attribute.unsignedIntegers();
}

std::vector<std::string> Hdf5Group::children() const {
    std::vector<std::string> names;
    hsize_t position = 0;
    if (H5Literate(group_.get(), H5_INDEX_NAME, H5_ITER_INC, &position, collectLink, &names) < 0) {
        fail("is damaged: " + takeHdf5Reason());
    }
    return names;
}

std::vector<std::string> Hdf5Group::attributes() const {
    std::vector<std::string> names;
    hsize_t position = 0;
    if (H5Aiterate2(group_.get(), H5_INDEX_NAME, H5_ITER_INC, &position, collectAttribute, &names) <
        0) {
        fail("is damaged: " + takeHdf5Reason());
    }
    return names;
}

void Hdf5Group::fail(const std::string& problem) const { throw Error(place_, problem); }

}  // namespace brownout
