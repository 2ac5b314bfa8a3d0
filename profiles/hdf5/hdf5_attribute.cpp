#include "profiles/hdf5/hdf5_attribute.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

// Attributes of a profile are short; a damaged header can claim anything.
constexpr hssize_t kMostElements = 1 << 16;
constexpr std::size_t kLongestText = 1 << 16;

bool isOneOf(hid_t type, const std::vector<hid_t>& standard) {
    for (const hid_t one : standard) {
        if (H5Tequal(type, one) > 0) return true;
    }
    return false;
}

/// Cuts a fixed-length string at its padding.
std::string unpadded(const char* text, std::size_t size, H5T_str_t padding) {
    std::string value(text, size);
    value.resize(std::min(value.size(), value.find('\0')));
    if (padding == H5T_STR_SPACEPAD) value.resize(value.find_last_not_of(' ') + 1);
    return value;
}

}  // namespace

bool isStandardInteger(hid_t type) {
    return isOneOf(type, {H5T_STD_U8LE, H5T_STD_U16LE, H5T_STD_U32LE, H5T_STD_U64LE, H5T_STD_I8LE,
                          H5T_STD_I16LE, H5T_STD_I32LE, H5T_STD_I64LE, H5T_STD_U8BE, H5T_STD_U16BE,
                          H5T_STD_U32BE, H5T_STD_U64BE, H5T_STD_I8BE, H5T_STD_I16BE, H5T_STD_I32BE,
                          H5T_STD_I64BE});
}

bool isStandardFloat(hid_t type) {
    return isOneOf(type, {H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_IEEE_F64BE});
}

Hdf5Attribute::Hdf5Attribute(hid_t object, const std::string& name, const std::string& owner)
    : owner_(owner), name_(name) {
    const htri_t exists = H5Aexists(object, name.c_str());
    if (exists == 0) throw Error(owner, "attribute '" + name + "' is missing");
    attribute_ =
        AttributeHandle(exists < 0 ? H5I_INVALID_HID : H5Aopen(object, name.c_str(), H5P_DEFAULT));
    if (!attribute_) fail("can't be read: " + takeHdf5Reason());
    type_ = TypeHandle(H5Aget_type(attribute_.get()));
    const SpaceHandle space(H5Aget_space(attribute_.get()));
    if (!type_ || !space) fail("can't be read: " + takeHdf5Reason());
    const hssize_t count = H5Sget_simple_extent_npoints(space.get());
    if (H5Sget_simple_extent_ndims(space.get()) > 1) {
        fail("has more than one dimension");
    }
    if (count < 0 || count > kMostElements) {
        fail("claims " + std::to_string(count) + " elements; expected at most " +
             std::to_string(kMostElements));
    }
    count_ = static_cast<std::size_t>(count);
}

std::vector<std::string> readTexts(const TypeHandle& type, std::size_t count,
                                   const std::function<void(hid_t, void*)>& read,
                                   const std::function<void(const std::string&)>& fail) {
    if (H5Tget_class(type.get()) != H5T_STRING) fail("is no string");
    std::vector<std::string> values;
    if (count == 0) return values;
    if (H5Tis_variable_str(type.get()) > 0) {
        std::vector<char*> strings(count, nullptr);
        read(type.get(), strings.data());
        std::size_t longest = 0;
        for (char* text : strings) {
            values.emplace_back(text != nullptr ? text : "");
            longest = std::max(longest, values.back().size());
            H5free_memory(text);
        }
        if (longest > kLongestText) fail("is longer than 65,536 characters");
        return values;
    }
    const std::size_t size = H5Tget_size(type.get());
    if (size == 0 || size > kLongestText) {
        fail("claims strings of " + std::to_string(size) + " characters; expected at most 65,536");
    }
    if (size * count > (std::size_t{1} << 24)) fail("claims more than 16 MiB of text");
    std::vector<char> buffer(size * count);
    read(type.get(), buffer.data());
    const H5T_str_t padding = H5Tget_strpad(type.get());
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(unpadded(&buffer[i * size], size, padding));
    }
    return values;
}

std::vector<std::string> Hdf5Attribute::texts() const {
    return readTexts(
        type_, count_, [this](hid_t memoryType, void* out) { read(memoryType, out); },
        [this](const std::string& problem) { fail(problem); });
}

std::vector<double> Hdf5Attribute::numbers() const {
    if (!isStandardFloat(type_.get()) && !isStandardInteger(type_.get())) fail("is no number");
    std::vector<double> values(count_);
    if (count_ > 0) read(H5T_NATIVE_DOUBLE, values.data());
    return values;
}

std::vector<std::uint64_t> Hdf5Attribute::unsignedIntegers() const {
    if (!isStandardInteger(type_.get())) fail("is no integer");
    std::vector<std::uint64_t> values(count_);
    if (count_ == 0) return values;
    if (H5Tget_sign(type_.get()) == H5T_SGN_NONE) {
        read(H5T_NATIVE_UINT64, values.data());
        return values;
    }
    // Read as what they are: the library would turn a negative number into zero.
    std::vector<std::int64_t> integers(count_);
    read(H5T_NATIVE_INT64, integers.data());
    for (std::size_t i = 0; i < count_; ++i) {
        if (integers[i] < 0) fail("is negative: " + std::to_string(integers[i]));
        values[i] = static_cast<std::uint64_t>(integers[i]);
    }
    return values;
}

void Hdf5Attribute::fail(const std::string& problem) const {
    throw Error(owner_, "attribute '" + name_ + "' " + problem);
}

void Hdf5Attribute::read(hid_t memoryType, void* out) const {
    if (H5Aread(attribute_.get(), memoryType, out) < 0) {
        fail("can't be read: " + takeHdf5Reason());
    }
}

}  // namespace brownout
