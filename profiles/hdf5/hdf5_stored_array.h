#pragma once

// All of this is called inside an Hdf5Session.

#include <cstdint>
#include <string>
#include <vector>

#include "base/hdf5/hdf5_handle.h"

namespace brownout {

/// An open dataset of any shape, whose errors name the file and the dataset: what those of one
/// dimension (Hdf5Dataset, Hdf5Group::textColumn) and counts (Hdf5Grid) have in common. A damaged
/// header can claim anything, so sizes are checked before memory is taken for them.
class Hdf5StoredArray {
 public:
    /// Opens a dataset. `expected` is what errors say of the dimensions, beginning with their
    /// number. Throws Error if there are others, if it is stored in a way that profiles don't use,
    /// or if a chunk has more than 16 MiB.
    Hdf5StoredArray(hid_t parent, const std::string& name, std::string place, unsigned dimensions,
                    const std::string& expected);

    const std::string& place() const { return place_; }
    const TypeHandle& type() const { return type_; }
    std::size_t elementBytes() const { return elementBytes_; }
    const std::vector<hsize_t>& shape() const { return shape_; }
    bool chunked() const { return chunked_; }
    /// Returns the shape of a chunk: the whole shape where it isn't chunked.
    const std::vector<hsize_t>& chunk() const { return chunk_; }
    hid_t dataset() const { return dataset_.get(); }
    void close() { dataset_.close(), type_.close(); }

    /// Checks how much is stored. Throws Error if it is less than the bytes of all elements divided
    /// by `compression`.
    void requireStored(double compression) const;

    /// Reads the elements from `start` on, `extent` of them in each dimension, all inside the
    /// shape.
    void read(hid_t memoryType, const hsize_t* start, const hsize_t* extent, void* out) const;
    void readAll(hid_t memoryType, void* out) const;

    [[noreturn]] void fail(const std::string& problem) const;

 private:
    void checkLayout();

    std::string place_;
    DatasetHandle dataset_;
    TypeHandle type_;
    std::size_t elementBytes_ = 0;
    std::vector<hsize_t> shape_;
    std::vector<hsize_t> chunk_;
    bool chunked_ = false;
};

/// Returns a shape as text, "2 x 3 x 4".
std::string textOfShape(const std::vector<hsize_t>& shape);

}  // namespace brownout
