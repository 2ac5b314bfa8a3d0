#pragma once

#include <hdf5.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/hdf5/hdf5_handle.h"

namespace brownout {

/// An array of numbers in an HDF5 file, of which the first rows are used.
///
/// Its values may be packed with any filter that the installed HDF5 library has, and lzf; they may
/// be spread over other files (a virtual data set) if these lie in the folder of the file or below.
class Hdf5Array {
 public:
    /// Opens the data set `name` of the file at `path` for reading its first `most` rows. Throws
    /// Error naming file and data set if there is no such array, if it can't be whole, or if those
    /// rows take more than kMaxDatasetBytes.
    Hdf5Array(const FileHandle& file, const std::string& path, const std::string& name,
              std::size_t most);

    /// Returns "FILE:/NAME".
    const std::string& place() const { return place_; }
    /// Returns the sizes of its axes in the file; at least one axis, none of size 0.
    const std::vector<hsize_t>& sizes() const { return sizes_; }
    /// Returns the number of elements of the rows that are used.
    std::size_t count() const { return count_; }
    /// Returns true if its elements are bytes without a sign.
    bool holdsBytes() const;

    /// Reads the rows that are used, count() elements of `memoryType`. Throws Error.
    void read(hid_t memoryType, void* values) const;

 private:
    void takeShape(std::size_t most);
    void checkFilters() const;
    void checkSources(const std::string& path) const;
    void checkStored(const FileHandle& file) const;

    std::string place_;
    DatasetHandle dataset_;
    TypeHandle type_;
    PropertyHandle settings_;
    std::vector<hsize_t> sizes_;
    std::vector<hsize_t> taken_;  ///< sizes_ of the part that is read
    std::size_t count_ = 1;
};

}  // namespace brownout
