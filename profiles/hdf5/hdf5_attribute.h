#pragma once

// All of this is called inside an Hdf5Session.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/hdf5/hdf5_handle.h"

namespace brownout {

/// An open attribute whose errors name the file, the object and the attribute.
class Hdf5Attribute {
 public:
    /// Opens an attribute. `owner` is the place of the object it belongs to.
    Hdf5Attribute(hid_t object, const std::string& name, const std::string& owner);

    std::size_t count() const { return count_; }
    std::vector<std::string> texts() const;
    std::vector<double> numbers() const;
    std::vector<std::uint64_t> unsignedIntegers() const;

    [[noreturn]] void fail(const std::string& problem) const;

 private:
    void read(hid_t memoryType, void* out) const;

    std::string owner_;
    std::string name_;
    AttributeHandle attribute_;
    TypeHandle type_;
    std::size_t count_ = 0;
};

/// Returns `count` strings of `type`, fixed or variable length, as `read(memoryType, out)` gets
/// them from the file; `fail` throws the problem.
std::vector<std::string> readTexts(const TypeHandle& type, std::size_t count,
                                   const std::function<void(hid_t, void*)>& read,
                                   const std::function<void(const std::string&)>& fail);

/// Returns true for the standard integers of 1 to 8 bytes; anything more exotic is refused before
/// the library converts it.
bool isStandardInteger(hid_t type);
/// Returns true for the IEEE numbers of 4 and 8 bytes.
bool isStandardFloat(hid_t type);

}  // namespace brownout
