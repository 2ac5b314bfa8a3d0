#pragma once

// All of this is called inside an Hdf5Session.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/hdf5/hdf5_handle.h"
#include "profiles/hdf5/hdf5_stored_array.h"

namespace brownout {

/// Opens a file for reading. Throws Error naming the file.
FileHandle openHdf5(const std::filesystem::path& path);

/// A dataset of one dimension of numbers, no larger than what is stored of it can hold.
class Hdf5Dataset {
 public:
    Hdf5Dataset(hid_t parent, const std::string& name, std::string place);

    std::uint64_t size() const { return array_.shape().front(); }
    void close() { array_.close(); }
    const std::string& place() const { return array_.place(); }

    /// Reads elements from `first` on. The range must lie inside size(). Throws Error if the type
    /// is of another class.
    std::vector<double> numbers(std::uint64_t first, std::uint64_t count) const;
    /// Reads elements in single precision, as numbers() does.
    std::vector<float> singles(std::uint64_t first, std::uint64_t count) const;
    /// Reads integers as numbers() does. Throws Error for a negative one, too.
    std::vector<std::uint64_t> unsignedIntegers(std::uint64_t first, std::uint64_t count) const;

    [[noreturn]] void fail(const std::string& problem) const { array_.fail(problem); }

 private:
    void requireFloat() const;
    void read(hid_t memoryType, std::uint64_t first, std::uint64_t count, void* out) const;

    Hdf5StoredArray array_;
};

class Hdf5Grid;

/// A group whose errors name the file and the group.
class Hdf5Group {
 public:
    /// Opens the root group.
    Hdf5Group(const FileHandle& file, const std::filesystem::path& path);

    bool has(const std::string& child) const;
    Hdf5Group group(const std::string& child) const;
    Hdf5Dataset dataset(const std::string& child) const;
    Hdf5Grid grid(const std::string& child) const;
    /// Reads a dataset of one dimension of strings, at most `most` of them.
    std::vector<std::string> textColumn(const std::string& child, std::size_t most) const;
    const std::string& place() const { return place_; }

    bool hasAttribute(const std::string& name) const;
    /// Reads a string attribute, of fixed or variable length.
    std::string text(const std::string& name) const;
    /// Reads an attribute of one dimension of strings.
    std::vector<std::string> texts(const std::string& name) const;
    /// Reads a finite number.
    double number(const std::string& name) const;
    /// Reads an integer in [least, most].
    std::uint64_t integer(const std::string& name, std::uint64_t least, std::uint64_t most) const;
    /// Reads `count` integers, none negative.
    std::vector<std::uint64_t> integers(const std::string& name, std::size_t count) const;

    /// Returns the names of the groups and datasets in this one.
    std::vector<std::string> children() const;
    /// Returns the names of the group's attributes.
    std::vector<std::string> attributes() const;

    [[noreturn]] void fail(const std::string& problem) const;

 private:
    Hdf5Group(hid_t parent, const std::string& name, std::string place);
    std::string placeOf(const std::string& child) const;
    void requireChild(const std::string& child) const;

    std::string place_;
    GroupHandle group_;
};

}  // namespace brownout
